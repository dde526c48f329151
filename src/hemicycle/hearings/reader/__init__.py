"""Reads a concept note, a letter or an announcement and drafts the hearing that it convenes.

The way through: `loading` turns a file of any format into blocks; `note` cuts them into sentences
and labels; `dates`, `hours` and `zones` find expressions of time and `events` tells what each is
the time of; `meetings`, `programme` and one module of `fields` for each group of fields read the
rest. A field that is not in the text stays empty and is listed as missing: nothing is guessed.
"""

from hemicycle.hearings.reader.document import Block, Document, Unreadable
from hemicycle.hearings.reader.reading import FIELDS, Reading, read, read_file

__all__ = ["FIELDS", "Block", "Document", "Reading", "Unreadable", "read", "read_file"]
