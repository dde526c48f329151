"""Lines of a PDF as they are on its pages, and the blocks of a concept note made from them.

A PDF has no paragraphs. A gap wider than usual between two lines, a larger size or bold type starts
a new block; the rest is read like plain text.
"""

import ctypes
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from statistics import median
from typing import BinaryIO

import pypdfium2
import pypdfium2.raw as pdfium

from hemicycle.convening.document import Document, NoteBlock, flatten
from hemicycle.documents.reading import pdf
from hemicycle.documents.reading.limits import Limits
from hemicycle.documents.reading.refusals import UnreadableDocument
from hemicycle.documents.reading.structure import blocks_of_lines

_FEWEST_LETTERS = 20
"""A PDF with fewer letters has no real text layer, only stray marks."""
_WIDE = 1.25
"""A gap this many times as large as the usual one starts a new paragraph."""
_LARGE = 1.1
"""A line this many times as large as the running text is a heading."""
_RAISED = 0.6
"""A smaller word is superscript or subscript if its offset is less than this share of the size."""
_COLUMN = 1.5
"""A space this many times as wide as the size of the letters separates two columns."""

_PAGE_NUMBER = re.compile(
    r"^\W*(?:page\s+)?\d{1,3}(?:\s*(?:/|of|sur|de)\s*\d{1,3})?\W*$", re.IGNORECASE
)
_BOLD = re.compile(r"bold|black|heavy|semibold", re.IGNORECASE)
# PDFium replaces a hyphen at the end of a line with one of these characters.
_HYPHENS = "\x02\ufffe"
_WORD = re.compile(rf"[^\s{_HYPHENS}]+[{_HYPHENS}]?")
_BROKEN = re.compile(rf"(?P<head>\w+)[-\u00ad{_HYPHENS}]\n\s*(?=[a-zà-ÿ])")
_LEFT_OVER = re.compile(f"[{_HYPHENS}]")
# A hyphen after one of these belongs to the word, not to the line break.
_PREFIXES = frozenset(
    ("multi", "non", "co", "pre", "self", "inter", "high", "long", "first", "sub", "e")
)


@dataclass(frozen=True, slots=True)
class _PlacedWord:
    """A word on a page; `baseline` grows upwards, `left`, `right` and `size` are in points."""

    text: str
    left: float
    right: float
    baseline: float
    size: float
    bold: bool


@dataclass(frozen=True, slots=True)
class _PlacedLine:
    text: str
    size: float
    bold: bool
    gap: float
    """Distance from the line above; 0 at the top of a page."""


def read(file: BinaryIO, limits: Limits) -> Document:
    """Return the blocks of a PDF. Raises `UnreadableDocument`."""
    document = pdf.opened(file)
    pages, left = list[list[_PlacedLine]](), limits.characters
    for number in range(len(document)):
        page = document[number]
        lines = _lines_of_page(page)
        page.close()
        left -= sum(len(line.text) for line in lines)
        if left < 0:
            raise UnreadableDocument("too_long")
        pages.append(lines)
    if sum(len(line.text) for page in pages for line in page) < _FEWEST_LETTERS:
        raise UnreadableDocument("no_text")
    title = flatten(document.get_metadata_dict().get("Title", ""))
    return Document(tuple(_blocks(_without_running_heads(pages))), title)


def _lines_of_page(page: pypdfium2.PdfPage) -> list[_PlacedLine]:
    """Return the lines of a page from top to bottom, with words at the same height joined."""
    textpage = page.get_textpage()
    text = pdf.in_reading_order(textpage)
    if len(text) == textpage.count_chars():
        lines = _lines_of_words([_placed(textpage, word) for word in _WORD.finditer(text)])
    # A character of two halves (an emoji) shifts positions in the text against those on the page.
    else:
        lines = [_PlacedLine(line, 0.0, bold=False, gap=1.0) for line in text.splitlines()]
    textpage.close()
    return lines


def _lines_of_words(words: list[_PlacedWord]) -> list[_PlacedLine]:
    lines: list[_PlacedLine] = []
    above = 0.0
    by_height = sorted(_raised_put_down(words), key=lambda word: -round(word.baseline))
    for _, row in groupby(by_height, lambda word: round(word.baseline)):
        words = list(row)
        gap = above - words[0].baseline if lines else 0.0
        above = words[0].baseline
        size = max(word.size for word in words)
        bold = all(word.bold for word in words)
        lines.append(_PlacedLine(_side_by_side(words), size, bold, gap))
    return lines


