"""Text of a statement, read in a process of its own.

A statement arrives as PDF, DOCX, ODT or plain text from anyone in the world. The
bytes are hostile until shown otherwise, so nothing of the parent ever parses them:
`extract` hands them to a worker that has no environment, no way to write a file,
a ceiling of memory and a deadline, and takes back paragraphs or one refusal.
"""

from hemicycle.statements.extraction.errors import SENTENCES, Unreadable
from hemicycle.statements.extraction.model import Extracted, Limits
from hemicycle.statements.extraction.runner import extract

__all__ = ["SENTENCES", "Extracted", "Limits", "Unreadable", "extract"]
