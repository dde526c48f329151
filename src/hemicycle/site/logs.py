"""Log lines without the secrets in addresses (whoever reads a log opens no page with it), and
without the whole way through the code where somebody came to a door that is not theirs.
"""

import logging
import re

from django.core.exceptions import PermissionDenied

_SECRET = re.compile(r"(?<=[/=])[A-Za-z0-9_:-]{40,}")
"""A link's (43 characters), or a feed's token; ids of rows are shorter."""


class WithoutSecrets(logging.Filter):
    """Blots out of each line what opens a personal page, signs somebody in, or follows a feed."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the line; it is always kept."""
        record.msg, record.args = blot(record.getMessage()), ()
        return True


class RefusalsBriefly(logging.Filter):
    """Keeps one line of a page that was refused: nothing failed."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the line; it is always kept."""
        if record.exc_info and isinstance(record.exc_info[1], PermissionDenied):
            record.exc_info = record.exc_text = None
        return True


def blot(line: str) -> str:
    """The line with each secret replaced by an ellipsis."""
    return _SECRET.sub("…", line)
