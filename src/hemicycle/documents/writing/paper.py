"""The tree of a paper.

`language` is a tag such as "en" or "zh"; it decides direction, fonts, hyphenation and the text of
the page number. A `Run` may have numbers of sources, which are set as small raised numbers and link
to the items with those numbers in `SourceNotes`.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_NUMBER = re.compile(r"\d{1,3}(?:[,.\s]\d{3})*|\d+")
"""A number as languages write it: "1,234", "1.234", "1 234"."""
SHORT = 10
"""The most rows of a table that is kept on one page."""
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
_PAGE_OF = {
    "ar": "الصفحة {page} من {pages}",
    "en": "Page {page} of {pages}",
    "es": "Página {page} de {pages}",
    "fr": "Page {page} sur {pages}",
    "ru": "Страница {page} из {pages}",
    "zh": "第 {page} 页，共 {pages} 页",
}


@dataclass(frozen=True, slots=True)
class Run:
    """Text of one style; `language` is set if it differs from that of the text around it."""

    text: str
    strong: bool = False
    emphasis: bool = False
    sources: tuple[int, ...] = ()
    language: str = ""


type Cell = str | tuple[Run, ...]
"""What is in a cell of a table."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph.

    `language` is set if it differs from the paper's, as in a quotation. `number` is the paragraph's
    number in the paper, or 0 for a paragraph without number.
    """

    runs: tuple[Run, ...]
    language: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1, 2 or 3. If `numbered`, it is counted: 1, 1.1, 1.1.1."""

    level: int
    text: str
    numbered: bool = True

    def __post_init__(self) -> None:
        if self.level not in {1, 2, 3}:
            raise ValueError("a heading has level 1, 2 or 3")


@dataclass(frozen=True, slots=True)
class BulletList:
    items: tuple[tuple[Run, ...], ...]


