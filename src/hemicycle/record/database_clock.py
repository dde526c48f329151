"""PostgreSQL's clock, by which the processes of all machines go (`hemicycle.shared_clock`)."""

import logging
import time
from contextlib import suppress
from typing import Any, Final, NamedTuple

from django.db import DatabaseError
from django.db import connection as usual_connection

from hemicycle import shared_clock
from hemicycle.record import server_clock
from hemicycle.record.server_clock import ClockLead

log = logging.getLogger(__name__)

COMPARED_EVERY_S: Final = 10.0
"""How often a process compares; clocks that drift are less than a millisecond off by then."""
SLOW_MS: Final = 1_000
"""An answer that took longer says too little about another server's clock."""
STEADY_MS: Final = 500
"""By how much this machine's clock and its monotonic one may differ while nobody sets it."""

_SQL: Final = """
SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint,
       extract(epoch FROM pg_postmaster_start_time())::text
"""


class Comparison(NamedTuple):
    """When a process compared, by this machine's clock and by its monotonic one."""

    own_ms: float
    monotonic_ms: float


_compared_at = float("-inf")
_last: Comparison | None = None
_known: ClockLead | None = None


def compare(connection: Any) -> None:
    """Compare this machine's clock with that of a connection's server. Raises `DatabaseError`.

    It asks the server without Django's cursor, since it is no query of the page that has just
    opened the connection.
    """
    with connection.wrap_database_errors:
        before_ms = shared_clock.own_ms()
        told_ms, server = connection.connection.execute(_SQL).fetchone()
        after_ms = shared_clock.own_ms()
        is_steady = _is_steady(before_ms)
        expected_ms = (before_ms + after_ms) / 2 - shared_clock.ahead_ms()
        is_sure = is_steady and after_ms - before_ms <= SLOW_MS
        lead = _agree(connection.connection, server, told_ms, expected_ms if is_sure else None)
    if lead is None and is_steady:
        return  # a server that nobody has met: go on by this machine's clock, and ask again
    _note(before_ms, lead)
    site_ms = told_ms + (lead.at(told_ms) if lead else 0)
    shared_clock.compare(before_ms, site_ms, after_ms)


def _is_steady(now_ms: float) -> bool:
    """Whether this process has compared before, and nobody has set this machine's clock since."""
    if _last is None:
        return False
    passed_ms = time.monotonic() * 1000 - _last.monotonic_ms
    return abs(now_ms - _last.own_ms - passed_ms) < STEADY_MS


def _agree(
    connection: Any, server: str, told_ms: int, expected_ms: float | None
) -> ClockLead | None:
    """Return the lead that all processes go by; None where it is not known yet."""
    known = _known
    if known is None or known.server != server or known.lead_ms:
        known = server_clock.read(connection)
    lead = server_clock.agree(known, server, told_ms, expected_ms)
    if lead is None or lead == known:
        return lead
    if not server_clock.store(connection, known, lead):
        return None
    if lead.lead_ms:
        log.warning(
            "another database server has taken over, whose clock differs from the one before by "
            "%.1f s (positive: it is ahead). Set it by NTP. Speaking times go on as before",
            -lead.lead_ms / 1000,
        )
    return lead


def _note(own_ms: float, lead: ClockLead | None) -> None:
    global _compared_at, _known, _last  # noqa: PLW0603 - one for each process
    _compared_at = time.monotonic()
    _last = Comparison(own_ms, _compared_at * 1000)
    _known = lead


def lead_ms(connection: Any) -> int:
    """By how much the site's time leads the clock of a connection's server, as it is stored."""
    if connection.vendor != "postgresql":
        return 0
    connection.ensure_connection()
    with connection.wrap_database_errors:
        told_ms, server = connection.connection.execute(_SQL).fetchone()
        known = server_clock.read(connection.connection)
    return known.at(told_ms) if known and known.server == server else 0


def compare_now_and_then(connection: Any) -> None:
    """Compare if the last comparison of this process is not fresh. Raises `DatabaseError`."""
    is_fresh = time.monotonic() - _compared_at < COMPARED_EVERY_S
    if connection.vendor == "postgresql" and not is_fresh:
        compare(connection)


def compare_at_start() -> None:
    """Compare before the first answer, if the database is there: each connection does so."""
    if usual_connection.vendor != "postgresql":
        return
    with suppress(DatabaseError):
        usual_connection.ensure_connection()
    usual_connection.close()
