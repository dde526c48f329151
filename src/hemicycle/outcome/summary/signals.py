"""The signals that the summary sends to the apps above it."""

from hemicycle.outcome.summary.models import Summary, SummaryTranslation
from hemicycle.record.writer import Writer
from hemicycle.signals import Signal

summary_published = Signal[[Writer, Summary], None]("summary_published")
"""Sent with (writer, summary) inside the transaction that publishes a summary."""

translation_published = Signal[[Writer, SummaryTranslation], None]("translation_published")
"""Sent with (writer, translation) inside the transaction that publishes a translation."""
