"""Word documents: paragraphs and tables in the order they stand."""

import io
import re
from collections.abc import Iterator
from typing import Any

import docx
from docx.document import Document as Word
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from hemicycle.convening.document import Block, Document, Unreadable, flatten
from hemicycle.documents.reading.loading.lines import blocks_of_lines

_HEADING = re.compile(r"^(?:heading|überschrift|titre|título|title)\s*(\d?)", re.IGNORECASE)


def load(data: bytes) -> Document:
    """The blocks of a DOCX. Raises Unreadable when it is damaged."""
    try:
        word = docx.Document(io.BytesIO(data))
        styled = any(_heading(paragraph) for paragraph in word.paragraphs)
        blocks = tuple(_blocks(word, styled=styled))
    # python-docx lets the errors of zipfile, lxml and its own part lookup through unchanged.
    except Exception as error:
        raise Unreadable(
            f"The Word document is damaged ({type(error).__name__}). Save it anew and send that."
        ) from error
    return Document(blocks, flatten(word.core_properties.title or ""))


def _blocks(word: Word | _Cell, *, styled: bool) -> Iterator[Block]:
    """The blocks in order; where no heading style is used (`styled`) headings are inferred."""
    for part in word.iter_inner_content():
        if isinstance(part, Table):
            yield from _rows(part, styled=styled)
        else:
            yield from _paragraph(part, styled=styled)


def _rows(table: Table, *, styled: bool) -> Iterator[Block]:
    for row in table.rows:
        seen: list[Any] = []
        cells = []
        for cell in row.cells:
            # A merged cell is listed once for each column it spans.
            if cell._tc not in seen:  # noqa: SLF001  python-docx has no public identity of a cell
                seen.append(cell._tc)  # noqa: SLF001
                cells.append(_cell_text(cell))
        if len(cells) == 1:
            yield from _blocks(row.cells[0], styled=styled)
        elif any(cells):
            yield Block("row", "\n".join(filter(None, cells)), cells=tuple(cells))


def _cell_text(cell: _Cell) -> str:
    return "\n".join(filter(None, (_text(paragraph) for paragraph in cell.paragraphs)))


def _text(paragraph: Paragraph) -> str:
    text = paragraph.text
    for link in paragraph.hyperlinks:
        address = link.address or ""
        # "Write to us" over a mail link hides the address that a reader on paper would need.
        if address.startswith("mailto:") and "@" not in link.text:
            text = text.replace(link.text, f"{link.text} ({address[7:].split('?')[0]})", 1)
    return "\n".join(filter(None, (flatten(line) for line in text.split("\n"))))


def _heading(paragraph: Paragraph) -> re.Match[str] | None:
    return _HEADING.match(_style(paragraph))


def _style(paragraph: Paragraph) -> str:
    return (paragraph.style.name or "") if paragraph.style is not None else ""


def _paragraph(paragraph: Paragraph, *, styled: bool) -> Iterator[Block]:
    text = _text(paragraph)
    if not text:
        return
    style, heading = _style(paragraph), _heading(paragraph)
    if heading:
        yield Block("heading", text, level=int(heading.group(1) or 0))
    elif "List" in style or _numbered(paragraph):
        yield Block("item", text, marker="1." if "Number" in style else "•")
    else:
        strong = _strong(paragraph)
        for block in blocks_of_lines(text, marked_up=styled):
            yield Block(block.kind, block.text, block.level, marker=block.marker, strong=strong)


def _numbered(paragraph: Paragraph) -> bool:
    properties = paragraph._p.pPr  # noqa: SLF001  nor a public way to see automatic numbering
    return properties is not None and properties.numPr is not None


def _strong(paragraph: Paragraph) -> bool:
    runs = [run for run in paragraph.runs if run.text.strip()]
    return bool(runs) and all(run.bold for run in runs)
