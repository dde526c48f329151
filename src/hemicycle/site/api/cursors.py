"""Pages by cursor: an opaque mark of where the next page begins."""

import base64
import binascii
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, Protocol

from django.db.models import Model, QuerySet

from hemicycle.site.api.problems import ApiProblem

MOST = 100


class PageRequest(Protocol):
    """Which page is asked for."""

    cursor: str
    limit: int


def spell(position: str | int) -> str:
    """Return the cursor for the page after a position."""
    return base64.urlsafe_b64encode(str(position).encode()).decode().rstrip("=")


def read[T](cursor: str, parse: Callable[[str], T]) -> T | None:
    """The position in a cursor, None for the first page; raises `ApiProblem` for any other text."""
    if not cursor:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return parse(base64.b64decode(padded, altchars=b"-_", validate=True).decode())
    except (ValueError, binascii.Error):
        says = "This cursor was not given by this server. Begin again without one."
        raise ApiProblem("invalid", says, errors=[{"where": "cursor", "says": says}]) from None


def number(text: str) -> int:
    """A position that is a whole number, as `read` parses it."""
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise ValueError(text)
    return int(text)


def word(text: str) -> str:
    """A position that is a word, as `read` parses it; no database takes the character NUL."""
    return text.replace("\0", "")


def page[T](
    rows: Sequence[T], limit: int, position: Callable[[T], str | int]
) -> tuple[list[T], str | None]:
    """Return the first `limit` of `rows`, of which one more was read, and the cursor of the
    next page.
    """
    shown = list(rows[:limit])
    more = len(rows) > limit
    return shown, spell(position(shown[-1])) if more else None


def of_rows[T: Model](
    rows: QuerySet[T], query: PageRequest, field: str, parse: Callable[[str], Any] = number
) -> tuple[list[T], str | None]:
    """Return the requested page of rows ordered by a field, and the cursor of the next page."""
    position = read(query.cursor, parse)
    if position is not None:
        rows = rows.filter(**{f"{field}__gt": position})
    return page(list(rows[: query.limit + 1]), query.limit, attrgetter(field))


def of_list[T](
    found: Sequence[T], query: PageRequest, place: Callable[[T], str]
) -> tuple[list[T], str | None]:
    """Return the same for a list that is in the order of its positions."""
    position = read(query.cursor, str)
    if position is not None:
        found = [element for element in found if place(element) > position]
    return page(found, query.limit, place)
