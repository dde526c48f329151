"""The summary as a paper: what DOCX and PDF are set from.

The paper is in English, as the draft is, whatever language the office works in; that is a choice of
the President's office, and a translation is a paper of its own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from zoneinfo import ZoneInfo

from django.utils.translation import override

from hemicycle.hearings.models import Hearing, Meeting
from hemicycle.procedure.events import FloorEnded
from hemicycle.record import clock
from hemicycle.record.models import Entry, Head
from hemicycle.registration.choices import language_name
from hemicycle.statements.models import Statement
from hemicycle.summary import rendering as paper
from hemicycle.summary.account import Figures, PanelAccount, Turn, account, columns, figures
from hemicycle.summary.kinds import PUBLISHED
from hemicycle.summary.material import Weighed, name_of
from hemicycle.summary.models import Section, Summary
from hemicycle.summary.naming import told
from hemicycle.summary.queries import Part, Shown, parts, weighed_of

LANGUAGE = "en"
_ROMAN = ("I", "II", "III", "IV", "V")
STATES = {
    Statement.Release.DELIVERED: "delivered",
    Statement.Release.NOT_REACHED: "not delivered for lack of time",
    Statement.Release.WRITTEN: "handed in in writing",
    Statement.Release.EMBARGOED: "not delivered",
}


@dataclass(frozen=True, slots=True)
class Contents:
    """All that the paper, the public page and the archive say of a summary."""

    summary: Summary
    parts: tuple[Part, ...]
    weighed: Mapping[str, Weighed]
    accounts: tuple[PanelAccount, ...]
    figures: Figures


def contents(summary: Summary) -> Contents:
    """Read what a paper needs; sections without sentences and blanked sentences are left out."""
    hearing = summary.hearing
    weighed = weighed_of(hearing)
    accounts = tuple(account(hearing))
    said = []
    for part in parts(summary, weighed):
        standing = tuple(each for each in part.sentences if each.row.erased_at is None)
        if standing:
            said.append(Part(part.section, standing))
    return Contents(summary, tuple(said), weighed, accounts, figures(hearing, accounts))


def compose(summary: Summary) -> paper.Paper:
    """The summary with its annexes and numbered sources."""
    with override(LANGUAGE):
        return _Composer(contents(summary)).composed()


MANY = 10
"""More sources than these are cited by one number, whose note lists them."""
_TOGETHER = "="


class Numbers:
    """Gives each statement and each entry one number, in the order in which they are cited."""

    def __init__(self) -> None:
        self.of: dict[str, int] = {}

    def cite(self, sources: Iterable[Mapping[str, object]]) -> tuple[int, ...]:
        keys = dict.fromkeys(_key(source) for source in sources)
        numbers = tuple(self._number(key) for key in keys)
        if len(numbers) <= MANY:
            return numbers
        return (self._number(f"{_TOGETHER}{_spelled(numbers)}"),)

    def _number(self, key: str) -> int:
        return self.of.setdefault(key, len(self.of) + 1)


def _spelled(numbers: tuple[int, ...]) -> str:
    """Numbers in words of a list: "1, 3–5"."""
    return ", ".join("–".join(map(str, each)) for each in paper.ranges(numbers))


def _key(source: Mapping[str, object]) -> str:
    return f"#{source['seq']}" if "seq" in source else str(source["statement"])


def notes(hearing: Hearing, numbers: Numbers, weighed: Mapping[str, Weighed]) -> list[paper.Note]:
    """What each number stands for, in words of the paper's language."""
    seqs = [int(key[1:]) for key in numbers.of if key.startswith("#")]
    rows = list(Entry.objects.filter(hearing=hearing.id, seq__in=seqs))
    with override(LANGUAGE):
        said, zone = told(rows), zone_of(hearing)
        entries = {f"#{row.seq}": _entry(row, said[row.seq], zone) for row in rows}
        return [
            paper.Note(number, entries.get(key) or _other(key, weighed))
            for key, number in numbers.of.items()
        ]


def _entry(entry: Entry, said: str, zone: ZoneInfo) -> str:
    at = clock.from_ms(entry.at).astimezone(zone)
    if entry.kind == FloorEnded.KIND:
        seconds = round(entry.fields()["used_ms"] / 1000)
        said = f"{said.rstrip('.')} after {seconds // 60}:{seconds % 60:02}."
    return f"Record, entry {entry.seq}, {at:%-d %B %Y}, {at:%H:%M:%S}. {said}"


def _other(key: str, weighed: Mapping[str, Weighed]) -> str:
    if key.startswith(_TOGETHER):
        return f"The sources {key.removeprefix(_TOGETHER)} together."
    return _statement(weighed.get(key))


def _statement(one: Weighed | None) -> str:
    if one is None:
        return "A statement that was withdrawn."
    place = one.statement.inscription
    where = f", {place.segment.title}" if place else ""
    words = f"{STATES[Statement.Release(one.statement.release)]}{where}"
    language = "" if one.language.startswith("en") else f", in {language_name(one.language)}"
    return f"{name_of(one.statement)}, statement {words}{language}."


def zone_of(hearing: Hearing) -> ZoneInfo:
    """The hearing's time zone; UTC for one that names none."""
    return ZoneInfo(hearing.time_zone or "UTC")