def _raised_put_down(words: list[_PlacedWord]) -> Iterator[_PlacedWord]:
    """Yield the words, with superscript and subscript words moved to the baseline of their line."""
    before: _PlacedWord | None = None
    for word in words:
        if before and word.size < before.size:
            raised = abs(word.baseline - before.baseline) < before.size * _RAISED
            yield replace(word, baseline=before.baseline) if raised else word
            before = before if raised else word
        else:
            yield word
            before = word


def _placed(textpage: pypdfium2.PdfTextPage, word: re.Match[str]) -> _PlacedWord:
    first, last = word.start(), word.end() - 1
    if last > first and word.group()[-1] in _HYPHENS:
        last -= 1
    begin, end = textpage.get_charbox(first, loose=True), textpage.get_charbox(last, loose=True)
    return _PlacedWord(
        word.group(),
        min(begin[0], end[0]),
        max(begin[2], end[2]),
        pdf.baseline(textpage, first),
        _size(textpage, first),
        bold=bool(_BOLD.search(_font(textpage, first))),
    )


def _size(textpage: pypdfium2.PdfTextPage, index: int) -> float:
    """Return the size of a letter in points, with the scale of the page."""
    matrix = pdfium.FS_MATRIX()
    size: float = pdfium.FPDFText_GetFontSize(textpage.raw, index)
    if pdfium.FPDFText_GetMatrix(textpage.raw, index, matrix):
        size *= math.hypot(matrix.c, matrix.d) or 1
    return round(size, 1)


def _font(textpage: pypdfium2.PdfTextPage, index: int) -> str:
    name, flags = ctypes.create_string_buffer(256), ctypes.c_int()
    pdfium.FPDFText_GetFontInfo(textpage.raw, index, name, len(name), flags)
    return name.value.decode("utf-8", "replace")


def _side_by_side(words: list[_PlacedWord]) -> str:
    """Return a line's words as text; wide spaces are kept, because they separate columns."""
    backwards = pdf.is_right_to_left("".join(word.text for word in words))
    if not backwards:
        words = sorted(words, key=lambda word: word.left)
    line = words[0].text
    for before, word in pairwise(words):
        free = max(word.left - before.right, before.left - word.right)
        line += ("    " if free > _COLUMN * before.size else " ") + word.text
    return pdf.with_brackets_turned(line) if backwards else line


def _without_running_heads(pages: list[list[_PlacedLine]]) -> list[_PlacedLine]:
    """Return the lines without page numbers and without running heads.

    Those are first and last lines that most pages share.
    """
    edges = Counter(edge for page in pages for edge in {_flat(page, 0), _flat(page, -1)})
    often = {edge for edge, count in edges.items() if count >= 2 and count * 2 > len(pages)}
    return [
        line
        for page in pages
        for line in page
        if flatten(line.text) not in often and not _PAGE_NUMBER.match(line.text)
    ]


def _flat(page: list[_PlacedLine], place: int) -> str:
    return flatten(page[place].text) if page else ""


def _blocks(lines: list[_PlacedLine]) -> Iterator[NoteBlock]:
    usual = median([line.gap for line in lines if line.gap > 0] or [0.0])
    letters = Counter[float]()
    for line in lines:
        letters[line.size] += len(line.text)
    body = max(letters, key=lambda size: letters[size], default=0.0)
    runs = groupby(lines, lambda line: (line.size > body * _LARGE, line.bold))
    for (large, bold), run in runs:
        text = _LEFT_OVER.sub("-", _BROKEN.sub(_joined, _spaced(list(run), usual)))
        if large:
            yield from (
                NoteBlock("heading", part, level=1) for part in text.split("\n\n") if part.strip()
            )
        else:
            for block in blocks_of_lines(text, marked_up=bold):
                yield replace(block, level=0, strong=bold)


def _spaced(lines: list[_PlacedLine], usual: float) -> str:
    """Return lines as text, with a blank line where a gap is wide."""
    text = lines[0].text
    for line in lines[1:]:
        text += ("\n\n" if line.gap > usual * _WIDE else "\n") + line.text
    return text


def _joined(broken: re.Match[str]) -> str:
    return broken["head"] + ("-" if broken["head"].lower() in _PREFIXES else "")
