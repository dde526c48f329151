"""One reader of PDF, DOCX, ODT, HTML and text, in a separate process.

Statements, concept notes and mail come from anyone in the world. The bytes count as hostile, so the
parent never parses them: it hands them to a worker that has no environment, no way to write a file,
a limit of memory and a deadline, and gets back the text or one refusal.

`extract` reads a statement. A letter is read inside the worker of `mail.incoming.reading`, and a
concept note by `notes.read` inside the worker of `hearing.setup`, which finds its facts there too.
"""

from hemicycle.documents.reading.extraction import Extracted, extract
from hemicycle.documents.reading.limits import Limits
from hemicycle.documents.reading.refusals import SENTENCES, UnreadableDocument

__all__ = ["SENTENCES", "Extracted", "Limits", "UnreadableDocument", "extract"]
