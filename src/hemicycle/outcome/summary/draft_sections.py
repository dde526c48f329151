"""Store a draft in the rows of a summary, around the sentences that people have edited."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from uuid import UUID

from hemicycle.before.speakers.panel_rules import panels
from hemicycle.hearing.setup.models import GuidingQuestion, Hearing, Segment
from hemicycle.outcome.summary import cover_letter, drafting
from hemicycle.outcome.summary.drafting import DraftPart
from hemicycle.outcome.summary.drafting.draft import key_messages, other_points
from hemicycle.outcome.summary.drafting.figures import heading as participation_heading
from hemicycle.outcome.summary.models import Section, Sentence, SentenceTranslation, Summary
from hemicycle.outcome.summary.sources import IN_WRITING

_OTHER = "other"


@dataclass(frozen=True, slots=True)
class SectionPlan:
    """A section that follows from the hearing's programme and guiding questions."""

    key: str
    heading: str
    segment: Segment | None = None
    question: GuidingQuestion | None = None


def with_record_sentences(
    made: drafting.SummaryDraft, told: Sequence[drafting.DraftSentence]
) -> drafting.SummaryDraft:
    """Return the draft with the record's sentences at the start of the participation section."""
    if not told:
        return made
    first = next(
        (section for section in made.sections if _key(section) == Section.PARTICIPATION), None
    )
    rest = tuple(section for section in made.sections if section is not first)
    figures = first.sentences if first else ()
    head = drafting.DraftSection(None, None, participation_heading(), (*told, *figures))
    return replace(made, sections=(head, *rest))


def places(hearing: Hearing, *, in_writing: bool) -> list[SectionPlan]:
    """Return the sections that a summary of the hearing has, in order, in the active language.

    The cover letter, key messages, participation, each guiding question of each panel, and the
    recommendations by guiding question.
    """
    questions: list[GuidingQuestion | None] = [*hearing.guiding_questions.all(), None]
    found = [
        SectionPlan(Section.LETTER, cover_letter.heading()),
        SectionPlan(Section.MESSAGES, key_messages()),
        SectionPlan(Section.PARTICIPATION, participation_heading()),
    ]
    wanted: list[Segment | None] = [*panels(hearing), *([None] if in_writing else [])]
    for segment in wanted:
        panel = segment.id.hex if segment else IN_WRITING
        found.extend(_place(f"{panel}:", question, segment) for question in questions)
    found.extend(_place(Section.RECOMMENDATIONS, question) for question in questions)
    return found


def _place(
    before: str, question: GuidingQuestion | None, segment: Segment | None = None
) -> SectionPlan:
    key = f"{before}{question.number if question else _OTHER}"
    heading = str(question.text) if question else other_points()
    return SectionPlan(key, heading, segment, question)


def _key(section: drafting.DraftSection) -> str:
    """Return the key of the row for a drafted section."""
    if section.part == DraftPart.LETTER:
        return Section.LETTER
    if section.part == DraftPart.MESSAGES:
        return Section.MESSAGES
    last = _OTHER if section.question is None else section.question
    if section.part == DraftPart.RECOMMENDATIONS:
        return f"{Section.RECOMMENDATIONS}{last}"
    return Section.PARTICIPATION if section.panel is None else f"{section.panel}:{last}"


def store(summary: Summary, made: drafting.SummaryDraft) -> dict[str, int]:
    """Store the draft in the summary; return the counts for the record.

    The language of the draft must be active.
    """
    sections = (cover_letter.drafted(summary.hearing), *made.sections)
    said = {_key(drafted_section): drafted_section.sentences for drafted_section in sections}
    in_writing = any(key.startswith(":") for key in said)
    kept = _kept(summary)
    stands = _EditedPoints(kept)
    old = {row.key: row for row in summary.sections.all()}
    wanted = places(summary.hearing, in_writing=in_writing)
    drafted = 0
    for ordinal, place in enumerate(wanted, start=1):
        section = _section(summary, old.pop(place.key, None), place, ordinal)
        new = [
            sentence
            for sentence in said.get(place.key, ())
            if not stands.already(place.key, sentence)
        ]
        drafted += len(new)
        _fill(section, new)
    _close(old.values(), len(wanted))
    shown = [row for row in kept if row.removed_at is None]
    return {
        "sections": len(wanted),
        "sentences": drafted + len(shown),
        "kept": len(shown),
        "statements": len(made.coverage.reflected) + len(made.coverage.not_yet),
    }


def _kept(summary: Summary) -> list[Sentence]:
    rows = Sentence.objects.filter(section__summary=summary).select_related("section")
    return [row for row in rows if row.is_touched]


