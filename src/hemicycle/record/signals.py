"""What the record sends to the apps above it."""

from uuid import UUID

from hemicycle.procedure.events import Event
from hemicycle.procedure.state import Floor
from hemicycle.record.writer import Writer
from hemicycle.signals import Signal

floor_changed = Signal[[Writer, UUID, Event, Floor], None]("floor_changed")
"""Sent with (writer, meeting, event, floor) for each event of a meeting.

Sent by `record.floor.act` inside the hearing's transaction, after the event is appended; `floor` is
the floor after it. An exception undoes the whole act.
"""
