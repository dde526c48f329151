"""The common form of files of all formats: an ordered list of blocks."""

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["heading", "paragraph", "item", "row"]

LONGEST = 1_500
"""The most characters of a sentence; a longer one is a list without full stops and is cut."""

_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class NoteBlock:
    """A heading, a paragraph, an item of a list or a row of a table.

    In `text`, line breaks of the author (in a letterhead, an address) are newlines; lines that were
    only wrapped are joined. `cells` is filled for rows, `marker` ("1.", "(a)", "•") for items.
    `strong` says that the whole block is in bold, with which many notes mark headings.
    """

    kind: Kind
    text: str
    level: int = 0
    cells: tuple[str, ...] = ()
    marker: str = ""
    strong: bool = False

    @property
    def flat(self) -> str:
        """The text on one line."""
        return flatten(self.text)

    @property
    def lines(self) -> list[str]:
        return [line for line in (flatten(part) for part in self.text.split("\n")) if line]

    @property
    def is_heading(self) -> bool:
        """Whether it is a heading, by its mark-up, or because it is short and bold."""
        if self.kind == "heading":
            return True
        return self.strong and self.kind == "paragraph" and len(self.text) <= 200


@dataclass(frozen=True, slots=True)
class Document:
    """The blocks of a file in reading order. `title` is the title in the file's metadata."""

    blocks: tuple[NoteBlock, ...]
    title: str = ""

    @property
    def text(self) -> str:
        return "\n".join(block.flat for block in self.blocks)


def flatten(text: str) -> str:
    """Return a text on one line, with single spaces and without invisible characters."""
    return _SPACES.sub(" ", text.replace("\u00ad", "").replace("\u200b", "")).strip()
