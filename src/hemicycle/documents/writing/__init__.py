"""Papers: one tree of plain data, set as DOCX for those who edit and PDF for those who read.

Words of a paper are data all the way: none of them is ever read as markup.
"""

from hemicycle.documents.writing.docx import to_docx
from hemicycle.documents.writing.paper import (
    Block,
    BulletList,
    Heading,
    Letter,
    Note,
    Notes,
    NumberedList,
    PageBreak,
    Paper,
    Paragraph,
    Run,
    Table,
    ranges,
)
from hemicycle.documents.writing.pdf import Pdf, to_pdf

__all__ = [
    "Block",
    "BulletList",
    "Heading",
    "Letter",
    "Note",
    "Notes",
    "NumberedList",
    "PageBreak",
    "Paper",
    "Paragraph",
    "Pdf",
    "Run",
    "Table",
    "ranges",
    "to_docx",
    "to_pdf",
]
