"""Projection of the floor onto statements: a delivered one is no longer confidential."""

from uuid import UUID

from hemicycle.before.statements.actions import Release, release
from hemicycle.before.statements.models import Statement
from hemicycle.hearing.setup.models import Meeting
from hemicycle.procedure import Floor
from hemicycle.procedure import events as e
from hemicycle.record.floor import floor_of
from hemicycle.record.writer import Writer

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


def _agree(record: Writer, floor: Floor, slots: set[str]) -> None:
    """Release, or close again, the statements of slots as the floor now has them."""
    rows = Statement.objects.filter(inscription__in=[UUID(hex=slot) for slot in slots])
    for statement in rows:
        slot = floor.slots.get(statement.inscription_id.hex) if statement.inscription_id else None
        state = slot.state if slot else ""
        release(record, statement, STATES.get(state, Release.EMBARGOED))


def _release_written(record: Writer, closing: UUID) -> None:
    """When the last meeting closes, contributions in writing have been before the hearing."""
    others = Meeting.objects.filter(hearing_id=record.hearing).exclude(pk=closing)
    if any(floor_of(meeting.pk).phase != "closed" for meeting in others):
        return
    for statement in Statement.objects.filter(hearing_id=record.hearing, inscription=None):
        if statement.registration.takes_part:
            release(record, statement, Release.WRITTEN)
