"""What a search field of a page was filled in with."""

from collections.abc import Mapping

LONGEST = 200


def words(query: Mapping[str, str]) -> str:
    """Return what `q` of a query asks for: one line of at most 200 characters; "" for nothing.

    No NUL is in it: PostgreSQL refuses to compare it with a text.
    """
    return " ".join(query.get("q", "").replace("\0", " ").split())[:LONGEST]
