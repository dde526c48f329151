"""Signals of training sessions to the apps above."""

from hemicycle.hearing.setup.models import Hearing
from hemicycle.record.writer import Writer
from hemicycle.signals import Signal

room_made = Signal[[Writer, Hearing], None]("room_made")
"""Sent with (writer of the room's record, room) after a session's room was created."""
