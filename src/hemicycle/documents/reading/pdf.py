"""Text of PDF files, read by PDFium.

PDFium puts right-to-left lines into reading order, which pure Python readers do not. Four traces of
the page's visual order remain and are corrected here: the two letters of a lam-alef ligature are
swapped, letters before a vowel sign are in reverse order, brackets in right-to-left lines are
mirrored, and in a document that declares itself right-to-left, the words of left-to-right lines are
in reverse order.
"""

import ctypes
import re
from itertools import pairwise
from typing import BinaryIO

import pypdfium2
import pypdfium2.raw as pdfium

from hemicycle.documents.reading.limits import Limits
from hemicycle.documents.reading.refusals import UnreadableDocument
from hemicycle.documents.reading.wrapping import paragraphs

_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_LTR = re.compile("[A-Za-z\u00c0-\u1fff\u2e80-\ud7ff]")
_ARABIC_RUN = re.compile("[\u0620-\u064a\u0671-\u06d3]{2,}")
_ALEFS = frozenset("اأإآ")
_LAM = "ل"
_MIRROR = str.maketrans("()[]{}«»", ")(][}{»«")
_BRACKET = re.compile(r"[()\[\]{}«»]")
_LINE = re.compile(r"\S(?:[^\r\n]*\S)?")
_LINES_FOR_A_HABIT = 4
_RUN = re.compile(r"(?P<word>[\w\u00ad]+)|(?P<between>[^\w\u00ad]+)")
Box = tuple[float, float, float, float]
# Fewer words than this beside a picture are a stamp or a page number on a scan.
_WORDS_OF_A_SCAN = 10
_NEWLINE_AFTER_HYPHEN = re.compile("[\x02\ufffe](?:\r?\n)?")


def read(file: BinaryIO, limits: Limits) -> tuple[list[str], int]:
    """Return the paragraphs and the number of pages. Raises `UnreadableDocument`."""
    document = opened(file)
    backwards = _declares_rtl(document)
    found: list[str] = []
    pictures = False
    left = limits.characters
    for number in range(len(document)):
        page = document[number]
        text = _text(page)
        left -= len(text)
        if left < 0:
            raise UnreadableDocument("too_long")
        pictures = pictures or (not found and _has_picture(page))
        found.extend(paragraphs(_mended(line, backwards) for line in text.splitlines()))
        page.close()
    if pictures and len(" ".join(found).split()) < _WORDS_OF_A_SCAN:
        raise UnreadableDocument("no_text")
    return found, len(document)


def opened(file: BinaryIO) -> pypdfium2.PdfDocument:
    """Return the document in a file. Raises `UnreadableDocument`."""
    try:
        document = pypdfium2.PdfDocument(file.read())
        if len(document) == 0:
            raise UnreadableDocument("damaged")
    except pypdfium2.PdfiumError as error:
        locked = getattr(error, "err_code", None) == pdfium.FPDF_ERR_PASSWORD
        raise UnreadableDocument("encrypted" if locked else "damaged") from error
    return document


def _declares_rtl(document: pypdfium2.PdfDocument) -> bool:
    answer = ctypes.create_string_buffer(8)
    pdfium.FPDF_VIEWERREF_GetName(document.raw, b"Direction", answer, len(answer))
    return answer.value == b"R2L"


def _has_picture(page: pypdfium2.PdfPage) -> bool:
    return any(True for _ in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=4))


def _text(page: pypdfium2.PdfPage) -> str:
    textpage = page.get_textpage()
    text = in_reading_order(textpage)
    if len(text) == textpage.count_chars():
        text = _with_gaps(textpage, text)
    textpage.close()
    return _NEWLINE_AFTER_HYPHEN.sub("\u00ad", text)


def _with_gaps(textpage: pypdfium2.PdfTextPage, text: str) -> str:
    """Return the text with an empty line at each gap that is wider than between lines."""
    lines = list(_LINE.finditer(text))
    starts = [line.start() for line in lines]
    # Measured from the last letter of one line to the first of the next: a line joined at its
    # hyphen began higher up.
    drops = [
        baseline(textpage, above.end() - 1) - baseline(textpage, below.start())
        for above, below in pairwise(lines)
    ]
    usual = _usual(sorted(drop for drop in drops if drop > 0), textpage, starts)
    wide = [start for start, drop in zip(starts[1:], drops, strict=True) if drop > usual * 1.25]
    pieces = [text[begin:end] for begin, end in pairwise([0, *wide, len(text)])]
    return "\n\n".join(pieces)


def _usual(drops: list[float], textpage: pypdfium2.PdfTextPage, starts: list[int]) -> float:
    # A few lines do not show the usual distance; 1.4 times the size of the letters is common.
    if len(drops) < _LINES_FOR_A_HABIT:
        sizes = [pdfium.FPDFText_GetFontSize(textpage.raw, index) for index in starts]
        return 1.4 * max(sizes, default=0)
    return drops[len(drops) // 4]


def is_right_to_left(line: str) -> bool:
    """Whether a line contains letters that are written from right to left."""
    return bool(_RTL.search(line))


def baseline(textpage: pypdfium2.PdfTextPage, index: int) -> float:
    """Return the height of a letter's baseline, in points from the bottom of the page."""
    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetCharOrigin(textpage.raw, index, x, y)
    return y.value


def in_reading_order(textpage: pypdfium2.PdfTextPage) -> str:
    """Return the text of a page, with the letters of Arabic words in reading order."""
    text: str = textpage.get_text_range() if textpage.count_chars() else ""
    if len(text) != textpage.count_chars() or not _RTL.search(text):
        return text
    letters = list(text)
    for run in _ARABIC_RUN.finditer(text):
        where = range(run.start(), run.end())
        placed = [(text[index], textpage.get_charbox(index)) for index in where]
        letters[run.start() : run.end()] = _run_in_reading_order(placed)
    return "".join(letters)


def _run_in_reading_order(placed: list[tuple[str, Box]]) -> list[str]:
    if placed[0][1][0] < placed[-1][1][0]:
        placed.reverse()
    letters = [letter for letter, _ in placed]
    for index in range(len(letters) - 1):
        # Two letters with the same box are halves of one ligature, not neighbours.
        same_glyph = placed[index][1] == placed[index + 1][1]
        if same_glyph and letters[index] in _ALEFS and letters[index + 1] == _LAM:
            letters[index], letters[index + 1] = letters[index + 1], letters[index]
    return letters


def with_brackets_turned(line: str) -> str:
    """Return a right-to-left line; if its first bracket closes, all of them are mirrored."""
    first = _BRACKET.search(line)
    return line.translate(_MIRROR) if first and first.group() in ")]}»" else line


def _mended(line: str, backwards: bool) -> str:
    if _RTL.search(line):
        return with_brackets_turned(line)
    return _turned(line) if backwards and _LTR.search(line) else line


def _turned(line: str) -> str:
    runs = [
        match.group() if match["word"] else match.group()[::-1] for match in _RUN.finditer(line)
    ]
    return "".join(reversed(runs))
