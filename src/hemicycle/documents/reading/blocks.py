"""What every format is parsed into: paragraphs and rows of tables, in the order they stand.

Nothing is lost here and nothing inferred. A statement takes the texts of all of them; the reader of
concept notes takes those of the running text and infers headings, items and rows where the author
marked none.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["heading", "paragraph", "item"]


@dataclass(frozen=True, slots=True)
class ParsedText:
    """A paragraph, a heading or an item of a list.

    `text` keeps the line ends that the author set. `marker` is an item's ("1.", "•"). `strong` says
    that all of it is set in bold. `aside` marks headers, footers and notes. `addresses` are mail
    addresses that stand behind links whose text does not show them, each with the place in `text`
    where its link ends.
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
    """Every paragraph in reading order, those in tables included."""
    for block in blocks:
        if isinstance(block, ParsedText):
            yield block
        else:
            for cell in block.cells:
                yield from texts_in(cell.blocks)
