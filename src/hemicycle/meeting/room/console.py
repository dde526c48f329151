"""What the moderator's console shows: the floor with the names, forecasts and keys put to it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID

from hemicycle.before.questions.models import Question
from hemicycle.before.questions.queries import ready_to_draw
from hemicycle.before.registration.list_phase import phase_of
from hemicycle.before.speakers.queries import WORDS
from hemicycle.hearing.people.models import Person, Role, Track
from hemicycle.hearing.setup.models import Hearing, Meeting, Segment
from hemicycle.meeting.room import practice
from hemicycle.meeting.room.acts import FIELDS
from hemicycle.meeting.state.display_names import DisplayName, display_names
from hemicycle.meeting.state.meeting_view import STANDINGS, clock_state
from hemicycle.procedure import clock as meeting_clock
from hemicycle.procedure.forecast import Expectation, Outlook, forecast
from hemicycle.procedure.state import Drawn, Floor, Link, Seat, Slot
from hemicycle.procedure.transitions import permitted, standing
from hemicycle.record import clock
from hemicycle.record.floor import floor_of
from hemicycle.ui.languages import language_name


@dataclass(frozen=True, slots=True)
class Line:
    """A slot on the list as the console shows it; `connection` is a word of `ui.states`.

    `number` is its place on the list of speakers, None for a panellist, who stands on none.

    `asked` is a panellist to whom a question is open: they may answer without being recalled.
    """

    slot: Slot
    speaker: DisplayName
    number: int | None
    connection: str
    asked: bool = False
    checked: bool = False
    expected: datetime | None = None
    earliest: datetime | None = None
    latest: datetime | None = None
    status: str = ""

    @property
    def waits(self) -> bool:
        """Whether this speaker is still to be called."""
        return self.slot.state == "waiting"

    @property
    def callable(self) -> bool:
        """Whether the floor can be given to this speaker now."""
        return self.waits or (self.asked and self.slot.state == "delivered")

    @property
    def shows_connection(self) -> bool:
        """Whether it matters that they are here: for those who are to be called, or called back."""
        return self.connection != "away" and self.slot.state in {"waiting", "absent", "skipped"}

    @property
    def recallable(self) -> bool:
        """Whether this speaker can be called again."""
        return self.slot.state in {"absent", "skipped", "delivered"}

    @property
    def track(self) -> str:
        """The track's name, or what a panellist is, who stands on none."""
        known = Track if self.slot.track in Track else Role
        return str(known(self.slot.track if known is Track else self.slot.role).label)

    @property
    def languages(self) -> list[str]:
        """The names of the languages in which this speaker may speak."""
        return [language_name(tag) for tag in self.slot.languages]


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody who sits, is connected, or was removed; `connection` is a word of `ui.states`.

    `slot` is "" for who stands on no list, such as the moderator.
    """

    person: str
    name: str
    slot: str
    connection: str
    checked: bool
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """An item of the programme and where it stands: done, now or upcoming."""

    segment: Segment
    state: str


@dataclass(frozen=True, slots=True)
class Put:
    """A question that was put to the panel and is not answered yet."""

    question: Question
    drawn: Drawn


@dataclass(frozen=True, slots=True)
class Point:
    """A point of order on which nobody has ruled yet."""

    id: str
    raised_by: str


@dataclass(frozen=True, slots=True)
class Console:
    """View model of the moderator's console."""

    hearing: Hearing
    meeting: Meeting
    floor: Floor
    now: datetime
    lines: tuple[Line, ...]
    programme: tuple[Item, ...]
    outlook: Outlook
    questions: tuple[Question, ...]
    put: tuple[Put, ...]
    points: tuple[Point, ...]
    present: tuple[Present, ...]
    can: dict[str, bool]

    @property
    def holder(self) -> Line | None:
        """Who has the floor."""
        held = self.floor.holder
        return next((line for line in self.lines if held and line.slot.id == held.slot), None)

    @property
    def muted(self) -> bool:
        """Whether the moderator has closed the holder's microphone."""
        return self.floor.holder is not None and self.floor.holder.slot in self.floor.muted

    @property
    def clock(self) -> dict[str, Any] | None:
        """The holder's clock."""
        return clock_state(self.floor)

    @property
    def upcoming(self) -> tuple[Line, ...]:
        """The next three."""
        waiting = [line for line in self.lines if line.slot.state == "waiting"]
        return tuple(waiting[:3])

    @property
    def standing(self) -> str:
        """Where the meeting stands, as the procedure's table calls it."""
        return standing(self.floor)

    @property
    def extension_s(self) -> int:
        """What one extension gives, in whole seconds."""
        return self.floor.rules.extension_ms // 1000

    @property
    def passable(self) -> bool:
        """Whether somebody has the floor or is next, to be skipped or marked absent."""
        return self.holder is not None or bool(self.upcoming)

    @property
    def waiting(self) -> int:
        """How many are still to be called."""
        return sum(line.slot.state == "waiting" for line in self.lines)

    @property
    def minutes_left(self) -> int | None:
        """Whole minutes until the segment is to end; below zero when it is overdue."""
        segment = self.floor.segment
        if segment is None or not self.floor.segment_open:
            return None
        return (segment.ends_at - clock.to_ms(self.now)) // 60_000

    @property
    def item(self) -> Item | None:
        """The segment that is open."""
        return next((item for item in self.programme if item.state == "now"), None)

    @property
    def next_item(self) -> Item | None:
        """The segment to open next."""
        return next((item for item in self.programme if item.state == "upcoming"), None)

    @property
    def changeovers_seen(self) -> tuple[int, ...]:
        """The changeovers of this segment so far, in ms."""
        held = self.floor.interventions()
        return tuple(each.changeover_ms for each in held if each.changeover_ms is not None)

    @property
    def changeover_s(self) -> int | None:
        """The middle one of this segment's changeovers, in whole seconds; None before the first."""
        seen = sorted(self.changeovers_seen)
        return round(seen[len(seen) // 2] / 1000) if seen else None

    @property
    def can_undo(self) -> bool:
        """Whether an act is left to take back."""
        return bool(self.floor.marks)

    @property
    def expected_changeover_s(self) -> int:
        """The changeover that the forecast counts with, in whole seconds."""
        return round(self.outlook.changeover_ms / 1000)

    @property
    def over(self) -> bool:
        """Whether the holder's time is up."""
        return self.floor.holder is not None and not meeting_clock.left_ms(
            self.floor, clock.to_ms(self.now)
        )


def console(hearing: Hearing, meeting: Meeting) -> Console:
    """The console of a meeting, in a fixed number of queries."""
    floor = floor_of(meeting.id)
    now = clock.now()
    outlook = forecast(floor, clock.to_ms(now))
    segments = meeting.segments.select_related("meeting__hearing").order_by("ordinal")
    programme = tuple(Item(each, STANDINGS[phase_of(each, floor)]) for each in segments)
    opened = next((item.segment for item in programme if item.state == "now"), None)
    drawn = [each for each in floor.questions.values() if each.answered_at is None]
    checked = practice.checked(hearing.id, _persons(floor))
    lines = _lines(floor, outlook.expectations, checked)
    return Console(
        hearing=hearing,
        meeting=meeting,
        floor=floor,
        now=now,
        lines=lines,
        programme=programme,
        outlook=outlook,
        questions=tuple(ready_to_draw(opened)) if opened else (),
        put=_put(drawn),
        points=_points(floor),
        present=_present(floor, lines, checked),
        can={name: permitted(floor, name) for name in FIELDS},
    )


def _persons(floor: Floor) -> frozenset[str]:
    """Whoever is on the list, sits, is connected or was removed."""
    listed = {floor.slots[id].person for id in floor.order}
    here = {each.person for each in _here(floor)}
    return frozenset(listed | here | floor.removed)


def _here(floor: Floor) -> list[Seat | Link]:
    return [*floor.seats.values(), *floor.links.values()]


def _lines(
    floor: Floor, expectations: Sequence[Expectation], checked: frozenset[str]
) -> tuple[Line, ...]:
    slots = [floor.slots[id] for id in floor.order]
    names = display_names(slots)
    foreseen = {each.slot: each for each in expectations}
    connected = floor.connected()
    asked = {each.to for each in floor.questions.values() if each.answered_at is None}
    numbers = count(1)
    return tuple(
        Line(
            slot=slot,
            speaker=names[slot.id],
            number=next(numbers) if slot.role == "speaker" else None,
            connection=_connection(slot, floor, connected),
            asked=slot.id in asked,
            checked=slot.person in checked,
            **_forecast(foreseen.get(slot.id)),
        )
        for slot in slots
    )


def _forecast(found: Expectation | None) -> dict[str, Any]:
    if found is None:
        return {}
    return {
        "expected": _minute(found.expected),
        "earliest": _minute(found.earliest),
        "latest": _minute(found.latest),
        "status": WORDS.get(found.status, found.status),
    }


def _minute(ms: int) -> datetime:
    return clock.from_ms(ms - ms % 60_000)


def _connection(slot: Slot, floor: Floor, connected: frozenset[str]) -> str:
    if slot.id in floor.ready:
        return "ready"
    return "in_room" if slot.id in connected else "away"


def _present(floor: Floor, lines: Sequence[Line], checked: frozenset[str]) -> tuple[Present, ...]:
    """Who is there, in the order of the list; then those who stand on none; then the removed."""
    slots = {each.person: each.slot for each in _here(floor)} | dict.fromkeys(floor.removed, "")
    listed = {line.slot.person: line for line in lines}
    named = _names([person for person in slots if person not in listed])
    found = [
        Present(
            person=person,
            name=listed[person].speaker.name if person in listed else named.get(person, ""),
            slot=listed[person].slot.id if person in listed else slot,
            connection="removed" if person in floor.removed else _link(floor, person),
            checked=person in checked,
            removed=person in floor.removed,
        )
        for person, slot in slots.items()
    ]
    places = {person: place for place, person in enumerate(listed)}
    return tuple(
        sorted(found, key=lambda one: (one.removed, places.get(one.person, len(places)), one.name))
    )


def _link(floor: Floor, person: str) -> str:
    """How well somebody is there: with sound and picture, that lost, or with the page alone."""
    states = {link.state for link in floor.links.values() if link.person == person}
    if "up" in states:
        return "linked"
    return "link_lost" if states else "in_room"


def _names(persons: Iterable[str]) -> dict[str, str]:
    rows = Person.objects.filter(pk__in=[UUID(hex=person) for person in persons if person])
    return {row.id.hex: row.name for row in rows}


def _put(drawn: list[Drawn]) -> tuple[Put, ...]:
    rows = Question.objects.select_related("to", "registration__organization").in_bulk(
        [each.question for each in drawn]
    )
    found = {row.id.hex: row for row in rows.values()}
    return tuple(Put(found[each.question], each) for each in drawn if each.question in found)


def _points(floor: Floor) -> tuple[Point, ...]:
    raised = {id: person for id, person in floor.points.items() if id not in floor.rulings}
    names = _names(raised.values())
    return tuple(Point(id, names.get(person, "")) for id, person in raised.items())
