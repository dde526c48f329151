"""Log lines without the secrets in addresses, and refusals in one line.

A reader of a log must not be able to open a page with it, and a refused page needs no traceback.
"""

import logging
import re
from typing import override

from django.core.exceptions import PermissionDenied

_IN_ADDRESS = re.compile(r"(?<=[/=])[A-Za-z0-9_:.-]{40,}")
"""A link's secret (43 characters), or a feed's token; ids of rows are shorter."""
_BARE = re.compile(r"(?<![A-Za-z0-9_-])(?:hem_)?[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])")
"""The same anywhere else, for example in the text of an exception."""
_WORD = re.compile(r"[a-z0-9_-]+|[A-Z0-9_-]+")
"""A name in the code may be as long as a secret, which has letters of both cases."""


class Line(logging.Formatter):
    """A line, and the traceback below it, without what opens a page, an API or a feed."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        return blot(super().format(record))


class RefusalsBriefly(logging.Filter):
    """Shortens a refused page to one line: nothing failed."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        """Change the line; it is always kept."""
        if record.exc_info and isinstance(record.exc_info[1], PermissionDenied):
            record.exc_info = record.exc_text = None
        return True


def blot(line: str) -> str:
    """The line with each secret replaced by an ellipsis."""
    return _BARE.sub(_unless_a_word, _IN_ADDRESS.sub("…", line))


def _unless_a_word(found: re.Match[str]) -> str:
    text = found[0]
    return text if _WORD.fullmatch(text) else "…"
