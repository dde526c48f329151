"""Reads a concept note, a letter or an announcement and drafts the hearing that it convenes.

A `Document` is the text of a file in blocks; `documents.reading` makes one from a file in any
format. `note` splits the blocks into sentences and labels; `dates`, `hours` and `zones` find
expressions of time, and `roles` decides which event each of them belongs to; `claims`, `meetings`,
`programme` and the modules of `fields` read the other fields. A field that is not in the text stays
empty and is listed as missing: nothing is guessed. If several days or places are possible, the
field stays empty and they are `candidates`. `languages` has one table of words for each language
and the names of CLDR; the rules are the same for all of them.

The reader itself is `reading.read`. Compiling its patterns takes about a second, so only the
guarded process that reads notes imports it; other code uses the types below.
"""

from hemicycle.convening.document import Document, NoteBlock
from hemicycle.convening.result import FIELDS, NoteReading

__all__ = ["FIELDS", "Document", "NoteBlock", "NoteReading"]