@dataclass(frozen=True, slots=True)
class NumberedList:
    items: tuple[tuple[Run, ...], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table. `header` names the columns; each row has as many cells as it, strings or runs.

    `shares` are the columns' shares of the page's width. Without them, all columns have the same
    width in DOCX, and the width of their content in PDF.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    shares: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.shares and (len(self.shares) != len(self.header) or min(self.shares) < 1):
            raise ValueError("each column has a share of its own, at least 1, or none has one")
        if not self.header or any(len(row) != len(self.header) for row in self.rows):
            raise ValueError("each row of a table has one cell for each column, at least one")

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Whether each column has only numbers, which are aligned at the end of their cells."""
        columns = zip(*self.rows, strict=True) if self.rows else [()] * len(self.header)
        return tuple(bool(cells) and all(_is_number(cell) for cell in cells) for cells in columns)

    @property
    def is_short(self) -> bool:
        """Whether it is kept on one page."""
        return len(self.rows) <= SHORT


@dataclass(frozen=True, slots=True)
class SourceNote:
    number: int
    text: str


@dataclass(frozen=True, slots=True)
class SourceNotes:
    """The list to which source numbers link."""

    items: tuple[SourceNote, ...]


@dataclass(frozen=True, slots=True)
class PageBreak:
    pass


@dataclass(frozen=True, slots=True)
class CoverLetter:
    """A cover letter on its own pages before the title.

    It has the sender, the date, paragraphs, a signature, and the recipient at its foot.
    """

    head: str
    date: str
    paragraphs: tuple[str, ...]
    signed: str
    to: str = ""


@dataclass(frozen=True, slots=True)
class Emblem:
    """A PNG or JPEG (`pictures.check`); screen readers read `alt` in its place."""

    content: bytes
    alt: str


Block = Paragraph | Heading | BulletList | NumberedList | Table | SourceNotes | PageBreak


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole paper. `facts` are pairs of label and value, set as a table under the title.

    `mark` is at the top of every page, or "" for none. `picture` and `letterhead` are above the
    title: an emblem, then the sender and its further lines. `signature` is at the end: the person
    who signs, then their function. Raises ValueError if a run cites a source that no `SourceNotes`
    has, or if two notes have the same number.
    """

    title: str
    subtitle: str = ""
    language: str = "en"
    facts: tuple[tuple[str, str], ...] = ()
    blocks: tuple[Block, ...] = ()
    letter: CoverLetter | None = None
    author: str = ""
    date: dt.date | None = None
    mark: str = ""
    picture: Emblem | None = None
    letterhead: tuple[str, ...] = ()
    signature: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        numbers = [note.number for note in self._notes()]
        if len(numbers) != len(set(numbers)):
            raise ValueError("two notes have the same number")
        unknown = {n for run in self._runs() for n in run.sources}.difference(numbers)
        if unknown:
            raise ValueError(f"no note has the number {min(unknown)}")

    @property
    def right_to_left(self) -> bool:
        return is_right_to_left(self.language)

    @property
    def page_of(self) -> str:
        """The words "Page {page} of {pages}" in this language."""
        return _PAGE_OF.get(base(self.language), _PAGE_OF["en"])

    def _notes(self) -> Iterator[SourceNote]:
        for block in self.blocks:
            if isinstance(block, SourceNotes):
                yield from block.items

    def _runs(self) -> Iterator[Run]:
        for block in self.blocks:
            if isinstance(block, Paragraph):
                yield from block.runs
            elif isinstance(block, BulletList | NumberedList):
                for item in block.items:
                    yield from item
            elif isinstance(block, Table):
                for row in block.rows:
                    yield from (run for cell in row for run in runs_of(cell))


def _is_number(cell: Cell) -> bool:
    return isinstance(cell, str) and _NUMBER.fullmatch(cell) is not None


def runs_of(cell: Cell) -> tuple[Run, ...]:
    """Return a cell of a table as runs."""
    return (Run(cell),) if isinstance(cell, str) else cell


def turned_back(text: str, *, rtl: bool) -> str:
    """Return a mark of the paper's direction if `text` ends in the other direction; else "".

    What follows, such as the numbers of sources, is then placed after the text and not inside it.
    """
    strong = (unicodedata.bidirectional(c) for c in reversed(text))
    last = next((kind for kind in strong if kind in {"L", "R", "AL"}), "")
    if not last or (last != "L") == rtl:
        return ""
    return "\u200f" if rtl else "\u200e"


def leads(runs: tuple[Run, ...]) -> bool:
    """Whether all of a paragraph is emphasized, so that it is kept with what follows."""
    return bool(runs) and all(run.emphasis for run in runs)


def ranges(numbers: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Return source numbers in groups for display.

    Three or more in a row are a group of the first and the last; others are single: (1, 3, 4, 5)
    gives [(1,), (3, 5)].
    """
    rows: list[list[int]] = []
    for number in sorted(set(numbers)):
        if rows and rows[-1][-1] == number - 1:
            rows[-1].append(number)
        else:
            rows.append([number])
    shown = [[(row[0], row[-1])] if len(row) > 2 else [(n,) for n in row] for row in rows]
    return [numbers for row in shown for numbers in row]


def base(language: str) -> str:
    """Return the language of a tag: "zh" for "zh-Hans" or "zh_CN"."""
    return language.replace("_", "-").partition("-")[0].lower()


def is_right_to_left(language: str) -> bool:
    return base(language) in RIGHT_TO_LEFT


def numbered(blocks: tuple[Block, ...]) -> Iterator[tuple[Block, str]]:
    """Yield each block with the number of its heading ("2.1"), which is "" for other blocks."""
    counts = [0, 0, 0]
    for block in blocks:
        number = ""
        if isinstance(block, Heading) and block.numbered:
            counts[block.level - 1] += 1
            counts[block.level :] = [0] * (3 - block.level)
            number = ".".join(str(count) for count in counts[: block.level])
        yield block, number


def legible(text: str) -> str:
    """Return `text` without control characters, surrogates and non-characters.

    No file format can hold them. A tab becomes a space.
    """
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(c for c in plain if c == "\n" or not _unprintable(c))


def _unprintable(character: str) -> bool:
    if unicodedata.category(character) in {"Cc", "Cs"}:
        return True
    return ord(character) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(character) <= 0xFDEF
