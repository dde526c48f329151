"""Papers: one tree of plain data, written as DOCX for editing and as PDF for reading.

The text of a paper is always data and is never read as markup.
"""

from hemicycle.documents.writing.paper import (
    Block,
    BulletList,
    Cell,
    CoverLetter,
    Emblem,
    Heading,
    NumberedList,
    PageBreak,
    Paper,
    Paragraph,
    Run,
    SourceNote,
    SourceNotes,
    Table,
    ranges,
)
from hemicycle.documents.writing.pdf import Pdf, to_pdf
from hemicycle.documents.writing.pictures import UnreadablePicture


def to_docx(paper: Paper) -> bytes:
    """Return the paper as a DOCX file."""
    from hemicycle.documents.writing import docx  # 10 MB, which most processes never need

    return docx.to_docx(paper)


__all__ = [
    "Block",
    "BulletList",
    "Cell",
    "CoverLetter",
    "Emblem",
    "Heading",
    "NumberedList",
    "PageBreak",
    "Paper",
    "Paragraph",
    "Pdf",
    "Run",
    "SourceNote",
    "SourceNotes",
    "Table",
    "UnreadablePicture",
    "ranges",
    "to_docx",
    "to_pdf",
]
