"""Move a row of a list of forms to another place before anything is saved.

The value of the button `move` names the rows: `meetings-0-segments:2:1` moves the third row to the
second place. The answer is the form as it was typed, in the new order. Rows with times of day, such
as segments, get new times too, because a list is sorted by time: each row keeps its length, and the
breaks between rows stay in their places.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from django.http import QueryDict

from hemicycle.hearing.setup.nested_forms import MOST

_MOVE: Final = re.compile(r"([a-z][a-z0-9_-]{0,200}):(\d{1,3}):(\d{1,3})", re.ASCII)
_TIME: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::00)?", re.ASCII)
_DAY: Final = 24 * 60


@dataclass(frozen=True, slots=True)
class RowMove:
    """A move of a row in the list `prefix` of `rows` rows, from `source` to `target` (from 0)."""

    prefix: str
    source: int
    target: int
    rows: int

    @classmethod
    def asked(cls, data: QueryDict) -> "RowMove | None":
        """Return the move that a form asks for; None without one, or if its rows do not exist."""
        found = _MOVE.fullmatch(data.get("move", ""))
        if found is None:
            return None
        count = data.get(f"{found[1]}-count", "")
        rows = int(count) if re.fullmatch(r"\d{1,3}", count, re.ASCII) else 0
        move = cls(found[1], int(found[2]), int(found[3]), min(rows, MOST))
        return move if max(move.source, move.target) < move.rows else None

    @property
    def pressed(self) -> str:
        """The id of the button that continues in the same direction, or at the end goes back."""
        goes_up = self.target < self.source
        can_go_on = self.target > 0 if goes_up else self.target < self.rows - 1
        return f"{self.prefix}-{self.target}-{'up' if goes_up == can_go_on else 'down'}"

    def applied(self, data: QueryDict) -> QueryDict:
        """Return the fields as they are after the move."""
        first, last = sorted((self.source, self.target))
        order = list(range(first, last + 1))  # the rows concerned, by their numbers before the move
        order.remove(self.source)
        order.insert(self.target - first, self.source)
        place = {before: first + number for number, before in enumerate(order)}
        own = re.compile(rf"{re.escape(self.prefix)}-(\d{{1,3}})-(.+)", re.ASCII)
        moved = data.copy()
        for key in data:
            if (found := own.fullmatch(key)) and int(found[1]) in place:
                del moved[key]
        for key, values in data.lists():
            if (found := own.fullmatch(key)) and int(found[1]) in place:
                moved.setlist(f"{self.prefix}-{place[int(found[1])]}-{found[2]}", values)
        self._retime(data, moved, order, first)
        return moved

    def _retime(self, data: QueryDict, moved: QueryDict, order: Sequence[int], first: int) -> None:
        """Set the times of the rows in the new order, if all have times and none has a day."""
        spans = []
        for row in sorted(order):
            begins, ends = (
                _minutes(data.get(f"{self.prefix}-{row}-{name}", "")) for name in ("starts", "ends")
            )
            if begins is None or ends is None or f"{self.prefix}-{row}-date" in data:
                return
            spans.append((begins, ends))
        for number, (begins, ends) in enumerate(_laid_out(spans, [row - first for row in order])):
            moved[f"{self.prefix}-{first + number}-starts"] = _clock(begins)
            moved[f"{self.prefix}-{first + number}-ends"] = _clock(ends)


def _laid_out(spans: Sequence[tuple[int, int]], order: Sequence[int]) -> list[tuple[int, int]]:
    """Put spans of minutes of the day in another order, with the same start and the same end."""
    breaks = [after[0] - before[1] for before, after in pairwise(spans)]
    at, found = spans[0][0], []
    for row, rest in zip(order, [*breaks, 0], strict=True):
        length = spans[row][1] - spans[row][0]
        found.append((at, at + length))
        at += length + rest
    return found


def _minutes(typed: str) -> int | None:
    found = _TIME.fullmatch(typed.strip())
    return int(found[1]) * 60 + int(found[2]) if found else None


def _clock(minutes: int) -> str:
    hours, rest = divmod(minutes % _DAY, 60)
    return f"{hours:02}:{rest:02}"
