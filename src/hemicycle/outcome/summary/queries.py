"""Queries of the summary: sections with their sources, coverage, and recommendations."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.safestring import SafeString

from hemicycle.before.registration.names import search_key
from hemicycle.before.statements.models import Statement
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.summary import entry_types
from hemicycle.outcome.summary.contents import ShownSentence, SummaryContents
from hemicycle.outcome.summary.headings import heading
from hemicycle.outcome.summary.models import Section, Sentence, SentenceTranslation, Summary
from hemicycle.outcome.summary.participation import (
    ChairTurn,
    DiscussionVoice,
    PanelOutcome,
    SpeakerOutcome,
)
from hemicycle.outcome.summary.quotations import Quotations
from hemicycle.outcome.summary.sources import StatementText, citable, name_of, statements
from hemicycle.record.models import Entry
from hemicycle.ui.spreadsheets import Value


@dataclass(frozen=True, slots=True)
class CitationLink:
    """A source as a link: its label, and the query string that opens it.

    `value` is the source as forms write it: "statement", "statement/sentence" or "#seq".
    """

    label: str
    query: str
    value: str
    source: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SentenceView:
    """A sentence with its sources, and its HTML with the languages of its quotations."""

    row: Sentence
    sources: tuple[CitationLink, ...]
    html: SafeString


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section with its sentences and its removed sentences."""

    section: Section
    sentences: tuple[SentenceView, ...]
    removed: tuple[SentenceView, ...] = ()


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which statements the summary reflects; sentences that only count statements are ignored.

    `confidential` statements cannot be cited yet; those `without_text` have no sentence to cite.
    """

    reflected: tuple[StatementText, ...]
    not_yet: tuple[StatementText, ...]
    without_text: tuple[StatementText, ...]
    confidential: tuple[StatementText, ...]

    @property
    def citable(self) -> int:
        """How many statements the summary could reflect."""
        return len(self.reflected) + len(self.not_yet)


def summary_of(hearing: Hearing) -> Summary | None:
    """Return the hearing's summary; None before it is drafted."""
    return Summary.objects.filter(hearing=hearing).first()


def parts(summary: Summary, texts: Mapping[str, StatementText]) -> list[SectionView]:
    """Return all sections in order, including blanked sentences: two queries."""
    sections = summary.sections.select_related("segment", "guiding_question")
    quotations = Quotations(texts)
    found = []
    for section in sections.prefetch_related("sentences"):
        rows = [
            SentenceView(
                row,
                cited(row.sources, texts),
                quotations.as_html(row.text, summary.language, row.sources),
            )
            for row in section.sentences.all()
        ]
        found.append(
            SectionView(
                section,
                tuple(shown for shown in rows if shown.row.removed_at is None),
                tuple(shown for shown in rows if shown.row.removed_at is not None),
            )
        )
    return found


def cited(
    sources: Iterable[Mapping[str, Any]], texts: Mapping[str, StatementText]
) -> tuple[CitationLink, ...]:
    """Return the sources as links with labels."""
    return tuple(_cited(source, texts) for source in sources)


def _cited(source: Mapping[str, Any], texts: Mapping[str, StatementText]) -> CitationLink:
    if "seq" in source:
        seq = source["seq"]
        return CitationLink(f"#{seq}", f"seq={seq}", f"#{seq}", source)
    id = source["statement"]
    found = texts.get(id)
    name = found.statement.registration.public_organization if found else "–"
    if "sentence" not in source:
        return CitationLink(name, f"statement={id}", id, source)
    number = source["sentence"]
    return CitationLink(
        f"{name}, {number + 1}", f"statement={id}&sentence={number}", f"{id}/{number}", source
    )


def coverage(parts: Iterable[SectionView], texts: Iterable[StatementText]) -> Coverage:
    """Return which statements are cited by a sentence outside the figures."""
    parts = list(parts)
    named = {
        source["statement"]
        for part in parts
        for shown in part.sentences
        for source in shown.row.sources
        if "sentence" in source
        or ("statement" in source and part.section.key != Section.PARTICIPATION)
    }
    found: dict[str, list[StatementText]] = {"in": [], "out": [], "empty": [], "closed": []}
    for statement in texts:
        found[_standing(statement, named)].append(statement)
    return Coverage(*(tuple(found[key]) for key in ("in", "out", "empty", "closed")))


@dataclass(frozen=True, slots=True)
class InterventionCoverage:
    """How many interventions were made, and which of them have no text to cite.

    `discussed` are the interventions in discussions, one for each panellist in each, and `chaired`
    those of chairs: none of these has a text.
    """

    made: int
    without_text: tuple[SpeakerOutcome, ...]
    discussed: tuple[DiscussionVoice, ...] = ()
    chaired: tuple[ChairTurn, ...] = ()

    @property
    def with_text(self) -> int:
        """How many interventions have a text."""
        unwritten = (self.without_text, self.discussed, self.chaired)
        return self.made - sum(map(len, unwritten))


