"""Seats: who has which seat, and the actions of a seat. A seat holds one live connection.

A connection has the same id as the screen that reports under it (`room.screens`), so that `sweep`
can find seats whose screens have gone silent and leave them.
"""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Q

from hemicycle.before.consent import queries as consents
from hemicycle.before.readers import actions as readers
from hemicycle.before.readers import places
from hemicycle.before.readers.models import ProxyReader
from hemicycle.before.readers.queries import read_slots
from hemicycle.before.registration.access import actor_of
from hemicycle.before.registration.list_phase import ListPhase, phase_of
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.before.training import rooms
from hemicycle.hearing.people.access import roles_in
from hemicycle.hearing.people.actions import GIVEN
from hemicycle.hearing.people.models import Person, Role
from hemicycle.hearing.setup.models import SEAT_ROLE, Hearing, Meeting, PanelMember, Segment
from hemicycle.meeting.room.audiences import slot_states
from hemicycle.meeting.room.models import Screen
from hemicycle.meeting.room.screens import FORGOTTEN_AFTER, SILENT_AFTER
from hemicycle.meeting.state.display_names import names_of_people
from hemicycle.procedure import commands
from hemicycle.procedure.refusals import Refused
from hemicycle.procedure.state import Floor
from hemicycle.record import clock, writer
from hemicycle.record.floor import act, floor_of
from hemicycle.record.unreadable import UnreadableEntry

SWEEPER = writer.Actor.system("seats")


@dataclass(frozen=True, slots=True)
class SeatAssignment:
    """A participant's part in one segment.

    `slot` is "" for people on no list: a moderator, or a mission that may raise points of order.
    """

    slot: str
    segment: Segment
    role: Role
    is_read: bool = False
    """Whether a reader has the seat; its own person then only watches."""

    @property
    def joined_slot(self) -> str:
        """The slot with which a connection of this participant joins; "" if there is none."""
        return "" if self.is_read else self.slot


@dataclass(frozen=True, slots=True)
class Participant:
    """A person with a seat in a hearing, and their assignments in the order of the programme.

    `name` is their public name, because others may see the screen that shows it.
    """

    hearing: Hearing
    person: UUID
    name: str
    actor: writer.Actor
    assignments: tuple[SeatAssignment, ...]
    registration: str = ""
    """The id of the person's registration; "" if they have none."""

    def at(self) -> "MeetingSeat | None":
        """Return the present seat, or None: of the open panel, else the next, else the last."""
        seats = [
            MeetingSeat(assignment, floor_of(assignment.segment.meeting_id))
            for assignment in self.assignments
        ]
        for where in (ListPhase.OPEN, ListPhase.BEFORE, ListPhase.OVER):
            found = [seat for seat in seats if seat.where is where]
            if found:
                return found[-1] if where is ListPhase.OVER else found[0]
        return None


@dataclass(frozen=True, slots=True)
class MeetingSeat:
    """An assignment with the floor of its meeting."""

    assignment: SeatAssignment
    floor: Floor

    @property
    def where(self) -> ListPhase:
        """Whether the panel has not opened yet, is open, or is over."""
        return phase_of(self.assignment.segment, self.floor)

    def open_points(self, person: UUID) -> list[str]:
        """Return the points of order that a person has raised and nobody has ruled on."""
        raised = self.floor.points.items()
        return [id for id, by in raised if by == person.hex and id not in self.floor.rulings]

    @property
    def me(self) -> dict[str, Any] | None:
        """The state of the seat's own slot, for its page; None before the panel opens."""
        hearing = self.assignment.segment.meeting.hearing_id
        return slot_states(hearing, self.floor).get(self.assignment.slot)

    def may_join(self, person: UUID, connection: UUID) -> bool:
        """Return whether a connection's id is this person's or unused; all seats know all ids."""
        held = self.floor.seats.get(connection.hex)
        return held is None or held.person == person.hex

    def connections(self, person: UUID) -> list[str]:
        """Return the live connections of this seat; without a slot, those of the person."""
        slot = self.assignment.joined_slot
        return [
            id
            for id, seat in self.floor.seats.items()
            if seat.slot == slot and (slot or seat.person == person.hex)
        ]


