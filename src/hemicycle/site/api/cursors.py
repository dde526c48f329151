"""Pagination by cursor: an opaque text that says where the next page begins."""

import base64
import binascii
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, Protocol

from django.db.models import Model, QuerySet

from hemicycle.site.api.problems import ApiProblem

MOST = 100


class PageRequest(Protocol):
    """The requested page of a list."""

    cursor: str
    limit: int


def spell(position: str | int) -> str:
    """Return the cursor for the page after a position."""
    return base64.urlsafe_b64encode(str(position).encode()).decode().rstrip("=")


def read[T](cursor: str, parse: Callable[[str], T]) -> T | None:
    """Return the position in a cursor, None for ""; raise `ApiProblem` for an invalid cursor."""
    if not cursor:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return parse(base64.b64decode(padded, altchars=b"-_", validate=True).decode())
    except (ValueError, binascii.Error):
        says = "This cursor was not given by this server. Begin again without one."
        raise ApiProblem("invalid", says, errors=[{"where": "cursor", "says": says}]) from None


def number(text: str) -> int:
    """Parse a position that is a whole number, for `read`."""
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise ValueError(text)
    return int(text)


def word(text: str) -> str:
    """Parse a position that is a word, for `read`; databases do not accept the character NUL."""
    return text.replace("\0", "")


def page[T](
    rows: Sequence[T], limit: int, position: Callable[[T], str | int]
) -> tuple[list[T], str | None]:
    """Return the first `limit` of `rows`, and the cursor of the next page or None.

    `rows` has one row more than `limit` if there is a next page.
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
    """Return the requested page of a list in the order of its positions, and the next cursor."""
    position = read(query.cursor, str)
    if position is not None:
        found = [element for element in found if place(element) > position]
    return page(found, query.limit, place)
