"""A refused page needs no traceback in the log: nothing failed. Nor does one that the database was
away for: its traceback says where it was asked, not why it is away.
"""

import logging
from typing import override

from django.core.exceptions import PermissionDenied

from hemicycle.site import database_connections


class RefusalsBriefly(logging.Filter):
    """Shortens a refused page, or one without a database, to one line."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        """Change the line; it is always kept."""
        error = record.exc_info[1] if record.exc_info else None
        if database_connections.is_lost(error):
            record.msg, record.args = "%s: the database is away: %s", (record.getMessage(), error)
        elif not isinstance(error, PermissionDenied):
            return True
        record.exc_info = record.exc_text = None
        return True
