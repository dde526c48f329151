"""PostgreSQL's clock, which the processes of all machines follow (`hemicycle.shared_clock`)."""

import logging
import time
from contextlib import suppress
from typing import Any, Final, NamedTuple

from django.db import DatabaseError
from django.db import connection as usual_connection

from hemicycle import shared_clock
from hemicycle.record import server_clock
from hemicycle.record.server_clock import ClockLead, ExpectedTime

log = logging.getLogger(__name__)

COMPARED_EVERY_S: Final = 10.0
"""The interval, in seconds, at which a process compares; clocks drift less than 1 ms within it."""
SLOW_MS: Final = 1_000
"""An answer that took longer than this, in ms, says too little about the server's clock."""

_SQL: Final = """
SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint,
       extract(epoch FROM pg_postmaster_start_time())::text
"""


class Comparison(NamedTuple):
    """The readings of this machine's own clock and of its steady clock, both in milliseconds."""

    own_ms: float
    steady_ms: float


_compared_at = float("-inf")
_last: Comparison | None = None
_known: ClockLead | None = None


def compare(connection: Any) -> None:
    """Compare this machine's clock with that of a connection's server. Raises `DatabaseError`.

    The query bypasses Django's cursor, because it must not count as a query of the page that has
    opened the connection.
    """
    with connection.wrap_database_errors:
        before_ms = shared_clock.steady_ms()
        told_ms, server = connection.connection.execute(_SQL).fetchone()
        now = Comparison(shared_clock.own_ms(), shared_clock.steady_ms())
        expected = None
        if _last is not None and now.steady_ms - before_ms <= SLOW_MS:
            set_ms = now.own_ms - _last.own_ms - (now.steady_ms - _last.steady_ms)
            half_ms = (now.steady_ms - before_ms) / 2
            expected = ExpectedTime(shared_clock.now_s() * 1000 - half_ms, set_ms)
        lead = _agree(connection.connection, server, told_ms, expected)
    if lead is None and _last is not None and not (expected and expected.was_set):
        return  # a server without an agreed lead: go on by this machine's clock and ask again
    _note(now, lead)
    site_ms = told_ms + (lead.at(told_ms) if lead else 0)
    shared_clock.compare(before_ms, site_ms, now.steady_ms)


def _agree(
    connection: Any, server: str, told_ms: int, expected: ExpectedTime | None
) -> ClockLead | None:
    """Return the lead that all processes use; None if it is not known yet."""
    known = _known
    was_set = expected is not None and expected.was_set
    if known is None or known.server != server or known.lead_ms or was_set:
        known = server_clock.read(connection)
    lead = server_clock.agree(known, server, told_ms, expected)
    if lead is None or lead == known:
        return lead
    if not server_clock.store(connection, known, lead):
        return None
    if lead.lead_ms:
        log.warning(
            "%s, by %.1f s (positive: ahead). Set it by NTP. Speaking times go on as before",
            "the clock of the database's server was set"
            if known and known.server == server
            else "another database server has taken over, whose clock differs",
            -lead.lead_ms / 1000,
        )
    return lead


def _note(now: Comparison, lead: ClockLead | None) -> None:
    global _compared_at, _known, _last  # noqa: PLW0603 - one for each process
    _compared_at = time.monotonic()
    _last = now
    _known = lead


def lead_ms(connection: Any) -> int:
    """Return by how many ms the site's time leads the server's clock, as stored; 0 if unknown."""
    if connection.vendor != "postgresql":
        return 0
    connection.ensure_connection()
    with connection.wrap_database_errors:
        told_ms, server = connection.connection.execute(_SQL).fetchone()
        known = server_clock.read(connection.connection)
    return known.at(told_ms) if known and known.server == server else 0


def compare_now_and_then(connection: Any) -> None:
    """Compare, unless the last comparison is fresh (`COMPARED_EVERY_S`). Raises `DatabaseError`."""
    is_fresh = time.monotonic() - _compared_at < COMPARED_EVERY_S
    if connection.vendor == "postgresql" and not is_fresh:
        compare(connection)


def compare_at_start() -> None:
    """Compare before the first response, by opening a connection, if the database is reachable."""
    if usual_connection.vendor != "postgresql":
        return
    with suppress(DatabaseError):
        usual_connection.ensure_connection()
    usual_connection.close()
