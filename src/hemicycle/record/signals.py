"""What the record sends to the apps above it."""

from uuid import UUID

from hemicycle.procedure.events import Event
from hemicycle.procedure.state import Floor
from hemicycle.record.writer import Writer
from hemicycle.signals import Signal

person_erased = Signal[[UUID, Writer], list[str]]("person_erased")
"""Sent with (person, writer) inside the transaction that erases a person from a hearing.

A receiver blanks or deletes its app's rows about the person in `writer.hearing` and answers the ids
of these rows (32 hexadecimal digits each) that entries may name. Receivers run in reverse order:
apps whose rows point to other apps' rows come first.
"""

floor_changed = Signal[[Writer, UUID, Event, Floor], None]("floor_changed")
"""Sent with (writer, meeting, event, floor) for each event of a meeting.

Sent by `record.floor.act` inside the hearing's transaction, after the event is appended; `floor` is
the floor after it. An exception undoes the whole act.
"""
