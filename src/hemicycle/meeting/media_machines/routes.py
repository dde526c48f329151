"""The address of the engine of a hearing, for web processes.

Each process reads the table of all leases at most once a second. No request waits for the reading
while the table in memory is at most three seconds old; if the database is unavailable, the table is
used for longer.
"""

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError

from hemicycle.meeting.media_machines import leases
from hemicycle.meeting.media_machines.lease_rules import ALIVE_MS, Lease, Machine

log = logging.getLogger(__name__)

FRESH_S = 1.0
"""How long the table counts as fresh, in seconds."""

LATE_S = 3.0
"""How long the table is used while it is being read again, in seconds.

A press in a room must not wait for the database. An outdated route is noticed: a machine that has
lost a hearing refuses its requests, and `forget` is called for one that does not answer.
"""

SOON_S = 0.2
"""The minimum time between two readings of the table, in seconds."""

BETWEEN_MS = 10_000
"""How long after the end of a lease another machine is expected to take the hearing, in ms."""


@dataclass(frozen=True, slots=True)
class MediaRoute:
    """Where a request is sent; `url` is "" while no machine can answer it.

    `is_one_of_many` says that the machine has a name, so that another one may take over from it.
    """

    url: str
    is_one_of_many: bool


@dataclass(slots=True)
class _Table:
    """The machines with a name, newest first, and the last lease of each hearing.

    `now_ms` is the time of the database's clock at the reading. While the database is unavailable,
    it does not advance, because the machines hold on to their hearings
    (`engine.control.lease_promises`).
    """

    machines: tuple[Machine, ...] = ()
    leases: Mapping[str, Lease] = field(default_factory=dict)
    now_ms: int = 0
    read_at: float = float("-inf")


_table = _Table()
_reading = threading.Lock()


def forget() -> None:
    """Have the table read before the next answer, because a machine did not answer."""
    # Of many requests to a dead machine at once, only the first has this effect.
    if time.monotonic() - _table.read_at > SOON_S:
        _table.read_at = float("-inf")


def of(hearing: str) -> MediaRoute:
    """Return the address of the engine of a hearing (32 hexadecimal digits, or "" for none).

    If no machine runs the hearing, this is the machine that ran it last, which has its recording;
    if that machine is gone, one with the same folder, or else any.
    """
    with _reading:
        found = _within(FRESH_S, hearing)
        if found is None:
            _read()
            found = _found(_table, hearing)
    return found


def known(hearing: str) -> MediaRoute | None:
    """Return the same as `of` from memory; None if the table must be read first."""
    return _within(LATE_S, hearing)


def is_due() -> bool:
    """Return whether the table should be read again, which `renew` does."""
    return time.monotonic() - _table.read_at >= FRESH_S


def renew() -> None:
    """Read the table again if it is at least `SOON_S` old. This queries the database."""
    with _reading:
        if time.monotonic() - _table.read_at >= SOON_S:
            _read()


def _within(age_s: float, hearing: str) -> MediaRoute | None:
    table = _table
    return _found(table, hearing) if time.monotonic() - table.read_at < age_s else None


def _found(table: _Table, hearing: str) -> MediaRoute:
    if not table.machines:
        return MediaRoute(settings.MEDIA_ENGINE.url, is_one_of_many=False)
    return MediaRoute(_url(table, hearing), is_one_of_many=True)


def _url(table: _Table, hearing: str) -> str:
    named = {machine.name: machine for machine in table.machines}
    lease, now_ms = table.leases.get(hearing), table.now_ms
    last = named.get(lease.machine) if lease else None
    if lease is not None and lease.ends_ms > now_ms:
        return last.url if last else ""
    if lease is not None and lease.ends_ms + BETWEEN_MS > now_ms:
        return ""
    alive = [machine for machine in table.machines if now_ms - machine.seen_ms < ALIVE_MS]
    alive.sort(key=lambda machine: (machine != last, last is None or machine.folder != last.folder))
    return alive[0].url if alive else ""


def url(hearing: UUID) -> str:
    """Return the address of the engine of a hearing, without a slash at the end."""
    return of(hearing.hex).url or settings.MEDIA_ENGINE.url


def _read() -> None:
    global _table  # noqa: PLW0603 - one for each process
    try:
        now_ms = leases.database_ms()
        known = sorted(leases.machines(), key=lambda machine: -machine.seen_ms)
        # If the newest machine has no name, it is the only one, and older rows do not count.
        is_sole = not known or not known[0].name
        _table = _Table(
            () if is_sole else tuple(machine for machine in known if machine.name),
            {} if is_sole else leases.last_leases(),
            now_ms,
            time.monotonic(),
        )
    except DatabaseError as error:
        log.warning("which machine runs a hearing cannot be read: %s", error)
        _table.read_at = time.monotonic()
