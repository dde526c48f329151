"""PDF: the text layer, its lines put together by where they stand on the page.

A PDF knows no paragraphs. A wider gap than the usual one between two lines, a larger size or bold
type begins something new; what then is left to read is plain text, and is read as such.
"""

import io
import logging
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import median
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.errors import PdfReadError

from hemicycle.convening.document import Block, Document, Unreadable, flatten
from hemicycle.documents.reading.loading.lines import blocks_of_lines

MAX_PAGES = 80
"""More pages than any note has; a book is refused rather than read for minutes."""
_FEWEST_LETTERS = 20
"""Below this a PDF has no text layer worth the name, only stray marks."""
_WIDE = 1.25
"""A gap so many times the usual one begins a new paragraph."""
_LARGE = 1.1
"""A line so many times the size of the running text is a heading."""

_PAGE_NUMBER = re.compile(
    r"^\W*(?:page\s+)?\d{1,3}(?:\s*(?:/|of|sur|de)\s*\d{1,3})?\W*$", re.IGNORECASE
)
_BOLD = re.compile(r"bold|black|heavy|semibold", re.IGNORECASE)
_BROKEN = re.compile(r"(?P<head>\w+)(?P<sign>[-\u00ad])\n\s*(?=[a-zà-ÿ])")
# A hyphen after one of these belongs to the word and not to the line.
_PREFIXES = frozenset(
    ("multi", "non", "co", "pre", "self", "inter", "high", "long", "first", "sub", "e")
)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Text set at one place; `y` grows upwards, sizes are in points."""

    x: float
    y: float
    size: float
    bold: bool
    text: str


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    size: float
    bold: bool
    gap: float
    """Distance from the line above; 0 at the top of a page."""


def load(data: bytes) -> Document:
    """The blocks of a PDF. Raises Unreadable when it is locked, damaged or holds only pictures."""
    # pypdf logs every small flaw of a file; the person at the terminal can do nothing about them.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = _opened(data)
        lines = _lines(reader)
        title = flatten(str((reader.metadata.title if reader.metadata else "") or ""))
    except Unreadable:
        raise
    # A hostile or broken file can raise nearly anything out of pypdf: RecursionError, KeyError ...
    except Exception as error:
        raise Unreadable(_damaged(error)) from error
    return Document(tuple(_blocks(lines)), title)


def _damaged(error: Exception) -> str:
    name = "" if isinstance(error, PdfReadError) else f" ({type(error).__name__})"
    return f"The PDF is damaged and cannot be read{name}. Make it anew and send that."


def _opened(data: bytes) -> PdfReader:
    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise Unreadable("The PDF is locked with a password. Send a copy without one.")
    if len(reader.pages) > MAX_PAGES:
        raise Unreadable(
            f"The PDF has {len(reader.pages)} pages; a note has fewer than {MAX_PAGES}. "
            "Send only the note."
        )
    return reader


def _lines(reader: PdfReader) -> list[_Line]:
    pages = [_lines_of_page(page) for page in reader.pages]
    if sum(len(line.text) for page in pages for line in page) < _FEWEST_LETTERS:
        raise Unreadable(
            "The PDF has no text in it, only pictures of pages. "
            "Send the document it was scanned from, or run text recognition first."
        )
    return _without_running_heads(pages)


def _lines_of_page(page: PageObject) -> list[_Line]:
    """The lines of a page from top to bottom, pieces on one height put side by side."""
    lines: list[_Line] = []
    above = 0.0
    rows = groupby(sorted(_pieces(page), key=lambda piece: -round(piece.y)), lambda p: round(p.y))
    for _, row in rows:
        pieces = sorted(row, key=lambda piece: piece.x)
        gap = above - pieces[0].y if lines else 0.0
        above = pieces[0].y
        text = _side_by_side(pieces)
        size = max(piece.size for piece in pieces)
        lines.append(_Line(text, size, all(piece.bold for piece in pieces), gap))
    return lines


def _pieces(page: PageObject) -> list[_Piece]:
    found: list[_Piece] = []

    def take(text: str, cm: list[float], tm: list[float], font: Any, size: float) -> None:
        if text.strip():
            x, y = tm[4] * cm[0] + cm[4], tm[5] * cm[3] + cm[5]
            bold = bool(_BOLD.search(str((font or {}).get("/BaseFont", ""))))
            height = abs(size * tm[3] * cm[3]) or size
            found.append(_Piece(x, y, round(height, 1), bold, text.strip("\n")))

    page.extract_text(visitor_text=take)
    return found


def _side_by_side(pieces: list[_Piece]) -> str:
    """The pieces of a line; a wide space between two of them is kept, it parts columns."""
    line = pieces[0].text
    for before, piece in pairwise(pieces):
        # Letters are about half as wide as they are high; only columns stand clearly farther apart.
        free = piece.x - before.x - len(before.text) * before.size * 0.5
        line += ("    " if free > 1.5 * before.size else " ") + piece.text
    return re.sub(r"(?<=\S) {2,3}(?=\S)", " ", line).rstrip()


def _without_running_heads(pages: list[list[_Line]]) -> list[_Line]:
    """The lines without page numbers and without first and last lines that most pages share."""
    edges = Counter(edge for page in pages for edge in {_flat(page, 0), _flat(page, -1)})
    often = {edge for edge, count in edges.items() if count >= 2 and count * 2 > len(pages)}
    return [
        line
        for page in pages
        for line in page
        if flatten(line.text) not in often and not _PAGE_NUMBER.match(line.text)
    ]


def _flat(page: list[_Line], place: int) -> str:
    return flatten(page[place].text) if page else ""


def _blocks(lines: list[_Line]) -> Iterator[Block]:
    usual = median([line.gap for line in lines if line.gap > 0] or [0.0])
    letters = Counter[float]()
    for line in lines:
        letters[line.size] += len(line.text)
    body = letters.most_common(1)[0][0]
    for (large, bold), run in groupby(lines, lambda each: (each.size > body * _LARGE, each.bold)):
        text = _BROKEN.sub(_mended, _spaced(list(run), usual))
        if large:
            yield from (
                Block("heading", part, level=1) for part in text.split("\n\n") if part.strip()
            )
        else:
            for block in blocks_of_lines(text, marked_up=bold):
                yield Block(block.kind, block.text, 0, block.cells, block.marker, strong=bold)


def _spaced(lines: list[_Line], usual: float) -> str:
    """Lines as text, with a blank line where a gap is wide."""
    text = lines[0].text
    for line in lines[1:]:
        text += ("\n\n" if line.gap > usual * _WIDE else "\n") + line.text
    return text


def _mended(broken: re.Match[str]) -> str:
    return broken["head"] + ("-" if broken["head"].lower() in _PREFIXES else "")
