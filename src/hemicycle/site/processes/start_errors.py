"""One sentence for each fault that stops a command, with the fault and the remedy.

Imports neither Django nor a database's driver, so that the command line can use it without them.
"""

import errno
import os
import re
import sys

from hemicycle.engine.secret import UnusableSecret
from hemicycle.record.key_stores.base import KeyUnavailable
from hemicycle.settings_sources import WrongSetting


class CannotStart(Exception):
    """A fault that stops the start; the message is a sentence that says what to do."""


_OURS = (CannotStart, KeyUnavailable, UnusableSecret, WrongSetting)
"""Errors whose message is such a sentence."""


def sentence_of(error: BaseException) -> str | None:
    """Return the sentence for an error; None for a bug in the program."""
    if isinstance(error, _OURS) or type(error).__name__ in {
        "ImproperlyConfigured",
        "UnsupportedLibrary",
    }:
        return str(error)
    names = {kind.__name__ for kind in type(error).__mro__}
    if "OperationalError" in names or "ProgrammingError" in names or "DatabaseError" in names:
        return _of_database(error)
    if isinstance(error, OSError):
        return _of_system(error)
    return None


def tell(error: BaseException) -> int | None:
    """Print the sentence for an error and return the exit status; return None for a bug."""
    sentence = sentence_of(error)
    if sentence is None or os.environ.get("HEMICYCLE_DEBUG") == "1":
        return None
    print(f"hemicycle: {sentence}", file=sys.stderr, flush=True)
    return 1


_ADDRESS = "HEMICYCLE_DATABASE_URL"
NOT_MIGRATED = ("The database is not up to date.", "Run `hemicycle migrate`.")
"""The fault and the remedy; `start_checks` finds this fault before a query fails."""
NOT_FOLLOWED = (
    "The pooler in front of PostgreSQL loses prepared statements.",
    "Use PgBouncer 1.22 or newer with `max_prepared_statements = 200`.",
)
_DATABASE: tuple[tuple[str, str], ...] = (
    (
        r"no such (table|column)|relation .* does not exist|column .* does not exist",
        " ".join(NOT_MIGRATED),
    ),
    (r"prepared statement", " ".join(NOT_FOLLOWED)),
    (
        r"does not exist",
        f"The database cannot be used ({{told}}). Create it, or correct {_ADDRESS}.",
    ),
    (
        r"disk is full|no space left",
        "The disk is full. Make room, and start again; what was saved is safe.",
    ),
    (
        r"read-?only",
        "The database cannot be written ({told}). Check who owns its file and folder.",
    ),
    (
        r"not a database|malformed",
        "The database's file is damaged ({told}). Restore it from a backup.",
    ),
    (
        r"unable to open",
        f"The database's file cannot be opened. Check {_ADDRESS}, and who may read its folder.",
    ),
    (
        r"locked",
        "Another process has locked the database. Stop it, or try again in a minute.",
    ),
    (
        r"connect|authentication|resolve|timeout|pool",
        f"The database cannot be reached ({{told}}). Check {_ADDRESS}, and that it runs.",
    ),
)
"""Patterns for a database's message, and our sentence; the first match counts."""


def _of_database(error: BaseException) -> str | None:
    told = " ".join(str(error).split())
    for pattern, sentence in _DATABASE:
        if re.search(pattern, told, re.IGNORECASE):
            return sentence.format(told=told)
    return None


def _of_system(error: OSError) -> str | None:
    place = error.filename or "A file"
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return "The disk is full. Make room, and start again; what was saved is safe."
        case errno.EACCES | errno.EPERM:
            return (
                f"{place} cannot be used: permission denied. "
                "Let it belong to the user who runs Hemicycle."
            )
        case errno.EROFS:
            return f"{place} is on a disk that cannot be written."
        case errno.ENOTDIR | errno.EEXIST:
            return f"{place} is in the way: Hemicycle needs a folder there."
    return None