def of_registration(registration: Registration) -> Participant:
    """Return the participant behind a registration's personal link.

    A registration that takes no part (not accepted, refused, withdrawn) has no seat.
    """
    rows = registration.inscriptions.select_related("segment__meeting__hearing").order_by("arrival")
    read = read_slots(registration.hearing_id)
    latest = {row.segment_id: row for row in rows}
    person = registration.person
    listed = [
        SeatAssignment(row.id.hex, row.segment, Role.SPEAKER, row.id.hex in read)
        for row in latest.values()
        if registration.takes_part
    ]
    return Participant(
        hearing=registration.hearing,
        person=person.id,
        name=registration.alias or person.name,
        actor=actor_of(registration),
        assignments=_ordered(listed or _unlisted(registration)),
        registration=registration.id.hex,
    )


def at_address(registration: Registration, slug: str) -> Participant | None:
    """Return the participant at the hearing with this slug, or in one of its training rooms.

    Returns None if neither has the slug.
    """
    if registration.hearing.slug == slug:
        return of_registration(registration)
    room = rooms.room_at(registration.hearing, slug)
    return _in_training(registration, room) if room is not None else None


def _in_training(registration: Registration, room: Hearing) -> Participant:
    members = PanelMember.objects.filter(
        segment__meeting__hearing=room, person=registration.person_id, role=Role.SPEAKER
    )
    found = members.select_related("segment__meeting__hearing") if registration.takes_part else ()
    return Participant(
        hearing=room,
        person=registration.person_id,
        name=registration.alias or registration.person.name,
        actor=actor_of(registration),
        assignments=tuple(
            SeatAssignment(member.id.hex, member.segment, Role.SPEAKER) for member in found
        ),
        registration=registration.id.hex,
    )


def of_person(hearing: Hearing, person: Person) -> Participant:
    """Return a signed-in person as a participant: on a panel, chairing one, or on a list."""
    on_panels = PanelMember.objects.alias(comes_as=SEAT_ROLE).filter(
        segment__meeting__hearing=hearing, person=person, comes_as__in=roles_in(person, hearing.id)
    )
    own = Inscription.objects.filter(
        Registration.taking_part("registration__"),
        Q(speaker=person) | Q(registration__person=person),
        hearing_id=hearing.id,
        state=Inscription.State.INSCRIBED,
    )
    read = read_slots(hearing.id)
    found = [
        *(
            _on_panel(member, read)
            for member in on_panels.select_related("segment__meeting__hearing")
        ),
        *(
            SeatAssignment(row.id.hex, row.segment, Role.SPEAKER, row.id.hex in read)
            for row in own.select_related("segment__meeting__hearing")
        ),
    ]
    registration = registration_of(hearing, person)
    if not found and registration is not None:
        found = _unlisted(registration)
    role = found[0].role if found else Role.SPEAKER
    return Participant(
        hearing=hearing,
        person=person.id,
        name=names_of_people(hearing.id, [person.id.hex])[person.id.hex].name,
        actor=writer.Actor(person.id.hex, role.value),
        assignments=_ordered(found),
        registration=registration.id.hex if registration else "",
    )


def of_reader(reader: ProxyReader) -> Participant:
    """Return a confirmed reader as a participant, at the one place from which they read."""
    place = places.of_reader(reader)
    stands = place is not None and place.stands and reader.confirmed_at is not None
    return Participant(
        hearing=reader.hearing,
        person=reader.person_id,
        name=reader.person.name,
        actor=readers.actor_of(reader),
        assignments=(SeatAssignment(place.slot.hex, place.segment, place.role),)
        if place is not None and stands
        else (),
    )


def registration_of(hearing: Hearing, person: Person) -> Registration | None:
    """Return the registration of a signed-in person, whether or not it takes part, or None."""
    return Registration.objects.filter(hearing=hearing, person=person).first()


def may_practise(participant: Participant, person: Person) -> bool:
    """Return whether a signed-in person may try their microphone.

    People with an appointment or a seat may, and those whose registration takes part.
    """
    if participant.assignments or roles_in(person, participant.hearing.id) & set(GIVEN):
        return True
    registration = registration_of(participant.hearing, person)
    return registration is not None and registration.takes_part


def _on_panel(member: PanelMember, read: frozenset[str]) -> SeatAssignment:
    chairs, slot = member.role == Role.MODERATOR, member.id.hex
    role = member.seat_role
    return SeatAssignment("" if chairs else slot, member.segment, role, slot in read)


