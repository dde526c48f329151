"""The contents of a summary in a language: the same for its pages, its papers and the archive.

The original is read from its rows, which cannot change while it is published. A public translation
is read from its published version, since its rows may have newer text.
"""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hemicycle.outcome.summary import cover_letter
from hemicycle.outcome.summary.models import (
    Section,
    Sentence,
    SentenceTranslation,
    Summary,
    SummaryVersion,
)
from hemicycle.outcome.summary.participation import (
    PanelOutcome,
    ParticipationFigures,
    figures,
    panel_outcomes,
)
from hemicycle.outcome.summary.quotations import Quotations
from hemicycle.outcome.summary.references import ReferenceNumbers
from hemicycle.outcome.summary.sources import StatementText, statements
from hemicycle.ui import times
from hemicycle.ui.languages import base, language_name, speaking


@dataclass(frozen=True, slots=True)
class ShownSentence:
    """A sentence, and the language in which it is shown.

    `is_foot` says that it names the addressees at the foot of the cover letter.
    """

    text: str
    addressee: str
    sources: tuple[Mapping[str, Any], ...]
    language: str
    is_foot: bool = False


@dataclass(frozen=True, slots=True)
class ShownSection:
    """A section with its sentences."""

    section: Section
    sentences: tuple[ShownSentence, ...]


@dataclass(frozen=True)
class SummaryContents:
    """The contents of a summary in a language, for the document, the public page and the archive.

    `version` is the published version of a translation; None for its draft, and for the original.
    """

    summary: Summary
    language: str
    parts: tuple[ShownSection, ...]
    version: SummaryVersion | None

    @cached_property
    def texts(self) -> Mapping[str, StatementText]:
        """The statements, by the ids that sources use."""
        return {statement.id: statement for statement in statements(self.summary.hearing)}

    @cached_property
    def outcomes(self) -> tuple[PanelOutcome, ...]:
        """The outcomes of all inscriptions, by panel."""
        return tuple(panel_outcomes(self.summary.hearing))

    def figures(self) -> ParticipationFigures:
        """Return the figures of participation, in the active language."""
        return figures(self.summary.hearing, self.outcomes)

    def numbers(self) -> ReferenceNumbers:
        """Return the numbers of all sources that the parts cite, in the active language."""
        shown = (sentence for part in self.parts for sentence in part.sentences)
        return ReferenceNumbers(
            (source for sentence in shown for source in sentence.sources), self.texts
        )

    @cached_property
    def quotations(self) -> Quotations:
        """The passages that sentences quote from the statements."""
        return Quotations(self.texts)

    def as_html(self, shown: ShownSentence) -> SafeString:
        """Return the text of a sentence as HTML, with the languages of its quotations."""
        return self.quotations.as_html(shown.text, shown.language, shown.sources)

    @property
    def untranslated(self) -> int:
        """How many sentences are in the original's language, for lack of a current translation."""
        shown = (sentence for part in self.parts for sentence in part.sentences)
        return sum(sentence.language != self.language for sentence in shown)

    def remarks(self) -> list[str]:
        """Return what readers of a translation must know about it, in the active language."""
        found = []
        if (behind := self._behind()) is not None:
            old, new = behind
            said = _(
                "This translation follows the version of %(old)s. The summary in %(language)s was "
                "corrected on %(new)s."
            )
            told = {"old": old, "new": new, "language": language_name(self.summary.language)}
            found.append(said % told)
        if count := self.untranslated:
            said = ngettext(
                "%(n)s sentence is not translated yet. It is in %(language)s.",
                "%(n)s sentences are not translated yet. They are in %(language)s.",
                count,
            )
            told = {"n": times.number(count), "language": language_name(self.summary.language)}
            found.append(said % told)
        return found

    def _behind(self) -> tuple[str, str] | None:
        """Return the times of the original that it follows and of the current one; None if same."""
        public = published_version(self.summary)
        if self.version is None or public is None or not is_behind(self.version, public):
            return None
        hearing, followed = self.summary.hearing, self.version.follows
        since: datetime = followed.kept_at if followed else self.version.kept_at
        return times.when(since, hearing), times.when(public.kept_at, hearing)


# ── Versions that are public ──────────────────────────────────────────────────────────────────


