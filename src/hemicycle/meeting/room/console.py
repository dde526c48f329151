"""The view model of the moderator's console: the floor with names, forecasts and keys."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from hemicycle.before.consent import queries as consents
from hemicycle.before.questions.models import Question
from hemicycle.before.questions.queries import ready_to_draw
from hemicycle.before.registration.list_phase import phase_of
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.walk_ups import candidates
from hemicycle.before.speakers.queries import WORDS, earlier_habits
from hemicycle.before.statements.video import queries as videos
from hemicycle.hearing.people.models import Role
from hemicycle.hearing.setup.models import Hearing, Meeting, Segment
from hemicycle.meeting.room import practice
from hemicycle.meeting.room.presses import FIELDS
from hemicycle.meeting.state.display_names import DisplayName, display_names, names_of_people
from hemicycle.meeting.state.meeting_view import STANDINGS, clock_state
from hemicycle.procedure import clock as meeting_clock
from hemicycle.procedure.forecast import Expectation, Outlook, forecast
from hemicycle.procedure.state import CHAIR, DrawnQuestion, Floor, Link, Seat, Slot
from hemicycle.procedure.transitions import permitted, standing
from hemicycle.record import clock
from hemicycle.record.floor import floor_of
from hemicycle.ui.languages import language_name

EARLY = timedelta(hours=1)
"""The console asks for confirmation if a meeting is opened earlier than this before its time."""

FAR_OFF_MIN = 12 * 60
"""From this many minutes on, the console shows a planned end as a time of day."""


@dataclass(frozen=True, slots=True)
class SlotRow:
    """A slot on the list as the console shows it.

    `connection` is a word of `ui.states`. `number` is the place on the list of speakers, None for a
    panellist, who has none. A panellist who was `asked` a question that is still open may answer
    without being recalled. `line` says why nobody would hear this speaker, as a word of
    `ui.states`; "" if they would be heard, or if the engine does not report lines.
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
    line: str = ""
    track: str = ""
    """The name of the track, or the role of a panellist, who has no track."""

    @property
    def waits(self) -> bool:
        """Whether this speaker has not been called yet."""
        return self.slot.state == "waiting"

    @property
    def callable(self) -> bool:
        """Whether the floor can be given to this speaker now."""
        return self.waits or (self.asked and self.slot.state == "delivered")

    @property
    def hand(self) -> bool:
        """Whether this speaker has spoken and asks for the floor again."""
        return self.connection == "ready" and self.slot.state == "delivered"

    @property
    def shows_connection(self) -> bool:
        """Whether to show the connection: for speakers who will, or may again, be called."""
        return self.connection != "away" and self.slot.state in {"waiting", "absent", "skipped"}

    @property
    def recallable(self) -> bool:
        """Whether this speaker can be called again."""
        return self.slot.state in {"absent", "skipped", "delivered"}

    @property
    def languages(self) -> list[str]:
        """The names of the languages in which this speaker may speak."""
        return [language_name(tag) for tag in self.slot.languages]


@dataclass(frozen=True, slots=True)
class Attendee:
    """A person who has opened a seat, is connected, or was removed.

    `connection` is a word of `ui.states`. `slot` is "" for a person who is not on a list, such as
    the moderator.
    """

    person: str
    name: str
    slot: str
    connection: str
    checked: bool
    removed: bool = False
    is_alias: bool = False


