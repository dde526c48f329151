"""A statement's text as caption lines: what fits on a screen, broken where a voice would pause.

A line holds at most 74 columns, two rows of 37 as broadcasters set them; a Chinese, Japanese or
Korean character fills two columns. A sentence begins a new line unless it still fits on the
previous one. A long sentence is broken after a comma, and between words only where commas are not
enough.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

COLUMNS = 74

_CUTS = (
    re.compile(r"[.!?…؟۔][\"'”’»)\]]*\s+|[。！？][”’」』）]*\s*"),  # the end of a sentence
    re.compile(r"[,;:،؛–—]\s+|[，；：、]\s*"),
    re.compile(r"\s+"),
    re.compile(r"(?s)."),
)
"""Patterns after which a text may be broken, the best first."""


def width(text: str) -> int:
    """Return the number of columns that a text fills; combining marks fill none."""
    return sum(_columns(char) for char in text)


def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def caption_lines(text: str, columns: int = COLUMNS) -> list[str]:
    """Return the lines, each of at most `columns` (2 or more); paragraphs never share one."""
    paragraphs = (" ".join(paragraph.split()) for paragraph in text.splitlines())
    return [
        line.strip()
        for paragraph in paragraphs
        if paragraph
        for line in _broken(paragraph, columns, _CUTS)
    ]


def _broken(text: str, columns: int, cuts: tuple[re.Pattern[str], ...]) -> Iterator[str]:
    """Yield the text in lines, broken by the first of `cuts`, and by the next where that is not
    enough.
    """
    if width(text.rstrip()) <= columns or not cuts:
        yield text
        return
    parts = (line for part in _cut(text, cuts[0]) for line in _broken(part, columns, cuts[1:]))
    yield from _packed(parts, columns)


def _cut(text: str, after: re.Pattern[str]) -> Iterator[str]:
    begin = 0
    for found in after.finditer(text):
        yield text[begin : found.end()]
        begin = found.end()
    if begin < len(text):
        yield text[begin:]


def _packed(parts: Iterable[str], columns: int) -> Iterator[str]:
    line = ""
    for part in parts:
        if line and width((line + part).rstrip()) > columns:
            yield line
            line = part
        else:
            line += part
    if line:
        yield line
