"""Entries that this version of Hemicycle cannot read, because a newer one has written them.

While machines are upgraded one by one, two versions write to one database (docs/machines.md). The
older one does not know the floor of a meeting with such an entry, and must not guess. What this
process has met is kept here, so that it can say that it is the older one.
"""

import logging
from uuid import UUID

log = logging.getLogger(__name__)

_met: set[UUID] = set()


class UnreadableEntry(Exception):
    """A meeting has an entry that this version cannot read, so its floor is not known here."""


def met(meeting: UUID, seq: int, why: Exception) -> UnreadableEntry:
    """Note an entry that cannot be read, and return the error to raise; log it once a meeting."""
    error = UnreadableEntry(f"entry {seq} of meeting {meeting} cannot be read here: {why}")
    if meeting not in _met:
        _met.add(meeting)
        log.error(
            "%s. A newer version of Hemicycle has probably written it: upgrade this machine. If "
            "all machines have the same version, run `hemicycle verify`.",
            error,
        )
    return error


def has_met() -> bool:
    """Whether this process has met such an entry. Only a newer process can read it."""
    return bool(_met)


def forget() -> None:
    """Forget what was met, because entries may have changed with another server of the database."""
    _met.clear()
