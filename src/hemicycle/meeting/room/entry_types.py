"""Entries of the rooms that are no part of a meeting's procedure."""

from uuid import UUID

from hemicycle.meeting.room.models import Check
from hemicycle.record import erasure
from hemicycle.record.entry_registry import declare, ids_only, nothing_personal
from hemicycle.record.writer import Writer

PRACTICE_PASSED = declare(
    "practice.passed",
    *("person", "level_db", "rtt_ms", "loss", "camera"),
    erasure=ids_only("person"),
).name
BROADCASTER_ADDED = declare(
    "broadcaster.added", "broadcaster", "protocol", "channel", erasure=nothing_personal
).name
BROADCASTER_REMOVED = declare("broadcaster.removed", "broadcaster", erasure=nothing_personal).name


@erasure.register
def erase(person: UUID, record: Writer) -> list[str]:
    """Drop what a person's check found; that somebody passed one stays true."""
    Check.objects.filter(person_id=person, hearing_id=record.hearing).delete()
    return [person.hex]
