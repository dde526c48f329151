"""A refused page needs no traceback in the log: nothing failed."""

import logging
from typing import override

from django.core.exceptions import PermissionDenied


class RefusalsBriefly(logging.Filter):
    """Shortens a refused page to one line."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        """Change the line; it is always kept."""
        if record.exc_info and isinstance(record.exc_info[1], PermissionDenied):
            record.exc_info = record.exc_text = None
        return True
