"""How connections to PostgreSQL survive a failover: they soon notice that a server is gone.

A server that crashes closes its connections, which remain in the pool. A machine that loses its
power or its network closes none: TCP would wait for a quarter of an hour. A machine that hangs
answers only on the level of TCP (`record.impatient_connection`).
"""

import logging
import select
from typing import Any

from django.db import Error, InterfaceError, OperationalError, connections

log = logging.getLogger(__name__)

PATIENCE = {
    "connect_timeout": 3,
    "keepalives_idle": 5,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": 5000,
}
"""libpq's parameters unless the address sets them; in seconds, the last one in milliseconds."""


def pool(size: int) -> dict[str, Any]:
    """Return the options of a process's pool of up to `size` connections.

    A visitor waits for at most 10 s, in which a standby becomes primary. After 3 s of failed
    attempts the pool starts again with short pauses, instead of doubling them.
    """
    from hemicycle.record.impatient_connection import ImpatientConnection  # only for PostgreSQL

    return {
        "connection_class": ImpatientConnection,
        "min_size": 1,
        "max_size": size,
        "timeout": 10,
        "reconnect_timeout": 3,
        "check": check,
    }


def check(connection: Any) -> None:
    """Raise for a connection that the server has ended; the pool then takes another one.

    An idle connection has no data to read unless it has ended, so this costs no round trip.
    """
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    if not waiting.poll(0):
        return
    try:
        connection.execute("")
    except Exception:
        # The other connections have probably ended too. If they were found one by one, the pool
        # would pause longer after each.
        connections["default"].pool.check()  # type: ignore[attr-defined] # PostgreSQL's has one
        raise


def is_lost(error: BaseException | None) -> bool:
    """Whether a query failed because the database is unreachable or has become a standby."""
    if connections["default"].vendor != "postgresql":
        return False
    if isinstance(error, OperationalError | InterfaceError):
        return True
    return isinstance(error, Error) and type(error.__cause__).__name__ == "ReadOnlySqlTransaction"
