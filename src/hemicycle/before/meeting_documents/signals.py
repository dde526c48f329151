"""Signals of documents to the apps above."""

from hemicycle.record.writer import Writer
from hemicycle.signals import Signal

document_withdrawn = Signal[[Writer], None]("document_withdrawn")
"""Sent with (writer) in the transaction that deletes or unpublishes a document.

A receiver deletes copies of the file.
"""
