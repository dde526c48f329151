"""Text of a statement, read in a process of its own.

A statement arrives as PDF, DOCX, ODT or plain text from anyone in the world. The
bytes are hostile until shown otherwise, so nothing of the parent ever parses them:
`extract` hands them to a worker that has no environment, no way to write a file,
a ceiling of memory and a deadline, and takes back paragraphs or one refusal.
"""

from hemicycle.documents.reading.errors import SENTENCES, Unreadable
from hemicycle.documents.reading.model import Extracted, Limits
from hemicycle.documents.reading.runner import extract

__all__ = ["SENTENCES", "Extracted", "Limits", "Unreadable", "extract"]