def place_of(hearing: Hearing) -> str:
    """The place whose time is told: "New York"."""
    return (hearing.time_zone or "UTC").rpartition("/")[2].replace("_", " ")


class _Composer:
    def __init__(self, found: Contents) -> None:
        self.found = found
        self.hearing = found.summary.hearing
        self.zone = zone_of(self.hearing)
        self.numbers = Numbers()
        self.meetings = list(self.hearing.meetings.all())
        self.annexes = iter(_ROMAN)

    def composed(self) -> paper.Paper:
        body = self._body()
        annexes = [
            *self._recommendations(),
            *self._figures(),
            *self._spoke(),
            *self._not_reached(),
        ]
        sources = notes(self.hearing, self.numbers, self.found.weighed)
        listed: list[paper.Block] = [self._annex("Sources"), paper.Notes(tuple(sources))]
        day = self.meetings[0].starts_at.astimezone(self.zone) if self.meetings else None
        return paper.Paper(
            title=self.hearing.title,
            subtitle=self._subtitle(day),
            language=LANGUAGE,
            facts=tuple(self._facts()),
            blocks=(*body, *annexes, *(listed if sources else ())),
            author=self.hearing.convener,
            date=self._date().date(),
            letter=self._letter(),
        )

    def _date(self) -> datetime:
        summary = self.found.summary
        return (summary.published_at or summary.drafted_at).astimezone(self.zone)

    def _letter(self) -> paper.Letter | None:
        own = [part for part in self.found.parts if part.section.is_letter]
        said = tuple(each.row.text for part in own for each in part.sentences)
        if not said:
            return None
        convener = self.hearing.convener
        return paper.Letter(convener, f"{self._date():%-d %B %Y}", said, convener)

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
            ("Mandate", ", ".join(str(each.get("symbol", "")) for each in hearing.mandate)),
            ("Theme", hearing.theme),
            ("Meetings", "\n".join(self._meeting(each) for each in self.meetings)),
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
        number = count(1)
        for part in asked:
            yield from _question(part.section, numbered=False)
            rows = tuple(self._recommendation(next(number), each) for each in part.sentences)
            yield paper.Table(("", "Recommendation", "Addressed to", "By"), rows, (2, 12, 5, 3))

    def _recommendation(self, number: int, shown: Shown) -> tuple[str | paper.Run, ...]:
        told = paper.Run(shown.row.text, sources=self.numbers.cite(shown.row.sources))
        asked = {source.get("statement") for source in shown.row.sources}
        return f"{number}.", told, shown.row.addressee or "not said", f"{len(asked):,}"

    def _annex(self, title: str) -> paper.Heading:
        return paper.Heading(1, f"Annex {next(self.annexes)}. {title}", numbered=False)

    def _figures(self) -> Iterable[paper.Block]:
        yield paper.PageBreak()
        yield self._annex("Participation in figures")
        total = ("All", *(f"{n:,}" for n in self.found.figures.total))
        for each in self.found.figures.breakdowns:
            yield paper.Heading(2, each.title, numbered=False)
            rows = [(label, *(f"{n:,}" for n in numbers)) for label, numbers in each.rows]
            yield paper.Table(("", *columns()), (*rows, total), (8, 5, 5, 5, 5, 5))

    def _spoke(self) -> Iterable[paper.Block]:
        yield self._annex("Interventions from the floor")
        for each in self.found.accounts:
            yield paper.Heading(2, each.segment.title, numbered=False)
            if each.spoke:
                head = ("Floor", "Participant", "Category", "Language", "Length")
                yield paper.Table(head, tuple(map(self._turn, each.spoke)), (3, 8, 7, 4, 3))
            else:
                yield paper.Paragraph((paper.Run("Nobody took the floor."),))

    def _turn(self, turn: Turn) -> tuple[str, ...]:
        at = turn.given_at.astimezone(self.zone) if turn.given_at else None
        seconds = round(turn.used_ms / 1000)
        return (
            f"{at:%H:%M}" if at else "",
            turn.name,
            turn.inscription.registration.category.label,
            language_name(turn.inscription.language),
            f"{seconds // 60}:{seconds % 60:02}",
        )

    def _not_reached(self) -> Iterable[paper.Block]:
        missed = [each for each in self.found.accounts if each.not_reached]
        if not missed:
            return
        yield self._annex("Not reached for lack of time")
        for each in missed:
            yield paper.Heading(2, each.segment.title, numbered=False)
            yield paper.Table(
                ("Participant", "Category", "Language"),
                tuple(
                    (
                        turn.name,
                        turn.inscription.registration.category.label,
                        language_name(turn.inscription.language),
                    )
                    for turn in each.not_reached
                ),
                (10, 9, 6),
            )


def panel_title(section: Section) -> str:
    """The panel a section belongs to, in words."""
    return section.segment.title if section.segment else "Contributions in writing"


def _question(section: Section, *, numbered: bool = True) -> Iterable[paper.Block]:
    question = section.guiding_question
    if question is None or not question.short:
        yield paper.Heading(2, section.heading, numbered)
        return
    yield paper.Heading(2, question.short, numbered)
    yield paper.Paragraph((paper.Run(question.text, emphasis=True),))
