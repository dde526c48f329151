"""The result of parsing any format: paragraphs and table rows, in their order.

Nothing is lost and nothing is inferred here. A statement takes the texts of all blocks; the reader
of concept notes takes those of the running text and infers headings, items and rows that the author
did not mark.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["heading", "paragraph", "item"]


@dataclass(frozen=True, slots=True)
class ParsedText:
    """A paragraph, a heading or an item of a list.

    `text` keeps the author's line ends. `marker` is the marker of an item ("1.", "•"). `strong`
    says that all of it is bold. `aside` marks headers, footers and notes. `addresses` are e-mail
    addresses behind links whose text does not show them, each with the position in `text` where its
    link ends.
    """

    text: str
    kind: Kind = "paragraph"
    level: int = 0
    marker: str = ""
    strong: bool = False
    aside: bool = False
    addresses: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedCell:
    """A cell of a table. `continues` says that it is the lower part of the cell above it."""

    blocks: "tuple[Parsed, ...]" = ()
    span: int = 1
    continues: bool = False


@dataclass(frozen=True, slots=True)
class ParsedRow:
    """A row of a table."""

    cells: tuple[ParsedCell, ...]


Parsed = ParsedText | ParsedRow


def texts_in(blocks: Iterable[Parsed]) -> Iterator[ParsedText]:
    """Yield every paragraph in reading order, including those in tables."""
    for block in blocks:
        if isinstance(block, ParsedText):
            yield block
        else:
            for cell in block.cells:
                yield from texts_in(cell.blocks)
