"""Papers: one tree of plain data, set as DOCX for those who edit and PDF for those who read.

Words of a paper are data all the way: none of them is ever read as markup.
"""

from hemicycle.documents.writing.docx import to_docx
from hemicycle.documents.writing.paper import (
    Block,
    BulletList,
    CoverLetter,
    Heading,
    Notes,
    NumberedList,
    PageBreak,
    Paper,
    Paragraph,
    Run,
    SourceNote,
    Table,
    ranges,
)
from hemicycle.documents.writing.pdf import Pdf, to_pdf

__all__ = [
    "Block",
    "BulletList",
    "CoverLetter",
    "Heading",
    "Notes",
    "NumberedList",
    "PageBreak",
    "Paper",
    "Paragraph",
    "Pdf",
    "Run",
    "SourceNote",
    "Table",
    "ranges",
    "to_docx",
    "to_pdf",
]
