"""Reads a concept note, a letter or an announcement and drafts the hearing that it convenes.

A `Document` is a file's text in blocks; `documents.reading` makes one of a file in any format.
`note` splits the blocks into sentences and labels; `dates`, `hours` and `zones` find expressions of
time, and `roles` decides what each one is the time of; `claims`, `meetings`, `programme` and one
module of `fields` for each group of fields read the rest. A field that is not in the text stays
empty and is listed as missing: nothing is guessed. Where several days or places compete, none is
stated, and they are `candidates`. `languages` has one table of words for each language and CLDR's
names; the rules are the same for all of them.

The reader itself is `reading.read`. Its patterns take a processor a second to compile, so only the
guarded process that reads notes imports it; all others have the forms below.
"""

from hemicycle.convening.document import Document, NoteBlock
from hemicycle.convening.result import FIELDS, NoteReading

__all__ = ["FIELDS", "Document", "NoteBlock", "NoteReading"]
