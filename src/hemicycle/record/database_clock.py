"""PostgreSQL's clock, by which the processes of all machines go (`hemicycle.shared_clock`)."""

import time
from contextlib import suppress
from typing import Any, Final

from django.db import DatabaseError
from django.db import connection as usual_connection

from hemicycle import shared_clock

COMPARED_EVERY_S: Final = 10.0
"""How often a process compares; clocks that drift are less than a millisecond off by then."""

_SQL: Final = "SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint"

_compared_at = float("-inf")


def compare(connection: Any) -> None:
    """Compare this machine's clock with that of a connection's server. Raises `DatabaseError`.

    It asks the server without Django's cursor, since it is no query of the page that has just
    opened the connection.
    """
    global _compared_at  # noqa: PLW0603 - one for each process
    with connection.wrap_database_errors:
        before_ms = shared_clock.own_ms()
        (told_ms,) = connection.connection.execute(_SQL).fetchone()
        shared_clock.compare(before_ms, told_ms, shared_clock.own_ms())
    _compared_at = time.monotonic()


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