def interventions_covered(
    outcomes: Iterable[PanelOutcome],
    texts: Iterable[StatementText],
    chaired: Iterable[ChairTurn] = (),
) -> InterventionCoverage:
    """Return which interventions have no text, for lack of a statement with a readable text."""
    outcomes = list(outcomes)
    written = {source.statement.inscription_id for source in texts if source.text}
    made = [turn for outcome in outcomes for turn in outcome.delivered]
    without = tuple(turn for turn in made if turn.inscription.pk not in written)
    discussed = tuple(voice for outcome in outcomes for voice in outcome.voices)
    by_chairs = tuple(chaired)
    count = len(made) + len(discussed) + len(by_chairs)
    return InterventionCoverage(count, without, discussed, by_chairs)


def _standing(source: StatementText, named: set[str]) -> str:
    if source.id in named:
        return "in"
    if not source.is_citable:
        return "closed"
    return "out" if citable(source) else "empty"


def translated_texts(summary: Summary) -> dict[UUID, str]:
    """Return the translations of each sentence, joined to one text, by its id: one query."""
    rows = SentenceTranslation.objects.filter(sentence__section__summary=summary)
    found: dict[UUID, str] = {}
    for row in rows:
        found[row.sentence_id] = " ".join((found.get(row.sentence_id, ""), row.text, row.addressee))
    return found


def matching(
    parts: Iterable[SectionView], words: str, translated: Mapping[UUID, str]
) -> list[SectionView]:
    """Filter sections to sentences that contain all of `words`; a matching heading keeps them all.

    `translated` has the text of sentences in other languages, by their ids.
    """
    wanted = search_key(words).split()
    found = []
    for part in parts:
        if _holds(wanted, part.section.heading):
            found.append(part)
        elif held := tuple(
            shown
            for shown in part.sentences
            if _holds(wanted, f"{_haystack(shown)} {translated.get(shown.row.pk, '')}")
        ):
            found.append(SectionView(part.section, held))
    return found


def _haystack(shown: SentenceView) -> str:
    return " ".join((shown.row.text, *(source.label for source in shown.sources)))


def _holds(wanted: list[str], text: str) -> bool:
    key = search_key(text)
    return all(word in key for word in wanted)


def statements_by_id(hearing: Hearing) -> dict[str, StatementText]:
    """Return all statements, keyed by the id that sources use: two queries."""
    return {statement.id: statement for statement in statements(hearing)}


def recommendations(found: SummaryContents) -> tuple[list[str], list[list[Value]]]:
    """Return the table of recommendations, by guiding question: head and rows.

    Those who asked for a recommendation appear under their public names.
    """
    head = ["Question", "Guiding question", "Number", "Who should act", "What they should do"]
    rows: list[list[Value]] = []
    for part in found.parts:
        question = part.section.guiding_question
        if not part.section.is_recommendations:
            continue
        for shown in part.sentences:
            rows.append(
                [
                    question.number if question else None,
                    heading(part.section, found.language),
                    len(rows) + 1,
                    shown.addressee,
                    shown.text,
                    *_asked_by(shown, found.texts),
                ]
            )
    return [*head, "How many asked for it", "Who asked for it", "Sources"], rows


def _asked_by(shown: ShownSentence, texts: Mapping[str, StatementText]) -> tuple[int, str, str]:
    sources = shown.sources
    known = [texts[source["statement"]] for source in sources if source.get("statement") in texts]
    names = dict.fromkeys(name_of(statement.statement) for statement in known)
    spelled = (_spelled(source, texts) for source in sources)
    return len({statement.id for statement in known}), "; ".join(names), "; ".join(spelled)


def _spelled(source: Mapping[str, Any], texts: Mapping[str, StatementText]) -> str:
    if "seq" in source:
        return f"#{source['seq']}"
    found = texts.get(source["statement"])
    told = _reference(found.statement) if found else "–"
    return f"{told}/{source['sentence'] + 1}" if "sentence" in source else told


def _reference(statement: Statement) -> str:
    """Return the participant's reference, or their public name if they have an alias.

    The reference is in receipts and letters, whose readers would recognize the person by it.
    """
    registration, name = statement.registration, name_of(statement)
    return registration.reference if name == registration.organization.name else name


def last_editor(row: Sentence) -> str:
    """Return the person who last changed a sentence; "" if the record does not say."""
    entries = Entry.objects.filter(hearing=row.section.summary.hearing_id, kind=entry_types.EDITED)
    last = entries.filter(body__contains=row.id.hex).order_by("-seq").first()
    try:
        person = Person.objects.filter(pk=UUID(hex=last.actor)).first() if last else None
    except ValueError:
        return ""
    return person.name if person else ""