def _part(key: str) -> str:
    """Return the part of the summary that a section belongs to.

    The same point may be in several parts, but only once within one.
    """
    if key in {Section.LETTER, Section.MESSAGES}:
        return key
    return Section.RECOMMENDATIONS if key.startswith(Section.RECOMMENDATIONS) else ""


class _EditedPoints:
    """The points that are already in sentences that a person has edited."""

    def __init__(self, kept: Iterable[Sentence]) -> None:
        rows = [row for row in kept if row.drafted_as or row.erased_at is not None]
        self._texts = {(_part(row.section.key), row.drafted_as) for row in rows}
        self._points = {(_part(row.section.key), _point(row.sources)) for row in rows}

    def already(self, key: str, sentence: drafting.DraftSentence) -> bool:
        part = _part(key)
        if (part, sentence.text) in self._texts:
            return True
        point = _point([source.as_json() for source in sentence.sources])
        return point is not None and (part, point) in self._points


def _point(sources: Sequence[dict[str, object]]) -> tuple[object, object] | None:
    """Return the statement and sentence that a drafted sentence quotes first; None for figures."""
    first = sources[0] if sources else {}
    return (first["statement"], first["sentence"]) if "sentence" in first else None


def _section(summary: Summary, row: Section | None, place: SectionPlan, ordinal: int) -> Section:
    row = row or Section(summary=summary, key=place.key)
    row.ordinal, row.heading = ordinal, place.heading
    row.segment, row.guiding_question = place.segment, place.question
    row.save()
    return row


def _fill(section: Section, new: Sequence[drafting.DraftSentence]) -> None:
    """Insert the new sentences around the edited ones; rows with the same text stay.

    A row that stays keeps its revision, so that someone who edits it gets no needless conflict.
    """
    old = list(section.sentences.all())
    untouched = {row.text: row for row in old if not row.is_touched}
    order = [_row(section, untouched.pop(sentence.text, None), sentence) for sentence in new]
    for index, row in enumerate(old):
        if row.is_touched:
            order.insert(min(index, len(order)), row)
    for ordinal, row in enumerate(order, start=1):
        row.ordinal = ordinal
    gone = list(untouched.values())
    stay = {row.pk for row in old}
    translated = _follow([row for row in order if row.pk not in stay], gone)
    Sentence.objects.filter(pk__in=[row.pk for row in gone]).delete()
    Sentence.objects.bulk_create(
        order,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["ordinal", "sources", "addressee"],
    )
    SentenceTranslation.objects.bulk_create(translated)


def _follow(new: Sequence[Sentence], gone: Sequence[Sentence]) -> list[SentenceTranslation]:
    """Return the translations of sentences that are deleted, moved to those drafted in their place.

    They are out of date there, since the text differs. A translation moves only to a similar
    sentence that quotes the same point, or that reports figures like the old one, so that erasing a
    person still finds it.
    """
    found: list[SentenceTranslation] = []
    free = list(new)
    rows = SentenceTranslation.objects.filter(sentence__in=gone)
    translated: dict[UUID, list[SentenceTranslation]] = {}
    for row in rows:
        translated.setdefault(row.sentence_id, []).append(row)
    for sentence in gone:
        own = translated.get(sentence.pk)
        place = _likest(sentence, free) if own else None
        if own and place is not None:
            free.remove(place)
            for row in own:
                row.sentence = place
                row.revision += 1
                found.append(row)
    return found


def _likest(sentence: Sentence, new: Sequence[Sentence]) -> Sentence | None:
    words, point = sentence.text.split(), _point(sentence.sources)
    rated = [
        (SequenceMatcher(None, words, row.text.split()).ratio(), row)
        for row in new
        if _point(row.sources) == point
    ]
    ratio, row = max(rated, key=lambda pair: pair[0], default=(0.0, None))
    return row if ratio >= 0.5 else None


def _row(section: Section, row: Sentence | None, said: drafting.DraftSentence) -> Sentence:
    row = row or Sentence(section=section, text=said.text, drafted_as=said.text)
    row.sources = [source.as_json() for source in said.sources]
    row.addressee = said.addressee[:200]
    return row


def _close(left: Iterable[Section], after: int) -> None:
    """Delete the sections that the hearing no longer has, unless they hold edited sentences."""
    for ordinal, section in enumerate(left, start=after + 1):
        untouched = [sentence.pk for sentence in section.sentences.all() if not sentence.is_touched]
        Sentence.objects.filter(pk__in=untouched).delete()
        if section.sentences.exists():
            section.ordinal = ordinal
            section.save(update_fields=["ordinal"])
        else:
            section.delete()
