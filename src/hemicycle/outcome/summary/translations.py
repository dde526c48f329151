"""Queries of translations: the languages of a hearing, their progress, sentences side by side."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from hemicycle.before.registration.names import search_key
from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.summary.contents import (
    is_behind,
    is_published,
    public_languages,
    published_version,
    translated_rows,
)
from hemicycle.outcome.summary.models import (
    Section,
    Sentence,
    SentenceTranslation,
    Summary,
    SummaryVersion,
)
from hemicycle.outcome.summary.versions import translated_content
from hemicycle.ui.languages import OFFICIAL, SOURCE, base, is_spoken

MISSING, OUTDATED, DONE = "untranslated", "outdated", "translated"


def drafting_languages(hearing: Hearing) -> list[str]:
    """Return the languages in which a summary can be drafted, the most likely first.

    They are the hearing's languages, or the six official ones; the one in which the hearing's own
    words are written comes first. Languages without a catalogue of the interface are left out,
    since headings and standard phrases come from it.
    """
    offered = hearing.languages or OFFICIAL
    tags = [base(tag) for tag in (hearing.original_language, *offered) if tag and is_spoken(tag)]
    if not hearing.original_language and SOURCE in tags:
        tags.insert(0, SOURCE)  # the languages are in alphabetical order, not by likelihood
    return list(dict.fromkeys(tags)) or [SOURCE]


def languages_of(summary: Summary) -> list[str]:
    """Return the languages into which a summary is translated: all others of the hearing."""
    return [tag for tag in drafting_languages(summary.hearing) if tag != summary.language]


@dataclass(frozen=True, slots=True)
class SentencePair:
    """A sentence beside its translation.

    `offer` is a translation of the same words elsewhere in the summary, if the sentence has none.
    """

    row: Sentence
    translation: SentenceTranslation | None
    offer: SentenceTranslation | None = None

    @property
    def state(self) -> str:
        """Whether it is untranslated, translated, or translated from outdated words."""
        if self.translation is None:
            return MISSING
        return DONE if self.translation.follows(self.row) else OUTDATED

    @property
    def is_done(self) -> bool:
        """Whether it has a translation that is up to date."""
        return self.state == DONE


@dataclass(frozen=True, slots=True)
class SectionPairs:
    """A section with the sentences that the document shows."""

    section: Section
    pairs: tuple[SentencePair, ...]


@dataclass(frozen=True, slots=True)
class SummaryProgress:
    """How many sentences are translated, out of date, and missing in a language."""

    all: int
    done: int
    outdated: int

    @property
    def missing(self) -> int:
        """How many sentences have no translation."""
        return self.all - self.done - self.outdated

    @property
    def left(self) -> int:
        """How many sentences have no translation, or one that is out of date."""
        return self.all - self.done


def side_by_side(summary: Summary, language: str) -> list[SectionPairs]:
    """Return the sections with their sentences beside the translations: three queries."""
    translated = translated_rows(summary, language)
    same = {(row.of_text, row.of_addressee): row for row in translated.values()}
    sections = summary.sections.select_related("segment", "guiding_question")
    found = []
    for section in sections.prefetch_related("sentences"):
        rows = [row for row in section.sentences.all() if row.is_shown]
        pairs = tuple(
            SentencePair(
                row,
                own := translated.get(row.pk),
                None if own else same.get((row.text, row.addressee)),
            )
            for row in rows
        )
        if pairs:
            found.append(SectionPairs(section, pairs))
    return found


def counted(parts: Iterable[SectionPairs]) -> SummaryProgress:
    """Count the translated, outdated and missing sentences of sections."""
    states = [pair.state for part in parts for pair in part.pairs]
    return SummaryProgress(len(states), states.count(DONE), states.count(OUTDATED))


def progress(summary: Summary, language: str) -> SummaryProgress:
    """Count the translated, outdated and missing sentences of a language."""
    return counted(side_by_side(summary, language))


def only(
    parts: Iterable[SectionPairs], *, words: str = "", left: bool = False
) -> list[SectionPairs]:
    """Filter sentences to those with all of `words` in either language, and `left` to translate."""
    wanted = search_key(words).split()
    found = []
    for part in parts:
        pairs = tuple(
            pair
            for pair in part.pairs
            if not (left and pair.is_done) and _holds(wanted, _haystack(pair))
        )
        if pairs:
            found.append(SectionPairs(part.section, pairs))
    return found


def _haystack(pair: SentencePair) -> str:
    own = pair.translation
    texts = [pair.row.text, pair.row.addressee, *((own.text, own.addressee) if own else ())]
    return search_key(" ".join(texts))


def _holds(wanted: Iterable[str], key: str) -> bool:
    return all(word in key for word in wanted)


def following(parts: Iterable[SectionPairs], after: Sentence) -> SentencePair | None:
    """Return the next sentence to translate, from `after` on and then from the beginning."""
    pairs = [pair for part in parts for pair in part.pairs]
    places = [place for place, pair in enumerate(pairs) if pair.row.pk == after.pk]
    start = places[0] + 1 if places else 0
    left = (pair for pair in (*pairs[start:], *pairs[:start]) if not pair.is_done)
    return next((pair for pair in left if pair.row.pk != after.pk), None)


def behind(summary: Summary) -> list[str]:
    """Return the languages whose public translation follows an earlier version of the original."""
    public = published_version(summary)
    found = []
    for language in public_languages(summary):
        version = published_version(summary, language)
        if public and version and version != public and is_behind(version, public):
            found.append(language)
    return found


@dataclass(frozen=True, slots=True)
class LanguageOverview:
    """A language on the office's page.

    `version` is the public version; `is_changed` says that the translation has changed since that
    version, `is_behind` that the original has.
    """

    language: str
    progress: SummaryProgress
    published_at: datetime | None
    version: SummaryVersion | None
    is_changed: bool
    is_behind: bool


def overview(summary: Summary) -> list[LanguageOverview]:
    """Return an overview of each language of the hearing, and of other existing translations."""
    begun = summary.translations.order_by("language").values_list("language", flat=True)
    found = dict.fromkeys([*languages_of(summary), *begun])
    return [_overview(summary, language) for language in found]


def _overview(summary: Summary, language: str) -> LanguageOverview:
    row = summary.translations.filter(language=language).first()
    version = published_version(summary, language)
    public = published_version(summary)
    is_changed = version is not None and version.content != translated_content(
        summary, language, with_outdated=False
    )
    return LanguageOverview(
        language,
        progress(summary, language),
        row.published_at if row and is_published(summary, language) else None,
        version,
        is_changed,
        bool(version and public and is_behind(version, public)),
    )
