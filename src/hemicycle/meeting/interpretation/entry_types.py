"""Entries about booths, and what erasing a person does to their place in one."""

from uuid import UUID

from hemicycle.meeting.interpretation.models import Interpreter
from hemicycle.record import erasure
from hemicycle.record.entry_registry import declare, ids_only
from hemicycle.record.writer import Writer

_WHO = ("person", "booth")
ASSIGNED = declare("interpreter.assigned", *_WHO, erasure=ids_only("person")).name
RELEASED = declare("interpreter.released", *_WHO, erasure=ids_only("person")).name


@erasure.register
def erase(person: UUID, record: Writer) -> list[str]:
    """Take the person out of their booth; that somebody interpreted there stays true."""
    Interpreter.objects.filter(hearing=record.hearing, person=person).delete()
    return []
