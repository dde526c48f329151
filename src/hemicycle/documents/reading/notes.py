"""Concept notes: a file as the `Document` that `convening.read` takes.

This module runs only in a guarded process. Headings, lists and rows that the author did not mark
are inferred from the lines (`structure`).
"""

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import BinaryIO

from hemicycle.convening.document import Document, NoteBlock, flatten
from hemicycle.documents.reading import formats
from hemicycle.documents.reading.blocks import Parsed, ParsedCell, ParsedRow, ParsedText, texts_in
from hemicycle.documents.reading.limits import DOCX, HTML, ODT, PDF, TEXT, Limits
from hemicycle.documents.reading.refusals import UnreadableDocument
from hemicycle.documents.reading.structure import blocks_of_lines

LONGEST_BLOCK = 6_000
"""The longest paragraph, in characters; the patterns of `convening` are made for paragraphs."""
MOST_BLOCKS = 10_000
"""The most paragraphs and rows; a text with more is not a note."""
MOST_CELLS = 12
"""The most columns of a table that are read; a programme has four."""

_MARKDOWN = re.compile(
    r"^#{1,6}\s+\S|\*\*\S[^*\n]*\*\*|\]\((?:https?:|mailto:|#|/)"
    r"|^[ \t]{0,8}\|?[ \t]{0,8}:?-{3,}:?[ \t]{0,8}\|",
    re.MULTILINE,
)
# Minus and figure dash stand for a dash between times; the others are hyphens.
_DASHES = str.maketrans("\u2212\u2012\u2010\u2011", "––--")


def read(file: BinaryIO, limits: Limits, *, markdown: bool = False) -> Document:
    """Return the document in a file. Raises `UnreadableDocument`.

    `markdown` says that the file's name has an ending of Markdown; without it, Markdown is
    recognized by its marks.
    """
    media_type = formats.decide(file, limits, accepted=frozenset({PDF, DOCX, ODT, HTML, TEXT}))
    document = _plain(_document(media_type, file, limits, markdown=markdown))
    if not document.text.strip():
        raise UnreadableDocument("empty" if media_type == TEXT else "no_text")
    if (
        len(document.blocks) > MOST_BLOCKS
        or sum(len(block.text) for block in document.blocks) > limits.characters
    ):
        raise UnreadableDocument("too_long")
    return document


def _document(media_type: str, file: BinaryIO, limits: Limits, *, markdown: bool) -> Document:
    # Imported here: each format needs a library for which the others should not have to wait.
    if media_type == PDF:
        from hemicycle.documents.reading import pdf_lines

        return pdf_lines.read(file, limits)
    if media_type == DOCX:
        from hemicycle.documents.reading import docx

        return _structured(*docx.read(file, limits))
    if media_type == ODT:
        from hemicycle.documents.reading import odt

        return _structured(odt.read(file, limits), "")
    return _of_text(media_type, file, limits, markdown=markdown)


def _of_text(media_type: str, file: BinaryIO, limits: Limits, *, markdown: bool) -> Document:
    from hemicycle.documents.reading.text import decode

    text = decode(file.read())
    if media_type == HTML:
        from hemicycle.documents.reading.html_blocks import read_page

        return read_page(text)
    if len(text) > limits.characters:
        raise UnreadableDocument("too_long")
    if markdown or _MARKDOWN.search(text):
        from hemicycle.documents.reading.markdown import read_markdown

        return read_markdown(text)
    return Document(tuple(blocks_of_lines(text)))


def _structured(parsed: Sequence[Parsed], title: str) -> Document:
    """Return the running text of a DOCX or ODT."""
    styled = any(isinstance(block, ParsedText) and block.kind == "heading" for block in parsed)
    return Document(tuple(_blocks(parsed, styled=styled)), flatten(title))


def _blocks(parsed: Iterable[Parsed], *, styled: bool) -> Iterator[NoteBlock]:
    """Yield the blocks in order; without heading styles (`styled`), headings are inferred."""
    above: dict[int, ParsedCell] = {}
    for block in parsed:
        if isinstance(block, ParsedRow):
            above = _completed(block, above)
            yield from _row(list(above.values()), styled=styled)
        else:
            above = {}
            if not block.aside:
                yield from _paragraph(block, styled=styled)


def _completed(row: ParsedRow, above: dict[int, ParsedCell]) -> dict[int, ParsedCell]:
    """Return the cells of a row by column; a cell that continues the one above gets its text."""
    found: dict[int, ParsedCell] = {}
    column = 0
    for cell in row.cells:
        found[column] = above.get(column, cell) if cell.continues else cell
        column += cell.span
    return found


def _row(cells: list[ParsedCell], *, styled: bool) -> Iterator[NoteBlock]:
    if len(cells) == 1:
        yield from _blocks(cells[0].blocks, styled=styled)
        return
    texts = tuple(_cell_text(cell) for cell in cells)
    if any(texts):
        yield NoteBlock("row", "\n".join(filter(None, texts)), cells=texts)


def _cell_text(cell: ParsedCell) -> str:
    shown = (_shown(text) for text in texts_in(cell.blocks) if not text.aside)
    return "\n".join(filter(None, shown))


def _shown(text: ParsedText) -> str:
    """Return the text's lines, with the e-mail addresses that links hide."""
    written = text.text
    for place, address in reversed(text.addresses):
        written = f"{written[:place]} ({address}){written[place:]}"
    return "\n".join(filter(None, map(flatten, written.split("\n"))))


def _paragraph(paragraph: ParsedText, *, styled: bool) -> Iterator[NoteBlock]:
    text = _shown(paragraph)
    if not text:
        return
    if paragraph.kind == "heading":
        yield NoteBlock("heading", text, level=paragraph.level)
    elif paragraph.kind == "item":
        yield NoteBlock("item", text, marker=paragraph.marker)
    else:
        for block in blocks_of_lines(text, marked_up=styled):
            yield replace(block, strong=paragraph.strong)


def _plain(document: Document) -> Document:
    """Return the document with uniform dashes, and with overlong paragraphs split."""
    blocks = tuple(
        replace(
            block,
            text=part,
            cells=tuple(cell.translate(_DASHES) for cell in block.cells[:MOST_CELLS]),
        )
        for block in document.blocks
        for part in _parts(block.text.translate(_DASHES))
    )
    return Document(blocks, document.title)


def _parts(text: str) -> list[str]:
    """Split a text into pieces of at most `LONGEST_BLOCK`; most texts stay in one piece."""
    return [text] if len(text) <= LONGEST_BLOCK else textwrap.wrap(text, LONGEST_BLOCK)