@dataclass(frozen=True, slots=True)
class WalkUp:
    """A person who can be added to the open list; `is_here` if they are connected to a seat."""

    registration: Registration
    name: str
    organization: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class ProgrammeRow:
    """An item of the programme and its state: done, now or upcoming."""

    segment: Segment
    state: str


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question that was put to the panel and has not been answered yet."""

    question: Question
    drawn: DrawnQuestion


@dataclass(frozen=True, slots=True)
class OpenPoint:
    """A point of order on which nobody has ruled yet."""

    id: str
    raised_by: str
    is_heard: bool = False


@dataclass(frozen=True, slots=True)
class Console:
    """View model of the moderator's console."""

    hearing: Hearing
    meeting: Meeting
    floor: Floor
    now: datetime
    rows: tuple[SlotRow, ...]
    programme: tuple[ProgrammeRow, ...]
    outlook: Outlook
    questions: tuple[Question, ...]
    open_questions: tuple[OpenQuestion, ...]
    open_points: tuple[OpenPoint, ...]
    attendees: tuple[Attendee, ...]
    can: dict[str, bool]
    chairs: tuple[SlotRow, ...] = ()
    """The chairs of the open segment, who are not on the list."""
    apart: Collection[str] = ()
    """The panel's slots that, by their choices about publication, take no part in discussions."""

    @property
    def holder(self) -> SlotRow | None:
        """The row of the speaker who has the floor."""
        held = self.floor.holder
        rows = (*self.rows, *self.chairs)
        return next((row for row in rows if held and row.slot.id == held.slot), None)

    @property
    def muted(self) -> bool:
        """Whether the moderator has closed the holder's microphone."""
        return self.floor.holder is not None and self.floor.holder.slot in self.floor.muted

    @property
    def may_discuss(self) -> bool:
        """Whether the moderator may open a discussion now."""
        allowed = self.can["open_discussion"] and self.floor.rules.discussion != "off"
        return allowed and len(self.floor.panel) > 1

    @property
    def discussing(self) -> tuple[SlotRow, ...]:
        """The rows of the panel during a discussion; otherwise empty."""
        panel = self.floor.panel if self.floor.discussion else frozenset()
        return tuple(row for row in (*self.chairs, *self.rows) if row.slot.id in panel)

    @property
    def clock_runs(self) -> bool:
        """Whether the holder's clock runs."""
        return self.floor.holder is not None and self.floor.holder.running_since is not None

    @property
    def clock(self) -> dict[str, Any] | None:
        """The holder's clock or, in a discussion, the segment's."""
        return clock_state(self.floor)

    @property
    def upcoming(self) -> tuple[SlotRow, ...]:
        """The rows of the next three speakers."""
        waiting = [row for row in self.rows if row.slot.state == "waiting"]
        return tuple(waiting[:3])

    @property
    def hands(self) -> tuple[SlotRow, ...]:
        """The rows of those who have spoken and ask for the floor again."""
        return tuple(row for row in self.rows if row.hand)

    @property
    def unheard_next(self) -> SlotRow | None:
        """The next speaker if nobody would hear them; otherwise None."""
        first = self.upcoming[0] if self.upcoming else None
        return first if first is not None and first.line else None

    @property
    def standing(self) -> str:
        """The state of the meeting, in the words of the procedure's table."""
        return standing(self.floor)

    @property
    def extension_s(self) -> int:
        """The length of one extension, in whole seconds."""
        return self.floor.rules.extension_ms // 1000

    @property
    def passable(self) -> bool:
        """Whether a speaker has the floor or is next, who could be skipped or marked absent."""
        return self.holder is not None or bool(self.upcoming)

    @property
    def waiting(self) -> int:
        """The number of speakers who have not been called yet."""
        return sum(row.slot.state == "waiting" for row in self.rows)

    @property
    def minutes_left(self) -> int | None:
        """Whole minutes to the segment's planned end, negative when overdue; None between two."""
        segment = self.floor.segment
        if segment is None or not self.floor.segment_open:
            return None
        return (segment.ends_at - clock.to_ms(self.now)) // 60_000

    @property
    def ends_at(self) -> datetime | None:
        """The planned end of the open segment, including prolongations; None between segments."""
        segment = self.floor.segment
        return clock.from_ms(segment.ends_at) if segment and self.floor.segment_open else None

    prolongations = (5, 15)
    """The minutes by which a press can prolong the open segment."""

    @property
    def ends_far_off(self) -> bool:
        """Whether the planned end is too far away to be shown in minutes."""
        return self.minutes_left is not None and self.minutes_left >= FAR_OFF_MIN

    @property
    def opens_early(self) -> bool:
        """Whether the meeting is due in more than `EARLY`, so that the console asks first."""
        return self.meeting.starts_at - self.now > EARLY

    @property
    def item(self) -> ProgrammeRow | None:
        """The item that is open; None between segments."""
        return next((row for row in self.programme if row.state == "now"), None)

    @property
    def next_item(self) -> ProgrammeRow | None:
        """The item to open next, or None."""
        return next((row for row in self.programme if row.state == "upcoming"), None)

    @property
    def held_up(self) -> ProgrammeRow | None:
        """The next item if it is due and another item is still open; otherwise None."""
        found = self.next_item if self.item else None
        return found if found and found.segment.starts_at <= self.now else None

    @property
    def changeovers_seen(self) -> tuple[int, ...]:
        """The changeovers of this segment so far, in ms."""
        seen = (intervention.changeover_ms for intervention in self.floor.interventions())
        return tuple(ms for ms in seen if ms is not None)

    @property
    def changeover_s(self) -> int | None:
        """The median changeover of this segment, in whole seconds; None before the first."""
        seen = sorted(self.changeovers_seen)
        return round(seen[len(seen) // 2] / 1000) if seen else None

    @property
    def can_undo(self) -> bool:
        """Whether there is an act to undo."""
        return bool(self.floor.marks)

    @property
    def expected_changeover_s(self) -> int:
        """The changeover that the forecast expects, in whole seconds."""
        return round(self.outlook.changeover_ms / 1000)

    @property
    def over(self) -> bool:
        """Whether the holder's time is used up."""
        return self.floor.holder is not None and not meeting_clock.left_ms(
            self.floor, clock.to_ms(self.now)
        )


def console(hearing: Hearing, meeting: Meeting) -> Console:
    """Return the console of a meeting, in a fixed number of queries."""
    floor = floor_of(meeting.id)
    now = clock.now()
    outlook = forecast(floor, clock.to_ms(now), earlier_habits(hearing.id, meeting.id))
    segments = meeting.segments.select_related("meeting__hearing").order_by("ordinal")
    programme = tuple(
        ProgrammeRow(segment, STANDINGS[phase_of(segment, floor)]) for segment in segments
    )
    opened = next((row.segment for row in programme if row.state == "now"), None)
    checked = practice.checked(hearing.registered_id, _persons(floor))
    everybody = _rows(
        hearing, floor, outlook.expectations, checked, recorded=_recorded(hearing, floor)
    )
    rows = tuple(row for row in everybody if row.slot.role != CHAIR)
    return Console(
        hearing=hearing,
        meeting=meeting,
        floor=floor,
        now=now,
        rows=rows,
        programme=programme,
        outlook=outlook,
        questions=tuple(ready_to_draw(opened)) if opened else (),
        open_questions=_open_questions(floor),
        open_points=_open_points(hearing.id, floor),
        attendees=_attendees(hearing.id, floor, everybody, checked),
        can={name: permitted(floor, name) for name in (*FIELDS, "add_slot")},
        chairs=tuple(row for row in everybody if row.slot.role == CHAIR),
        apart=consents.withheld(floor.panel, *consents.IN_PUBLIC) if floor.discussion else (),
    )


def walk_ups(seen: Console) -> list[WalkUp]:
    """Return the people who can be added to the open list, connected people first."""
    if seen.item is None:
        return []
    here = {connection.person for connection in _connections(seen.floor)}
    found = []
    for registration in candidates(seen.item.segment, seen.floor):
        public = registration.public_identity()
        is_here = registration.person_id.hex in here
        found.append(WalkUp(registration, public.name, public.organization, is_here))
    return sorted(found, key=lambda walk_up: not walk_up.is_here)


def _persons(floor: Floor) -> frozenset[str]:
    """Return the ids of people who are on the list, have a seat, are connected or were removed."""
    listed = {slot.person for slot in floor.slots.values()}
    here = {connection.person for connection in _connections(floor)}
    return frozenset(listed | here | floor.removed)


def _connections(floor: Floor) -> list[Seat | Link]:
    return [*floor.seats.values(), *floor.links.values()]


def _rows(
    hearing: Hearing,
    floor: Floor,
    expectations: Sequence[Expectation],
    checked: frozenset[str],
    recorded: Collection[str],
) -> tuple[SlotRow, ...]:
    presiding = (slot for slot in floor.slots.values() if slot.role == CHAIR)
    slots = [*presiding, *(floor.slots[id] for id in floor.order)]
    names = display_names(slots)
    foreseen = {expectation.slot: expectation for expectation in expectations}
    connected = floor.connected()
    asked = {drawn.to for drawn in _unanswered(floor)}
    numbers = count(1)
    return tuple(
        SlotRow(
            slot=slot,
            speaker=names[slot.id],
            number=next(numbers) if slot.role == "speaker" else None,
            connection=_connection(slot, floor, connected),
            asked=slot.id in asked,
            checked=slot.person in checked,
            track=_track(hearing, slot),
            line="" if slot.id in recorded else _line(slot.id, floor, connected),
            **_forecast(foreseen.get(slot.id)),
        )
        for slot in slots
    )


def _track(hearing: Hearing, slot: Slot) -> str:
    """Return the name of a slot's track, the role of a panellist, or "" for a chair."""
    if slot.role == CHAIR:
        return ""
    track = hearing.track(slot.track)
    return track.label if track else str(Role(slot.role).label)


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


def _recorded(hearing: Hearing, floor: Floor) -> Collection[str]:
    """Return the slots whose recorded video plays, so that nobody has to be connected."""
    return videos.brief(hearing)["videos"] if floor.reports_lines else ()


def _line(slot: str, floor: Floor, connected: frozenset[str]) -> str:
    if not floor.reports_lines or floor.has_line(slot):
        return ""
    held = floor.holder if floor.holder and floor.holder.slot == slot else None
    was_up = any(link.slot == slot for link in floor.links.values())
    if was_up or (held is not None and held.giving in floor.reached and slot not in connected):
        return "link_lost"
    return "no_sound" if slot in connected else "away"


def _attendees(
    hearing: UUID, floor: Floor, rows: Sequence[SlotRow], checked: frozenset[str]
) -> tuple[Attendee, ...]:
    """Return speakers in the order of the list, then people on no list, then removed people."""
    slots = {connection.person: connection.slot for connection in _connections(floor)}
    slots |= dict.fromkeys(floor.removed, "")
    listed = {row.slot.person: row for row in rows}
    named = names_of_people(hearing, [person for person in slots if person not in listed])
    shown = {person: row.speaker for person, row in listed.items()} | named
    found = [
        Attendee(
            person=person,
            name=shown[person].name if person in shown else "",
            is_alias=person in shown and shown[person].is_alias,
            slot=listed[person].slot.id if person in listed else slot,
            connection="removed" if person in floor.removed else _link_state(floor, person),
            checked=person in checked,
            removed=person in floor.removed,
        )
        for person, slot in slots.items()
    ]
    places = {person: place for place, person in enumerate(listed)}
    return tuple(
        sorted(found, key=lambda row: (row.removed, places.get(row.person, len(places)), row.name))
    )


def _link_state(floor: Floor, person: str) -> str:
    """Return a person's connection: "linked", "link_lost", or "in_room" with only the page."""
    states = {link.state for link in floor.links.values() if link.person == person}
    if "up" in states:
        return "linked"
    return "link_lost" if states else "in_room"


def _unanswered(floor: Floor) -> list[DrawnQuestion]:
    return [drawn for drawn in floor.questions.values() if drawn.answered_at is None]


def _open_questions(floor: Floor) -> tuple[OpenQuestion, ...]:
    unanswered = _unanswered(floor)
    rows = Question.objects.select_related(
        "to", "registration__organization", "registration__person"
    ).in_bulk([drawn.question for drawn in unanswered])
    found = {row.id.hex: row for row in rows.values()}
    return tuple(
        OpenQuestion(found[drawn.question], drawn)
        for drawn in unanswered
        if drawn.question in found
    )


def _open_points(hearing: UUID, floor: Floor) -> tuple[OpenPoint, ...]:
    raised = {id: person for id, person in floor.points.items() if id not in floor.rulings}
    names = names_of_people(hearing, raised.values())
    return tuple(
        OpenPoint(
            id, names[person].name if person in names else "", is_heard=id == floor.hearing_point
        )
        for id, person in raised.items()
    )
