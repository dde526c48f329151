"""The summary as a document: composed once, written as DOCX and PDF.

The document is in English, like the draft, in whatever language the secretariat works. That is the
President's choice; a translation is a separate document.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from django.utils.translation import override

from hemicycle.documents import writing as paper
from hemicycle.documents.writing import to_docx, to_pdf
from hemicycle.hearing.people.models import Role
from hemicycle.hearing.setup.models import Meeting, Segment
from hemicycle.outcome.summary import cover_letter
from hemicycle.outcome.summary.entry_types import PUBLISHED
from hemicycle.outcome.summary.models import Section, Summary, SummaryVersion
from hemicycle.outcome.summary.participation import (
    PanelOutcome,
    ParticipationFigures,
    SpeakerOutcome,
    columns,
    figures,
    panel_outcomes,
)
from hemicycle.outcome.summary.queries import SectionView, SentenceView, parts, statements_by_id
from hemicycle.outcome.summary.references import (
    LANGUAGE,
    ReferenceNumbers,
    notes,
    place_of,
    zone_of,
)
from hemicycle.outcome.summary.sources import StatementText
from hemicycle.procedure.clock import m_ss
from hemicycle.record.models import Entry, Head
from hemicycle.ui.languages import language_name

_ROMAN = ("I", "II", "III", "IV", "V", "VI")
_NOT_SAID = "–"
"""In the column of who should act: the source does not say."""


@dataclass(frozen=True, slots=True)
class SummaryContents:
    """What the document, the public page and the archive show of a summary."""

    summary: Summary
    parts: tuple[SectionView, ...]
    texts: Mapping[str, StatementText]
    outcomes: tuple[PanelOutcome, ...]
    figures: ParticipationFigures

    def numbers(self) -> ReferenceNumbers:
        """The numbers of all sources that the parts cite, the same wherever they are shown."""
        shown = (sentence for part in self.parts for sentence in part.sentences)
        return ReferenceNumbers(
            (source for sentence in shown for source in sentence.row.sources), self.texts
        )


def contents(summary: Summary) -> SummaryContents:
    """Read a summary without its blanked sentences and empty sections."""
    hearing = summary.hearing
    texts = statements_by_id(hearing)
    outcomes = tuple(panel_outcomes(hearing))
    said = []
    for part in parts(summary, texts):
        standing = tuple(sentence for sentence in part.sentences if sentence.row.erased_at is None)
        if standing:
            said.append(SectionView(part.section, standing))
    return SummaryContents(summary, tuple(said), texts, outcomes, figures(hearing, outcomes))


def compose(summary: Summary) -> paper.Paper:
    """Compose the document: the summary, its annexes and numbered sources."""
    with override(LANGUAGE):
        return _Composer(contents(summary)).composed()


class _Composer:
    def __init__(self, found: SummaryContents) -> None:
        self.found = found
        self.hearing = found.summary.hearing
        self.zone = zone_of(self.hearing)
        self.numbers = found.numbers()
        self.meetings = list(self.hearing.meetings.prefetch_related("segments__members"))
        self.annexes = iter(_ROMAN)

    def composed(self) -> paper.Paper:
        body = self._body()
        annexes = [
            *self._recommendations(),
            *self._programme(),
            *self._figures(),
            *self._spoke(),
            *self._not_reached(),
            *self._sources(),
        ]
        day = self.meetings[0].starts_at.astimezone(self.zone) if self.meetings else None
        return paper.Paper(
            title=self.hearing.title,
            subtitle=self._subtitle(day),
            language=LANGUAGE,
            facts=tuple(self._facts()),
            blocks=(*body, *annexes),
            author=self.hearing.convener,
            date=self._date().date(),
            letter=self._letter(),
            mark=self.hearing.rehearsal_mark,
        )

    def _date(self) -> datetime:
        summary = self.found.summary
        return (summary.published_at or summary.drafted_at).astimezone(self.zone)

    def _letter(self) -> paper.CoverLetter | None:
        own = [part for part in self.found.parts if part.section.is_letter]
        rows = [sentence.row for part in own for sentence in part.sentences]
        if not rows:
            return None
        convener, to = self.hearing.convener, cover_letter.addressees(self.hearing)
        foot = [row.text for row in rows if row.drafted_as == to]
        said = tuple(row.text for row in rows if row.drafted_as != to)
        date = f"{self._date():%-d %B %Y}"
        return paper.CoverLetter(convener, date, said, convener, "\n".join(foot))

    def _subtitle(self, day: datetime | None) -> str:
        held = f" of the hearing of {day:%-d %B %Y}" if day else ""
        if self.found.summary.published_at:
            return f"Summary{held}"
        return f"Draft summary{held}"

    def _facts(self) -> Iterable[tuple[str, str]]:
        hearing = self.hearing
        registered, _asked, delivered, _missed, handed_in = self.found.figures.total
        taking_part = (
            f"{registered:,} registered, {delivered:,} interventions from the floor, "
            f"{handed_in:,} statements in writing"
        )
        facts = [
            ("Convened by", hearing.convener),
            ("Mandate", ", ".join(str(document.get("symbol", "")) for document in hearing.mandate)),
            ("Theme", hearing.theme),
            ("Meetings", "\n".join(self._meeting(meeting) for meeting in self.meetings)),
            ("Venue", hearing.venue),
            ("Participation", taking_part),
            ("Record", self._record()),
        ]
        return [(label, value) for label, value in facts if value]

    def _record(self) -> str:
        """Where the record stood; once published, at the entry that says so."""
        if self.found.summary.published_at:
            rows = Entry.objects.filter(hearing=self.hearing.id, kind=PUBLISHED).order_by("-seq")
            end: Entry | Head | None = rows.first()
        else:
            end = Head.objects.filter(hearing=self.hearing.id).first()
        return f"{end.seq:,} entries; the last one’s hash is {end.hash[:16]}…" if end else ""

    def _meeting(self, meeting: Meeting) -> str:
        starts = meeting.starts_at.astimezone(self.zone)
        ends = meeting.ends_at.astimezone(self.zone)
        return f"{starts:%-d %B %Y}, {starts:%H:%M}–{ends:%H:%M} ({place_of(self.hearing)} time)"

    def _body(self) -> list[paper.Block]:
        explained = (
            "Small raised numbers lead to the list of sources at the end: the statement, or the "
            "entry of the hearing’s record, that a sentence rests on. Statements weigh the same "
            "whether or not there was time to deliver them."
        )
        blocks: list[paper.Block] = [paper.Paragraph((paper.Run(explained, emphasis=True),))]
        panel: object = None
        number = count(1)
        for part in self.found.parts:
            section = part.section
            if section.is_letter or section.is_recommendations:
                continue
            if section.key in {Section.PARTICIPATION, Section.MESSAGES}:
                blocks.append(paper.Heading(1, section.heading))
            else:
                here = panel_title(section)
                if here != panel:
                    blocks.append(paper.Heading(1, here))
                    panel = here
                blocks.extend(_question(section))
            for shown in part.sentences:
                cited = self.numbers.cite(shown.row.sources)
                said = (paper.Run(shown.row.text, sources=cited),)
                blocks.append(paper.Paragraph(said, number=next(number)))
        return blocks

    def _recommendations(self) -> Iterable[paper.Block]:
        asked = [part for part in self.found.parts if part.section.is_recommendations]
        if not asked:
            return
        yield paper.PageBreak()
        yield self._annex("Recommendations, by guiding question")
        explained = (
            "The last column counts the statements that made a similar recommendation. A dash "
            "means that they did not say who should act."
        )
        yield paper.Paragraph((paper.Run(explained, emphasis=True),))
        number = count(1)
        for part in asked:
            yield from _question(part.section, numbered=False)
            rows = tuple(
                self._recommendation(next(number), sentence) for sentence in part.sentences
            )
            head = ("No.", "Recommendation", "Addressed to", "Statements")
            yield paper.Table(head, rows, (2, 13, 5, 4))

    def _recommendation(self, number: int, shown: SentenceView) -> tuple[str | paper.Run, ...]:
        told = paper.Run(shown.row.text, sources=self.numbers.cite(shown.row.sources))
        asked = {source.get("statement") for source in shown.row.sources}
        return f"{number}.", told, shown.row.addressee or _NOT_SAID, f"{len(asked):,}"

    def _annex(self, title: str) -> paper.Heading:
        return paper.Heading(1, f"Annex {next(self.annexes)}. {title}", numbered=False)

    def _programme(self) -> Iterable[paper.Block]:
        held = [day for day in self.meetings if day.segments.all()]
        if not held:
            return
        yield paper.PageBreak()
        yield self._annex("Programme")
        for meeting in held:
            yield paper.Heading(2, self._meeting(meeting), numbered=False)
            rows = tuple(self._item(segment) for segment in meeting.segments.all())
            yield paper.Table(("Time", "Item", "Moderator and panellists"), rows, (4, 10, 10))

    def _item(self, segment: Segment) -> tuple[str, ...]:
        starts, ends = (at.astimezone(self.zone) for at in (segment.starts_at, segment.ends_at))
        return f"{starts:%H:%M}–{ends:%H:%M}", segment.title, "\n".join(members(segment))

    def _figures(self) -> Iterable[paper.Block]:
        yield paper.PageBreak()
        yield self._annex("Participation in figures")
        explained = (
            "Each registration is counted once in the first column, and once for each panel in "
            "the others."
        )
        yield paper.Paragraph((paper.Run(explained, emphasis=True),))
        total = ("All", *(f"{n:,}" for n in self.found.figures.total))
        for breakdown in self.found.figures.breakdowns:
            yield paper.Heading(2, breakdown.title, numbered=False)
            rows = [
                (_begun(label), *(f"{n:,}" for n in numbers)) for label, numbers in breakdown.rows
            ]
            kind = _begun(breakdown.title.removeprefix("By ").partition(",")[0])
            yield paper.Table((kind, *columns()), (*rows, total), (8, 6, 5, 5, 5, 6))

    def _spoke(self) -> Iterable[paper.Block]:
        yield paper.PageBreak()
        yield self._annex("Those who spoke from the floor")
        for panel in self.found.outcomes:
            yield paper.Heading(2, panel.segment.title, numbered=False)
            if panel.delivered:
                head = ("Time", "Participant", "Category", "Language", "Length")
                yield paper.Table(head, tuple(map(self._turn, panel.delivered)), (3, 8, 8, 4, 3))
            else:
                yield paper.Paragraph((paper.Run("No one took the floor."),))

    def _turn(self, turn: SpeakerOutcome) -> tuple[str, ...]:
        at = turn.given_at.astimezone(self.zone) if turn.given_at else None
        seconds = round(turn.used_ms / 1000)
        return (
            f"{at:%H:%M}" if at else "",
            f"{turn.listed_name} ({turn.read_by})" if turn.read_by else turn.listed_name,
            turn.inscription.registration.category.label,
            language_name(turn.inscription.language),
            m_ss(seconds),
        )

    def _not_reached(self) -> Iterable[paper.Block]:
        missed = [panel for panel in self.found.outcomes if panel.not_reached]
        if not missed:
            return
        yield paper.PageBreak()
        yield self._annex("Those who were not reached for lack of time")
        for panel in missed:
            yield paper.Heading(2, panel.segment.title, numbered=False)
            yield paper.Table(
                ("Participant", "Category", "Language"),
                tuple(
                    (
                        turn.listed_name,
                        turn.inscription.registration.category.label,
                        language_name(turn.inscription.language),
                    )
                    for turn in panel.not_reached
                ),
                (10, 9, 6),
            )

    def _sources(self) -> Iterable[paper.Block]:
        found = {note.number: note for note in notes(self.hearing, self.numbers, short=True)}
        if not found:
            return
        yield paper.PageBreak()
        yield self._annex("Sources")
        for heading, keys in self.numbers.grouped():
            yield paper.Heading(2, heading, numbered=False)
            yield paper.SourceNotes(tuple(found[self.numbers.of[key]] for key in keys))


def members(segment: Segment) -> list[str]:
    """Return the moderator and the panellists of a segment, each with their title."""
    rows = sorted(segment.members.all(), key=lambda member: member.role != Role.MODERATOR)
    return [f"{member.get_role_display()}: {member.public.titled}" for member in rows]


def _begun(words: str) -> str:
    return words[:1].upper() + words[1:]


def panel_title(section: Section) -> str:
    """Return the panel of a section, in words."""
    return section.segment.title if section.segment else "Contributions in writing"


def _question(section: Section, *, numbered: bool = True) -> Iterable[paper.Block]:
    question = section.guiding_question
    if question is None or not question.short:
        yield paper.Heading(2, section.heading, numbered)
        return
    yield paper.Heading(2, question.short, numbered)
    yield paper.Paragraph((paper.Run(question.text, emphasis=True),))


# ── Files ─────────────────────────────────────────────────────────────────────────────────────
# A draft is typeset each time, a published summary once for everybody.


def published_version(summary: Summary) -> SummaryVersion | None:
    """Return the version that is public now; None while none is."""
    if summary.published_at is None:
        return None
    return summary.versions.filter(reason=SummaryVersion.Reason.PUBLISHED).first()


def pdf_of(summary: Summary) -> bytes:
    """The summary as PDF."""
    version = published_version(summary)
    if version is not None and version.pdf is not None:
        return bytes(version.pdf)
    return _kept(version, "pdf", to_pdf(compose(summary)).content)


def docx_of(summary: Summary) -> bytes:
    """The summary as a Word document."""
    version = published_version(summary)
    if version is not None and version.docx is not None:
        return bytes(version.docx)
    return _kept(version, "docx", to_docx(compose(summary)))


def _kept(version: SummaryVersion | None, kind: str, made: bytes) -> bytes:
    """Store a published file once: if another process stored one first, return that one."""
    if version is None:
        return made
    rows = SummaryVersion.objects.filter(pk=version.pk)
    if rows.filter(**{f"{kind}__isnull": True}).update(**{kind: made}):
        return made
    first = rows.values_list(kind, flat=True).get()
    return bytes(first) if first is not None else made
