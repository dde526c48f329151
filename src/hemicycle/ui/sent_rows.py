"""Rows of a submitted table, as a page shows them before they are imported."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SentRow:
    """A row for `ui/components/sent_rows.html`.

    `cells` are the values to import, in the order of the headings. If the row has `problems`, which
    say why it is refused, they are the values in the file. `number` is the position of the row in
    the file, if it is known.
    """

    cells: Sequence[object]
    problems: Sequence[str] = ()
    number: int | None = None

    @property
    def said(self) -> str:
        """The cells that are not empty, on one line."""
        return " · ".join(str(cell) for cell in self.cells if cell)
