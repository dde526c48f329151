"""Projection of the floor onto statements: delivery ends a statement's confidentiality.

A statement follows its slot, whether it was submitted before its speaker spoke or afterwards.
"""

from uuid import UUID

from hemicycle.before.registration.list_phase import floor_in, slots_of
from hemicycle.before.statements import entry_types, letters
from hemicycle.before.statements.library import publication
from hemicycle.before.statements.models import Statement
from hemicycle.hearing.setup.models import Meeting
from hemicycle.procedure import Floor
from hemicycle.procedure import events as e
from hemicycle.record import clock
from hemicycle.record.floor import floor_of
from hemicycle.record.writer import Writer

Release = Statement.Release
STATES = {"delivered": Release.DELIVERED, "not_reached": Release.NOT_REACHED}
"""States of a slot that release its statement; with any other state it stays confidential."""


def follow(record: Writer, meeting: UUID, event: e.Event, floor: Floor) -> None:
    """Update the statements after one event of a meeting, inside its transaction."""
    match event:
        case e.FloorEnded(slot=slot):
            _agree(record, floor, {slot})
        case e.SegmentClosed() | e.ActUndone():
            _agree(record, floor, set(floor.slots))
        case e.MeetingClosed():
            _release_written(record, meeting)


def catch_up(record: Writer, statement: Statement) -> None:
    """Release a statement that was submitted after its speaker had spoken, or after the hearing."""
    standing_now = standing(record, statement)
    if standing_now != Release.EMBARGOED:
        release(record, statement, standing_now)


def standing(record: Writer, statement: Statement) -> Statement.Release:
    """Return the release of a statement that follows from the present floors of its hearing."""
    place = statement.inscription
    if place is None:
        meetings = Meeting.objects.filter(hearing_id=record.hearing).values_list("pk", flat=True)
        floors = [floor_in(record, meeting) for meeting in meetings]
        is_over = floors and all(floor.phase == "closed" for floor in floors)
        takes_part = statement.registration.takes_part
        return Release.WRITTEN if is_over and takes_part else Release.EMBARGOED
    slots = slots_of(place.segment, floor_in(record, place.segment.meeting_id))
    states = (slot.state for slot in slots if slot.id == place.id.hex)
    return STATES.get(next(states, ""), Release.EMBARGOED)


def release(record: Writer, statement: Statement, how: Statement.Release) -> None:
    """End a statement's confidentiality, or restore it with `EMBARGOED`, inside a transaction."""
    if statement.release == how:
        return
    statement.release = how
    released = how != Release.EMBARGOED
    statement.released_at = clock.from_ms(record.now) if released else None
    statement.save(update_fields=["release", "released_at"])
    record.append(entry_types.RELEASED, {"statement": statement.id.hex, "release": how.value})
    letters.published(statement)
    publication.follow(record, statement.id)


def _agree(record: Writer, floor: Floor, slots: set[str]) -> None:
    """Release the statements of slots, or make them confidential again, by their states now."""
    rows = Statement.objects.filter(inscription__in=[UUID(hex=slot) for slot in slots])
    for statement in rows:
        slot = floor.slots.get(statement.inscription_id.hex) if statement.inscription_id else None
        by_floor = STATES.get(slot.state if slot else "", Release.EMBARGOED)
        if by_floor != Release.EMBARGOED or not statement.is_released_by_hand:
            release(record, statement, by_floor)


def _release_written(record: Writer, closing: UUID) -> None:
    """Release contributions in writing when the last meeting closes."""
    others = Meeting.objects.filter(hearing_id=record.hearing).exclude(pk=closing)
    if any(floor_of(meeting.pk).phase != "closed" for meeting in others):
        return
    for statement in Statement.objects.filter(hearing_id=record.hearing, inscription=None):
        if statement.registration.takes_part:
            release(record, statement, Release.WRITTEN)
