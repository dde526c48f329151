"""The lead of the site's time over the clock of the database's server, after a failover.

Another server may have another clock. If all machines followed it at once, a speaker might have a
minute less or more. So the first process that meets a new server, and that has followed the
previous one until then, stores the difference (`ServerClock`). All processes then use the server's
clock plus this difference, which shrinks slowly until the site has the server's time.

A server is identified by the time at which it was started, to the microsecond.

The same is done if the clock of a running server is set by a jump. A process on the same machine
detects this, because the machine's own clock jumps too, and a clock that nobody can set does not.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from hemicycle import shared_clock

SHRINKS_ONE_IN: Final = 500
"""The difference shrinks by 1 ms in this many ms: by 2 ms a second, or 7.2 s an hour."""
STEADY_MS: Final = 500
"""The most, in ms, by which a machine's own clock drifts from its steady one if nobody sets it."""
NEAR_MS: Final = 1_000
"""Two jumps that differ by at most this many ms are the same jump."""
MOST_JUMP_MS: Final = 120_000
"""A clock that is set by more ms than this was plainly wrong: the site follows it at once."""

_READ: Final = "SELECT server, lead_ms, since_ms FROM record_serverclock WHERE id = 1"
_WRITE: Final = """
INSERT INTO record_serverclock (id, server, lead_ms, since_ms) VALUES (1, %s, %s, %s)
ON CONFLICT (id) DO UPDATE
SET server = EXCLUDED.server, lead_ms = EXCLUDED.lead_ms, since_ms = EXCLUDED.since_ms
WHERE (record_serverclock.server, record_serverclock.lead_ms) = (%s, %s)
"""


@dataclass(frozen=True, slots=True)
class ClockLead:
    """By how much the site's time led the clock of `server` when that clock said `since_ms`."""

    server: str
    lead_ms: int = 0
    since_ms: int = 0

    def at(self, told_ms: int) -> int:
        """Return what is left of the lead, in ms, when the server's clock says `told_ms`."""
        shrunk = max(0, told_ms - self.since_ms) // SHRINKS_ONE_IN
        left = max(0, abs(self.lead_ms) - shrunk)
        return left if self.lead_ms > 0 else -left


@dataclass(frozen=True, slots=True)
class ExpectedTime:
    """The time that a process expects when it meets a server again, after an earlier comparison."""

    expected_ms: float
    """The time that the process has followed so far, in ms since the Unix epoch."""
    set_ms: float = 0.0
    """By how many ms its machine's own clock has been set forward since the last comparison."""

    @property
    def was_set(self) -> bool:
        """Whether its machine's own clock has been set."""
        return abs(self.set_ms) >= STEADY_MS


def agree(
    known: ClockLead | None, server: str, told_ms: int, expected: ExpectedTime | None
) -> ClockLead | None:
    """Return the lead that applies to a server whose clock says `told_ms`.

    `known` is the stored lead, None on a new database. `expected` is None in a process without an
    earlier comparison; then None is returned for a server whose lead is not stored yet.
    """
    if known is None:
        return ClockLead(server)
    if known.server == server:
        return known if expected is None else _agree_again(known, told_ms, expected)
    if expected is None or expected.was_set:
        return None
    return _lead(server, told_ms, expected.expected_ms)


def _agree_again(known: ClockLead, told_ms: int, expected: ExpectedTime) -> ClockLead:
    """Return the lead of a known server, whose clock may have been set in the meantime."""
    left_ms = known.at(told_ms)
    off_ms = expected.expected_ms - told_ms
    if expected.was_set:
        if abs(left_ms - off_ms - expected.set_ms) > NEAR_MS:
            return known  # the server is on another machine, or the lead is stored already
        is_wrong = abs(off_ms) > MOST_JUMP_MS
        told = told_ms if is_wrong else expected.expected_ms
        return _lead(known.server, told_ms, told)
    # A single process that was suspended for a while may expect this too, so the server's clock
    # must have come nearer to the site's time by at least half.
    if not shared_clock.is_off(left_ms) or 2 * abs(off_ms) >= abs(left_ms):
        return known
    return _lead(known.server, told_ms, expected.expected_ms)


def _lead(server: str, told_ms: int, expected_ms: float) -> ClockLead:
    """Return the lead that makes the server's clock show the expected time, if it differs much."""
    off_ms = round(expected_ms - told_ms)
    return ClockLead(server, off_ms, told_ms) if shared_clock.is_off(off_ms) else ClockLead(server)


def read(connection: psycopg.Connection[Any]) -> ClockLead | None:
    """Return the stored lead; None if there is none, or no table yet."""
    try:
        row = connection.execute(_READ).fetchone()
    except psycopg.errors.UndefinedTable:
        return None
    return ClockLead(*row) if row else None


def store(connection: psycopg.Connection[Any], known: ClockLead | None, lead: ClockLead) -> bool:
    """Store a lead in place of `known`; return False if another process has stored one."""
    before = known or ClockLead("")
    values = (lead.server, lead.lead_ms, lead.since_ms, before.server, before.lead_ms)
    with suppress(psycopg.errors.UndefinedTable), connection.transaction():
        # No page waits for a standby here: a server that takes over without this row is met again.
        connection.execute("SET LOCAL synchronous_commit TO local")
        return connection.execute(_WRITE, values).rowcount == 1
    return True
