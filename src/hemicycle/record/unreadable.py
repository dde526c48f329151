"""Entries that this version of Hemicycle cannot read, because a newer one has written them.

While machines are upgraded one by one, two versions write to one database (docs/machines.md). The
older one does not know the floor of a meeting with such an entry, and must not guess. This module
keeps the meetings where this process has met one, so that it can report that it is the older one.
"""

import logging
from uuid import UUID

log = logging.getLogger(__name__)

_met: set[UUID] = set()


class UnreadableEntry(Exception):
    """A meeting has an entry that this version cannot read, so its floor is unknown here."""


def met(meeting: UUID, seq: int, why: Exception) -> UnreadableEntry:
    """Note an unreadable entry, log the first one of a meeting, and return the error to raise."""
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
    """Return whether this process has met such an entry. Only a newer process can read it."""
    return bool(_met)


def forget() -> None:
    """Forget these meetings, because the entries may differ on another server of the database."""
    _met.clear()
