"""Signals of cutting to the apps above."""

from hemicycle.meeting.cutting.models import Cut
from hemicycle.record.writer import Writer
from hemicycle.signals import Signal

cut_ordered = Signal[[Writer, Cut], None]("cut_ordered")
"""Sent with (writer, cut) in the transaction that orders a cut."""

cut_done = Signal[[Writer, Cut], None]("cut_done")
"""Sent with (writer, cut) in the transaction that notes that nothing of it is left in any file."""
