"""Signals of on-air choices to the apps above."""

from hemicycle.before.registration.models import Registration
from hemicycle.record.writer import Writer
from hemicycle.signals import Signal

choice_changed = Signal[[Writer, Registration], None]("choice_changed")
"""Sent with (writer, registration) when a participant's choice has changed, in its transaction."""
