"""Log lines without traceback for refused pages, where nothing failed, and for pages that lacked
the database: such a traceback shows where the database was used, not why it is unreachable.
"""

import logging
from typing import override

from django.core.exceptions import PermissionDenied

from hemicycle.site import database_connections


class RefusalsBriefly(logging.Filter):
    """Shortens the log entry of a refused page, or of one that lacked the database, to one line."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        """Shorten the entry if necessary; always return True, to keep it."""
        error = record.exc_info[1] if record.exc_info else None
        if database_connections.is_lost(error):
            record.msg, record.args = "%s: the database is away: %s", (record.getMessage(), error)
        elif not isinstance(error, PermissionDenied):
            return True
        record.exc_info = record.exc_text = None
        return True
