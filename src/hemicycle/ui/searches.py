"""The text that a reader entered in a search field."""

from collections.abc import Mapping

LONGEST = 200


def words(query: Mapping[str, str]) -> str:
    """Return the search text in `q`: one line of at most 200 characters; "" if there is none.

    A NUL becomes a space, since PostgreSQL refuses it in a text.
    """
    return " ".join(query.get("q", "").replace("\0", " ").split())[:LONGEST]
