"""By how much the site's time leads the clock of the database's server, after a failover.

Another server may have another clock. If all machines followed it at once, a speaker would have a
minute less or more. So the first process that meets a new server, and has gone by the one before
until then, stores the difference (`ServerClock`), and all processes go by the server's clock and
that. The difference shrinks slowly, until the site has the server's time.

A server is known by when it was started: each one was started at its own microsecond.

The same holds where the clock of a server is set by a jump while it runs, on a machine that has
other processes too: their machine's own clock jumps with it, a clock that nobody can set does not.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from hemicycle import shared_clock

SHRINKS_ONE_IN: Final = 500
"""The difference shrinks by a millisecond in so many: by 2 ms a second, or 7.2 s an hour."""
STEADY_MS: Final = 500
"""By how much a machine's own clock may move against its steady one while nobody sets it."""
NEAR_MS: Final = 1_000
"""By how much two jumps may differ that are one."""
MOST_JUMP_MS: Final = 120_000
"""A clock that is set by more was plainly wrong: the site's time follows it at once."""

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


@dataclass(frozen=True, slots=True)
class ExpectedTime:
    """What a process believes that has compared before, when it meets a server again."""

    expected_ms: float
    """The time by which it has gone so far."""
    set_ms: float = 0.0
    """How far somebody has set its machine's own clock forward since it compared."""

    @property
    def was_set(self) -> bool:
        """Whether somebody has set its machine's own clock."""
        return abs(self.set_ms) >= STEADY_MS


def agree(
    known: ClockLead | None, server: str, told_ms: int, expected: ExpectedTime | None
) -> ClockLead | None:
    """Return the lead that holds for a server whose clock says `told_ms`.

    `known` is what is stored, None on a new database. `expected` is None in a process that cannot
    know better; then None is returned for a server that nobody has met yet.
    """
    if known is None:
        return ClockLead(server)
    if known.server == server:
        return known if expected is None else _agree_again(known, told_ms, expected)
    if expected is None or expected.was_set:
        return None
    return _lead(server, told_ms, expected.expected_ms)


def _agree_again(known: ClockLead, told_ms: int, expected: ExpectedTime) -> ClockLead:
    """Return the lead of a server that has been met: its clock may have been set meanwhile."""
    left_ms = known.at(told_ms)
    off_ms = expected.expected_ms - told_ms
    if expected.was_set:
        if abs(left_ms - off_ms - expected.set_ms) > NEAR_MS:
            return known  # the server is elsewhere, or somebody has stored it already
        is_wrong = abs(off_ms) > MOST_JUMP_MS
        told = told_ms if is_wrong else expected.expected_ms
        return _lead(known.server, told_ms, told)
    # One process that stood still for a while may believe so too: the server's clock has to come
    # nearer to the site's time by half.
    if not shared_clock.is_off(left_ms) or 2 * abs(off_ms) >= abs(left_ms):
        return known
    return _lead(known.server, told_ms, expected.expected_ms)


def _lead(server: str, told_ms: int, expected_ms: float) -> ClockLead:
    """Return what makes of the server's clock the time that was expected, if it differs much."""
    off_ms = round(expected_ms - told_ms)
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