def _unlisted(registration: Registration) -> list[SeatAssignment]:
    """Return seats without a slot in all panels for a mission that may raise points of order.

    A mission may do so with or without a place on the list (requirement F8); others get [].
    """
    hearing = registration.hearing
    raises = hearing.points_of_order and registration.is_mission
    if not raises or not registration.takes_part:
        return []
    panels = Segment.objects.filter(meeting__hearing=hearing).select_related("meeting__hearing")
    return [SeatAssignment("", panel, Role.SPEAKER) for panel in panels]


def _ordered(found: Iterable[SeatAssignment]) -> tuple[SeatAssignment, ...]:
    return tuple(sorted(found, key=lambda assignment: assignment.segment.ordinal))


def join(
    *, participant: Participant, seat: MeetingSeat, connection: UUID, if_free: bool = False
) -> None:
    """Join the seat with this connection; connections that held it before leave it.

    With `if_free`, do nothing if a connection already holds the seat. Raises `Refused` if the
    meeting is closed.
    """
    slot = seat.assignment.joined_slot
    joined = commands.Join(connection.hex, participant.person.hex, slot)
    with writer.writing(participant.hearing.id, actor=participant.actor):
        if if_free and _now(seat).connections(participant.person):
            return
        floor = _act(participant, seat, joined)
        for other in MeetingSeat(seat.assignment, floor).connections(participant.person):
            if other != connection.hex:
                _act(participant, seat, commands.Leave(other))
    Screen.objects.update_or_create(
        id=connection,
        defaults={
            "hearing_id": participant.hearing.id,
            "kind": "seat",
            "reported_at": clock.now(),
            "offset_ms": 0,
            "uncertainty_ms": 0,
            "seq": floor.seq,
        },
    )


def _now(seat: MeetingSeat) -> MeetingSeat:
    """Return the seat as the record now has it, which may be newer than the page's data."""
    return MeetingSeat(seat.assignment, floor_of(seat.assignment.segment.meeting_id))


def leave(*, participant: Participant, seat: MeetingSeat, connection: UUID) -> None:
    """Leave the seat if this connection holds it."""
    if connection.hex in seat.connections(participant.person):
        _act(participant, seat, commands.Leave(connection.hex))
        Screen.objects.filter(pk=connection).delete()


def ready(*, participant: Participant, seat: MeetingSeat, is_ready: bool) -> None:
    """Record whether the speaker is ready. Raises `Refused` when this no longer has any effect."""
    _act(participant, seat, commands.Ready(seat.assignment.slot, is_ready))


def raise_point(*, participant: Participant, seat: MeetingSeat) -> str:
    """Raise a point of order; return its id.

    Raises `Refused` if the rules do not allow one, or not now. It also refuses people who have
    chosen to stay out of the webcast, recording or transcript, which would contain the point of
    order.
    """
    person = participant.person.hex
    if consents.keeps_out(participant.hearing.registered_id, person, seat.assignment.slot):
        raise Refused("keeps_out")
    point = uuid4().hex
    _act(participant, seat, commands.RaisePointOfOrder(point, person))
    return point


def _act(participant: Participant, seat: MeetingSeat, command: commands.Command) -> Floor:
    meeting = seat.assignment.segment.meeting_id
    return act(
        hearing=participant.hearing.id, meeting=meeting, command=command, actor=participant.actor
    )


def sweep() -> None:
    """Leave the seats whose pages no longer report, on behalf of the people who hold them."""
    now = clock.now()
    silent = Screen.objects.filter(kind="seat", reported_at__lt=now - SILENT_AFTER)
    by_hearing: dict[UUID, set[str]] = defaultdict(set)
    for hearing, screen in silent.values_list("hearing_id", "id"):
        by_hearing[hearing].add(screen.hex)
    for hearing, gone in by_hearing.items():
        for meeting in Meeting.objects.filter(hearing_id=hearing).values_list("id", flat=True):
            with suppress(UnreadableEntry):  # a process of the newer version sweeps these seats
                for connection in gone & floor_of(meeting).seats.keys():
                    _leave_for(hearing, meeting, connection)
    silent.filter(reported_at__lt=now - FORGOTTEN_AFTER).delete()


def _leave_for(hearing: UUID, meeting: UUID, connection: str) -> None:
    with suppress(Refused):
        act(
            hearing=hearing,
            meeting=meeting,
            command=commands.Leave(connection),
            actor=SWEEPER,
        )
