"""DOCX files by python-docx, with real styles, so that an editor can continue from them."""

import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import replace

from docx import Document
from docx.document import Document as Opened
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.shared import Emu, Mm
from docx.table import Table as Grid
from docx.table import _Cell
from docx.table import _Row as Row
from docx.text.paragraph import Paragraph as Line

from hemicycle.documents.writing import numbering, pictures, styles
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
    SourceNotes,
    Table,
    is_right_to_left,
    leads,
    legible,
    numbered,
    ranges,
    runs_of,
    turned_back,
)
from hemicycle.documents.writing.xml import bookmarked, child, field, linked, right_to_left

_WIDTH = Mm(158)
_PICTURE_WIDTH, _PICTURE_HEIGHT = Mm(80), Mm(20)
_FACTS_WIDTHS = (Mm(40), Mm(118))
_MIDNIGHT = dt.time(tzinfo=dt.UTC)


def to_docx(paper: Paper) -> bytes:
    """Return `paper` as a Word document: styles, page numbers, properties, language."""
    return _DocxWriter(paper).written()


class _DocxWriter:
    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self.rtl = paper.right_to_left
        self.document: Opened = Document()
        self._turning = False
        self._style_ids: dict[str, str | None] = {}
        styles.prepare(self.document, paper.language)
        numbering.prepare(self.document)

    def written(self) -> bytes:
        self._properties()
        if self.paper.letter:
            self._letter(self.paper.letter)
            self._turning = True
        if self.paper.picture:
            self._picture(self.paper.picture)
        self._lines(self.paper.letterhead, "Letterhead")
        self._title_block()
        self._header()
        self._footer()
        for block, number in numbered(self.paper.blocks):
            self._block(block, number)
        self._lines(self.paper.signature, "Signature")
        buffer = io.BytesIO()
        self.document.save(buffer)
        return buffer.getvalue()

    def _properties(self) -> None:
        properties = self.document.core_properties
        # Word allows at most 255 characters in each of these properties.
        properties.title = legible(self.paper.title)[:255]
        properties.subject = legible(self.paper.subtitle)[:255]
        properties.author = legible(self.paper.author)[:255]
        properties.language = self.paper.language
        properties.comments = ""
        made = dt.datetime.combine(self.paper.date or dt.date(2000, 1, 1), _MIDNIGHT)
        properties.created = properties.modified = made

    def _title_block(self) -> None:
        self._line((Run(self.paper.title),), "Title")
        if self.paper.subtitle:
            self._line((Run(self.paper.subtitle),), "Subtitle")
        if self.paper.facts:
            self._facts()

    def _letter(self, letter: CoverLetter) -> None:
        self._line((Run(letter.head),), "Letterhead")
        self._line((Run(letter.date),), "Letter Date")
        for paragraph in letter.paragraphs:
            self._line((Run(paragraph),), "Normal")
        self._line((Run(letter.signed, strong=True),), "Signature")
        if letter.to:
            self._line((Run(letter.to),), "Letter Addressees")

    def _picture(self, picture: Emblem) -> None:
        line = self._line((), "Letterhead Picture")
        width, height = pictures.size(picture.content)
        scale = min(_PICTURE_WIDTH / width, _PICTURE_HEIGHT / height)
        sides = (Emu(int(side * scale)) for side in (width, height))
        drawn = line.add_run().add_picture(io.BytesIO(picture.content), *sides)
        drawn._inline.docPr.set("descr", legible(picture.alt))

    def _lines(self, lines: tuple[str, ...], style: str) -> None:
        """Add one paragraph of several lines, the first of them strong."""
        if lines:
            first, *others = lines
            rest = "".join(f"\n{line}" for line in others)
            self._line((Run(first, strong=True), Run(rest)), style)

    def _facts(self) -> None:
        grid = self._grid(len(self.paper.facts), 2)
        styles.without_header(grid)
        _set_widths(grid, _FACTS_WIDTHS)
        for row, (label, value) in zip(grid.rows, self.paper.facts, strict=True):
            self._cell(row.cells[0], label, strong=True)
            self._cell(row.cells[1], value)
        self.document.add_paragraph(style=styles.AFTER_TABLE)

    def _header(self) -> None:
        if not self.paper.mark:
            return
        line = self.document.sections[0].header.paragraphs[0]
        line.style = self.document.styles["Header"]
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER
        written = line.add_run(legible(self.paper.mark))
        written.font.bold = written.font.cs_bold = True
        written.font.color.rgb = styles.MARK
        if self.rtl:
            right_to_left(line)

    def _footer(self) -> None:
        line = self.document.sections[0].footer.paragraphs[0]
        line.style = self.document.styles["Footer"]
        for piece in self.paper.page_of.replace("{", "\0{").replace("}", "}\0").split("\0"):
            if piece == "{page}":
                field(line, "PAGE")
            elif piece == "{pages}":
                field(line, "NUMPAGES")
            elif piece:
                line.add_run(piece)
        if self.rtl:
            right_to_left(line)

    def _block(self, block: Block, number: str) -> None:
        match block:
            case Heading(level, text):
                line = self._line((Run(text),), f"Heading {level}")
                if not number:
                    numbering.without_number(line)
            case Paragraph(runs, language, through):
                line = self._line(runs, styles.NUMBERED if through else "Normal", language)
                line.paragraph_format.keep_with_next = leads(runs) or None
            case BulletList(items):
                for item in items:
                    self._line(item, "List Bullet")
            case NumberedList(items):
                self._numbered(items)
            case Table():
                self._table(block)
            case SourceNotes():
                self._notes(block)
            case PageBreak():
                self._turning = True

    def _numbered(self, items: tuple[tuple[Run, ...], ...]) -> None:
        own = numbering.restarted(self.document)
        for item in items:
            numbering.number(self._line(item, "List Number"), own)

    def _table(self, table: Table) -> None:
        grid = self._grid(1 + len(table.rows), len(table.header))
        rows = list(grid.rows)  # the library builds all rows each time `rows` is accessed
        for row in rows:
            child(row._tr.get_or_add_trPr(), "w:cantSplit")
        child(rows[0]._tr.get_or_add_trPr(), "w:tblHeader")
        if table.shares:
            _set_widths(grid, [_WIDTH * share // sum(table.shares) for share in table.shares])
        for cell, text in zip(rows[0].cells, table.header, strict=True):
            self._cell(cell, text, strong=True)
        for row, cells in zip(rows[1:], table.rows, strict=False):
            for cell, content in zip(row.cells, cells, strict=True):
                self._cell(cell, content)
        for row in rows:
            self._aligned(row, table, last=row is rows[-1])
        self.document.add_paragraph(style=styles.AFTER_TABLE)

    def _aligned(self, row: Row, table: Table, *, last: bool) -> None:
        """Align numbers at the end of their cells, and keep the rows of a short table together."""
        for cell, is_number in zip(row.cells, table.numeric, strict=True):
            form = cell.paragraphs[0].paragraph_format
            form.alignment = WD_ALIGN_PARAGRAPH.RIGHT if is_number else None
            form.keep_with_next = True if table.is_short and not last else None

    def _notes(self, notes: SourceNotes) -> None:
        for note in notes.items:
            line = self._line((Run(f"{note.number}.\t"), Run(note.text)), "Source", tabs=True)
            bookmarked(line, f"source-{note.number}", note.number)

    def _grid(self, rows: int, columns: int) -> Grid:
        grid: Grid = self.document.add_table(rows, columns, style=styles.TABLE)
        if self.rtl:
            properties = grid._tbl.tblPr
            properties.insert(1, OxmlElement("w:bidiVisual"))
        return grid

    def _cell(self, cell: _Cell, content: Cell, *, strong: bool = False) -> None:
        self._set_style(cell.paragraphs[0], styles.CELL)
        runs = tuple(replace(run, strong=strong or run.strong) for run in runs_of(content))
        self._fill(cell.paragraphs[0], runs, self.rtl)

    def _line(
        self, runs: tuple[Run, ...], style: str, language: str = "", *, tabs: bool = False
    ) -> Line:
        line = self.document.add_paragraph()
        self._set_style(line, style)
        if self._turning:
            line.paragraph_format.page_break_before, self._turning = True, False
        rtl = is_right_to_left(language) if language else self.rtl
        own = tuple(replace(run, language=run.language or language) for run in runs)
        self._fill(line, own, rtl, tabs=tabs)
        return line

    def _set_style(self, line: Line, name: str) -> None:
        # The library searches all styles each time a style is set, which makes long papers slow.
        if name not in self._style_ids:
            identify = self.document.part.get_style_id
            self._style_ids[name] = identify(name, WD_STYLE_TYPE.PARAGRAPH)  # type: ignore[no-untyped-call]
        line._p.style = self._style_ids[name]

    def _fill(self, line: Line, runs: tuple[Run, ...], rtl: bool, *, tabs: bool = False) -> None:
        foreign = []
        for run in runs:
            head, tab, rest = run.text.partition("\t") if tabs else (run.text, "", "")
            written = line.add_run(legible(head) + tab + legible(rest))
            font = written.font
            font.bold = font.cs_bold = run.strong or None
            font.italic = font.cs_italic = run.emphasis or None
            if run.language:
                foreign.append((written, run.language))
            if run.sources and (mark := turned_back(run.text, rtl=self.rtl)):
                line.add_run(mark)
            self._marks(line, run.sources)
        if rtl:
            right_to_left(line)
        for written, tag in foreign:
            styles.language(written, tag, rtl=rtl)

    def _marks(self, line: Line, sources: tuple[int, ...]) -> None:
        for place, shown in enumerate(ranges(sources)):
            before = ", " if place else ""
            for number in shown:
                linked(line, f"source-{number}", f"{before}{number}")
                before = "–"


def _set_widths(grid: Grid, widths: Sequence[int]) -> None:
    # Word uses the widths of cells, LibreOffice those of columns.
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = Emu(width)
        for cell in column.cells:
            cell.width = Emu(width)
