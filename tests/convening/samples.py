"""Notes in formats that are not text, made for the tests: Word, OpenDocument and PDF."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import docx
import typst
from docx.enum.text import WD_BREAK
from odf.opendocument import OpenDocumentText
from odf.style import Style, TextProperties
from odf.table import Table, TableCell, TableRow
from odf.text import H, LineBreak, List, ListItem, P, Span

FACTS = (
    ("Open to", "farmers, plant breeders and seed banks"),
    ("Registration deadline", "Friday, 17 April 2026, 5 p.m. (Rome time)"),
    ("Speaking time", "three minutes"),
    ("Languages", "English, French, Spanish and Arabic"),
)
BACKGROUND = (
    "The Authority was asked in resolution 12/2025 to convene an interactive hearing before "
    "the treaty conference, which meets from 12 to 16 October 2026 in Lima."
)
LIMIT = "Up to two speakers from each organization may register."
QUESTIONS = ("Who may save seed, and for whom?", "What should a seed bank share?")
PROGRAMME = (
    ("Time", "Item", "Speakers"),
    ("10.00 – 10.15", "Opening", "The Director"),
    ("10.15 – 12.00", "Panel 1\nSaving seed", "Three farmers"),
    ("12.00 – 14.00", "Lunch", ""),
    ("14.00 – 15.45", "Panel 2\nSharing seed", "Two breeders"),
    ("15.45 – 16.00", "Closing", "The Director"),
)


def word(path: Path) -> Path:
    """Write a Word document with a letterhead, a table of facts, lists and a programme table."""
    document = docx.Document()
    document.add_paragraph("SEED AUTHORITY")
    document.add_paragraph("Rome, 9 March 2026")
    document.add_heading("Interactive hearing on farmers' seeds", level=1)
    facts = document.add_paragraph()
    facts.add_run("Thursday, 7 May 2026").bold = True
    facts.add_run().add_break(WD_BREAK.LINE)
    facts.add_run("Green Room, Seed Authority, Rome").bold = True
    document.add_heading("1. Background", level=2)
    document.add_paragraph(BACKGROUND)
    document.add_heading("2. Taking part", level=2)
    _word_table(document, FACTS)
    document.add_paragraph(LIMIT)
    document.add_heading("3. Guiding questions", level=2)
    for question in QUESTIONS:
        document.add_paragraph(question, style="List Number")
    document.add_heading("Programme", level=2)
    _word_table(document, PROGRAMME)
    document.save(str(path))
    return path


def _word_table(document: Any, rows: Sequence[Sequence[str]]) -> None:
    table = document.add_table(rows=0, cols=len(rows[0]))
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text


def opendocument(path: Path) -> Path:
    """Write the same note as an OpenDocument text."""
    document = OpenDocumentText()
    bold = Style(name="Bold", family="text")
    bold.addElement(TextProperties(fontweight="bold"))
    document.automaticstyles.addElement(bold)
    add = document.text.addElement
    add(P(text="SEED AUTHORITY"))
    add(P(text="Rome, 9 March 2026"))
    add(H(outlinelevel=1, text="Interactive hearing on farmers' seeds"))
    facts = P()
    facts.addElement(Span(stylename=bold, text="Thursday, 7 May 2026"))
    facts.addElement(LineBreak())
    facts.addElement(Span(stylename=bold, text="Green Room, Seed Authority, Rome"))
    add(facts)
    add(H(outlinelevel=2, text="1. Background"))
    add(P(text=BACKGROUND))
    add(H(outlinelevel=2, text="2. Taking part"))
    add(_table(FACTS))
    add(P(text=LIMIT))
    add(H(outlinelevel=2, text="3. Guiding questions"))
    asked = List()
    for question in QUESTIONS:
        item = ListItem()
        item.addElement(P(text=question))
        asked.addElement(item)
    add(asked)
    add(H(outlinelevel=2, text="Programme"))
    add(_table(PROGRAMME))
    document.save(str(path))
    return path


def _table(rows: Sequence[Sequence[str]]) -> Any:
    table = Table()
    for cells in rows:
        row = TableRow()
        for text in cells:
            cell = TableCell()
            for line in text.split("\n"):
                cell.addElement(P(text=line))
            row.addElement(cell)
        table.addElement(row)
    return table


NOISE = """
#set page(paper: "a4", numbering: "1 / 1", header: [City of Fenwick – Noise hearing])
#set par(justify: true)
= Public hearing on night noise

*Monday 2 November 2026, 18:00 – 20:30 (GMT)*

*Assembly Rooms, Fenwick*

== Why we hold it

The Environment Committee of the City of Fenwick will hold a public hearing on its plan to
reduce noise at night. The plan was adopted in draft on 6 July 2026; the Committee votes on it
on 14 December 2026. The hearing lets those who are woken, and those who work at night, speak
to the Committee before it does so, and a multi-stakeholder group of residents and carriers has
helped to prepare it.

== How to speak

Residents, carriers and bar owners may speak for up to four minutes. Please register by noon on
Wednesday 28 October 2026 with noise\\@hearing.example. Speakers are called in the order in
which they registered.

== Questions to consider

+ Which hours should be quiet everywhere?
+ What may a delivery cost if it comes by day?

== Programme

#table(
  columns: (4cm, 1fr),
  [18:00 – 18:10], [Welcome],
  [18:10 – 19:15], [Session 1: Streets and lorries],
  [19:15 – 20:20], [Session 2: Bars and their neighbours],
  [20:20 – 20:30], [Closing words],
)
"""


def pdf(path: Path, source: str = NOISE) -> Path:
    """Write a PDF of Typst source; by default, a hearing with running heads and page numbers."""
    path.write_bytes(typst.compile(source.encode()))
    return path


def picture_pdf(path: Path) -> Path:
    """Write a PDF whose only page is a drawing, without a text layer."""
    return pdf(path, "#set page(width: 4cm, height: 4cm)\n#rect(width: 2cm, height: 2cm)")


def zipped(**files: bytes) -> bytes:
    """Return a zip archive of files; `__` in a name stands for a slash."""
    import zipfile

    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/"), data)
    return stream.getvalue()
