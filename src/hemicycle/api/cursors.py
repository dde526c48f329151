"""Pages by cursor: where the next one begins, spelled so that nobody builds upon it."""

import base64
import binascii
from collections.abc import Callable, Sequence

from hemicycle.api.problems import Problem

MOST = 100


def spell(position: str | int) -> str:
    """The cursor for what comes after a position."""
    return base64.urlsafe_b64encode(str(position).encode()).decode().rstrip("=")


def read[T](cursor: str, parse: Callable[[str], T]) -> T | None:
    """The position in a cursor, None for the first page; a cursor that is none is a `Problem`."""
    if not cursor:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return parse(base64.b64decode(padded, altchars=b"-_", validate=True).decode())
    except (ValueError, binascii.Error):
        says = "This cursor was not given by this server. Begin again without one."
        raise Problem("invalid", says, errors=[{"where": "cursor", "says": says}]) from None


def number(text: str) -> int:
    """A position that is a whole number, as `read` parses it."""
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise ValueError(text)
    return int(text)


def page[T](
    rows: Sequence[T], limit: int, position: Callable[[T], str | int]
) -> tuple[list[T], str | None]:
    """The first `limit` of `rows`, of which one more was read, and the cursor of the next page."""
    shown = list(rows[:limit])
    more = len(rows) > limit
    return shown, spell(position(shown[-1])) if more else None
