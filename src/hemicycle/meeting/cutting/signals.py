"""Signals of cuts to the apps above."""

from hemicycle.meeting.cutting.models import Cut
from hemicycle.record.writer import Writer
from hemicycle.signals import Signal

cut_ordered = Signal[[Writer, Cut], None]("cut_ordered")
"""Sent with (writer, cut), in the transaction that orders a cut."""

cut_done = Signal[[Writer, Cut], None]("cut_done")
"""Sent with (writer, cut), in the transaction that records that a cut was made in all files."""
