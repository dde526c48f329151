"""One reader of PDF, DOCX, ODT, HTML and text, in a separate process.

Statements, concept notes and mail are sent by anyone in the world. Their bytes are treated as
hostile, so the parent never parses them: it passes them to a worker that has no environment, no way
to write a file, a memory limit and a deadline, and receives the text or one refusal.

`extract` reads a statement. A letter is read inside the worker of `mail.incoming.reading`. A
concept note is read by `notes.read` inside the worker of `hearing.setup`, which also finds its
facts there.
"""

from hemicycle.documents.reading.extraction import Extracted, extract
from hemicycle.documents.reading.limits import Limits
from hemicycle.documents.reading.refusals import SENTENCES, UnreadableDocument

__all__ = ["SENTENCES", "Extracted", "Limits", "UnreadableDocument", "extract"]