def published_version(summary: Summary, language: str = "") -> SummaryVersion | None:
    """Return the public version in a language, "" for the original's; None if there is none.

    While the original is withdrawn, no translation of it is public either.
    """
    if summary.published_at is None:
        return None
    is_original = language in {"", summary.language}
    if not is_original and not is_published(summary, language):
        return None
    rows = summary.versions.filter(
        language="" if is_original else language, reason=SummaryVersion.Reason.PUBLISHED
    )
    return rows.select_related("follows").defer("pdf", "docx").first()


def is_published(summary: Summary, language: str) -> bool:
    """Whether the translation has been published and not withdrawn."""
    rows = summary.translations.filter(language=language)
    return rows.exclude(published_at=None).exists()


def public_languages(summary: Summary) -> list[str]:
    """Return the languages in which the summary is public, the original's first."""
    if summary.published_at is None:
        return []
    rows = summary.translations.exclude(published_at=None).order_by("language")
    return [summary.language, *rows.values_list("language", flat=True)]


def reader_choice(languages: Container[str]) -> str:
    """Return the reader's language if it is one of `languages`, "" for the original."""
    reader = base(times.language())
    return reader if reader in languages else ""


def in_file_names(summary: Summary, language: str) -> str:
    """Return the part of a file name for a language: ".fr", or "" for the original's."""
    return "" if language in {"", summary.language} else f".{language}"


def is_behind(version: SummaryVersion, public: SummaryVersion) -> bool:
    """Whether the original has changed since the version that a translation follows."""
    followed = version.follows
    return followed is None or followed.content != public.content


# ── Contents ──────────────────────────────────────────────────────────────────────────────────


def contents(summary: Summary, language: str = "") -> SummaryContents:
    """Return a summary in `language`, "" for the original's.

    Blanked sentences and empty sections are left out. A translation that is not public is read from
    its rows: sentences that are missing or out of date are in the language of the original.
    """
    language = language or summary.language
    is_original = language == summary.language
    version = None if is_original else published_version(summary, language)
    if version is not None:
        return SummaryContents(summary, language, tuple(of_version(version)), version)
    return draft_contents(summary, language)


def draft_contents(summary: Summary, language: str) -> SummaryContents:
    """Return a summary, or a translation of it, as read from its rows."""
    return SummaryContents(summary, language, tuple(_from_rows(summary, language)), None)


def _from_rows(summary: Summary, language: str) -> Iterator[ShownSection]:
    foot = drafted_foot(summary)
    translated = translated_rows(summary, language)
    sections = summary.sections.select_related("segment", "guiding_question")
    for section in sections.prefetch_related("sentences"):
        rows = [row for row in section.sentences.all() if row.is_shown]
        if rows:
            is_foot = section.is_letter
            shown = (
                _sentence(
                    row,
                    translated.get(row.pk),
                    original=summary.language,
                    is_foot=is_foot and row.drafted_as == foot,
                )
                for row in rows
            )
            yield ShownSection(section, tuple(shown))


def drafted_foot(summary: Summary) -> str:
    """Return the foot of the cover letter as it was drafted."""
    with speaking(summary.language):
        return cover_letter.addressees(summary.hearing)


def translated_rows(summary: Summary, language: str) -> dict[object, SentenceTranslation]:
    """Return all translations into a language, by the ids of their sentences: one query."""
    if language == summary.language:
        return {}
    rows = SentenceTranslation.objects.filter(sentence__section__summary=summary, language=language)
    return {row.sentence_id: row for row in rows.select_related("written_by")}


def _sentence(
    row: Sentence, own: SentenceTranslation | None, *, original: str, is_foot: bool
) -> ShownSentence:
    if own is not None and own.follows(row):
        return ShownSentence(own.text, own.addressee, tuple(row.sources), own.language, is_foot)
    return ShownSentence(row.text, row.addressee, tuple(row.sources), original, is_foot)


def of_version(version: SummaryVersion) -> Iterator[ShownSection]:
    """Yield the sections of a version that gives the language of each sentence.

    Blanked sentences are left out.
    """
    rows = version.summary.sections.select_related("segment", "guiding_question")
    sections = {section.key: section for section in rows}
    for part in version.content:
        shown = tuple(
            ShownSentence(
                sentence["text"],
                sentence["addressee"],
                tuple(sentence["sources"]),
                sentence["language"],
                bool(sentence.get("is_foot")),
            )
            for sentence in part["sentences"]
            if sentence["text"]
        )
        if shown:
            gone = Section(summary=version.summary, key=part["key"], heading=part["heading"])
            yield ShownSection(sections.get(part["key"], gone), shown)
