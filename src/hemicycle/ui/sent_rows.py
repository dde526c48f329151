"""Rows of a table that somebody sent, as a page shows them before they are taken."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SentRow:
    """A row for `ui/components/sent_rows.html`.

    `cells` are what it becomes, in the order of the headings. With `problems`, which say why it is
    not taken, they are what the file says. `number` is its place in the file, if that is known.
    """

    cells: Sequence[object]
    problems: Sequence[str] = ()
    number: int | None = None

    @property
    def said(self) -> str:
        """The cells that are not empty, in one line."""
        return " · ".join(str(cell) for cell in self.cells if cell)
