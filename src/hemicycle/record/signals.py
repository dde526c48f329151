"""Signals that the record sends to the apps above it."""

from uuid import UUID

from hemicycle.procedure.events import Event
from hemicycle.procedure.state import Floor
from hemicycle.record.writer import Writer
from hemicycle.signals import Signal

person_erased = Signal[[UUID, Writer], list[str]]("person_erased")
"""Sent with (person, writer) inside the transaction that erases a person from a hearing.

A receiver blanks or deletes its app's rows about the person in `writer.hearing`, and returns the
ids of these rows (32 hexadecimal digits each) that entries may name. Receivers run in reverse
order: apps whose rows point to other apps' rows come first. Each receiver runs in its own
savepoint, so one that fails does not stop the others. All receivers are called again when the
erasure is tried again, so a receiver must accept rows that are already blanked. A receiver appends
no entries.
"""

identity_erased = Signal[[UUID, Writer, bool], list[str]]("identity_erased")
"""Sent with (person, writer, is_complete) after `person_erased`; receivers return ids as for that.

If `is_complete` is false, a receiver of `person_erased` failed. The person's address must then stay
until the erasure is tried again, since receivers find rows by it.
"""

floor_changed = Signal[[Writer, UUID, Event, Floor], None]("floor_changed")
"""Sent with (writer, meeting, event, floor) for each event of a meeting.

`record.floor.act` sends it inside the hearing's transaction, after the event is appended; `floor`
is the floor after the event. An exception rolls the whole command back.
"""
