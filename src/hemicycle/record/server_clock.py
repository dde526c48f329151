"""By how much the site's time leads the clock of the database's server, after a failover.

Another server may have another clock. If all machines followed it at once, a speaker would have a
minute less or more. So the first process that meets a new server, and has gone by the one before
until then, stores the difference (`ServerClock`), and all processes go by the server's clock and
that. The difference shrinks slowly, until the site has the server's time.

A server is known by when it was started: each one was started at its own microsecond.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from hemicycle import shared_clock

SHRINKS_ONE_IN: Final = 500
"""The difference shrinks by a millisecond in so many: by 2 ms a second, or 7.2 s an hour."""

_READ: Final = "SELECT server, lead_ms, since_ms FROM record_serverclock WHERE id = 1"
_WRITE: Final = """
INSERT INTO record_serverclock (id, server, lead_ms, since_ms) VALUES (1, %s, %s, %s)
ON CONFLICT (id) DO UPDATE
SET server = EXCLUDED.server, lead_ms = EXCLUDED.lead_ms, since_ms = EXCLUDED.since_ms
WHERE (record_serverclock.server, record_serverclock.lead_ms) = (%s, %s)
"""


@dataclass(frozen=True, slots=True)
class ClockLead:
    """The site's time was `lead_ms` ahead of the clock of `server` when that said `since_ms`."""

    server: str
    lead_ms: int = 0
    since_ms: int = 0

    def at(self, told_ms: int) -> int:
        """What is left of it when the server's clock says `told_ms`."""
        shrunk = max(0, told_ms - self.since_ms) // SHRINKS_ONE_IN
        left = max(0, abs(self.lead_ms) - shrunk)
        return left if self.lead_ms > 0 else -left


def agree(
    known: ClockLead | None, server: str, told_ms: int, expected_ms: float | None
) -> ClockLead | None:
    """Return the lead that holds for a server whose clock says `told_ms`.

    `known` is what is stored, None on a new database. `expected_ms` is the time by which this
    process has gone so far; without it, None is returned for a server that nobody has met yet.
    """
    if known is None:
        return ClockLead(server)
    is_same = known.server == server
    left = known.at(told_ms) if is_same else 0
    if is_same and not shared_clock.is_off(left):
        return known
    if expected_ms is None:
        return known if is_same else None
    off_ms = round(expected_ms - told_ms)
    # Its clock may have been set meanwhile. One process whose own clock stood still may believe so
    # too, so the server's clock has to come nearer to the site's time by half.
    if is_same and 2 * abs(off_ms) >= abs(left):
        return known
    return ClockLead(server, off_ms, told_ms) if shared_clock.is_off(off_ms) else ClockLead(server)


def read(connection: psycopg.Connection[Any]) -> ClockLead | None:
    """Return what is stored; None where nothing is, or no table yet."""
    try:
        row = connection.execute(_READ).fetchone()
    except psycopg.errors.UndefinedTable:
        return None
    return ClockLead(*row) if row else None


def store(connection: psycopg.Connection[Any], known: ClockLead | None, lead: ClockLead) -> bool:
    """Store a lead in the place of `known`; return False if another process has stored one."""
    before = known or ClockLead("")
    values = (lead.server, lead.lead_ms, lead.since_ms, before.server, before.lead_ms)
    with suppress(psycopg.errors.UndefinedTable), connection.transaction():
        # No page waits for a standby here: a server that takes over without it is met again.
        connection.execute("SET LOCAL synchronous_commit TO local")
        return connection.execute(_WRITE, values).rowcount == 1
    return True
