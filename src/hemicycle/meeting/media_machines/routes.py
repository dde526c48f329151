"""Where the engine of a hearing is reached, for web processes.

The table of all leases is read at most once a second in each process. No request waits for that
while the last one is three seconds old at most; if the database is away, it is used for longer.
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
"""For how many seconds the table counts as new."""

LATE_S = 3.0
"""For so many seconds it is used while it is read again: a press in a room must not wait for that.

A machine that has lost a hearing refuses its requests, and a dead one is noticed (`forget`).
"""

SOON_S = 0.2
"""The table is not read again within so many seconds."""

BETWEEN_MS = 10_000
"""For so long after a lease has ended, another machine is expected to take the hearing."""


@dataclass(frozen=True, slots=True)
class MediaRoute:
    """Where a request goes; `url` is "" while no machine can answer it.

    `is_one_of_many` says that the machine has a name, so that another one may follow it.
    """

    url: str
    is_one_of_many: bool


@dataclass(slots=True)
class _Table:
    """The machines with a name, newest first, and the last lease of each hearing.

    `now_ms` is the time of the database's clock at which it was read: while the database is away,
    the machines hold on to their hearings (`engine.control.lease_promises`).
    """

    machines: tuple[Machine, ...] = ()
    leases: Mapping[str, Lease] = field(default_factory=dict)
    now_ms: int = 0
    read_at: float = float("-inf")


_table = _Table()
_reading = threading.Lock()


def forget() -> None:
    """Read the table again before the next answer: a machine did not answer."""
    # Of all that come to a dead machine at once, the first does so.
    if time.monotonic() - _table.read_at > SOON_S:
        _table.read_at = float("-inf")


def of(hearing: str) -> MediaRoute:
    """Return where the engine of a hearing (32 hexadecimal digits, or "" for none) is reached.

    A hearing that no machine runs leads to the one that ran it last, which has its recording; if
    that is gone, to one with the same folder, or else to any.
    """
    with _reading:
        found = _within(FRESH_S, hearing)
        if found is None:
            _read()
            found = _found(_table, hearing)
    return found


def known(hearing: str) -> MediaRoute | None:
    """Return the same from memory; None where the table must be read first."""
    return _within(LATE_S, hearing)


def is_due() -> bool:
    """Whether the table is to be read again (`renew` does so)."""
    return time.monotonic() - _table.read_at >= FRESH_S


def renew() -> None:
    """Read the table again, unless it is `SOON_S` old at most. Slow."""
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
        # A machine without a name is the only one, whatever machines there were before.
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
