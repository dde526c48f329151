"""Connections to PostgreSQL past a pooler.

A pooler in transaction mode, such as PgBouncer, gives each transaction another server connection.
`LISTEN` and an exported snapshot belong to a session, so they need PostgreSQL itself:
`HEMICYCLE_DATABASE_DIRECT_URL`. Nothing else does: statements are prepared by messages of the
protocol, which PgBouncer follows, cursors end with their transaction, and settings are `SET LOCAL`.
"""

from typing import Any
from uuid import uuid4

import psycopg
from django.conf import settings
from django.db import connection

from hemicycle.record.impatient_connection import ImpatientConnection

_OF_DJANGO = ("context", "cursor_factory", "prepare_threshold")
"""What Django gives psycopg for its own connections; the rest is libpq's."""


def parameters() -> dict[str, Any]:
    """Return libpq's parameters of a connection to PostgreSQL itself, for `psycopg.connect`.

    What `HEMICYCLE_DATABASE_DIRECT_URL` leaves out is as in `HEMICYCLE_DATABASE_URL`.
    """
    return through_pooler() | settings.DATABASE_DIRECT


def through_pooler() -> dict[str, Any]:
    """Return libpq's parameters of the address that Django uses; a pooler may be behind it."""
    usual = connection.get_connection_params()
    return {name: value for name, value in usual.items() if name not in _OF_DJANGO}


def news_arrives(within_s: float = 3.0) -> bool:
    """Return whether a notification of the usual connections reaches the direct one.

    Raises `psycopg.OperationalError` when one of both addresses does not answer.
    """
    channel = f"hemicycle_probe_{uuid4().hex}"
    with (
        ImpatientConnection.connect(**parameters(), autocommit=True) as listener,
        ImpatientConnection.connect(**through_pooler(), autocommit=True) as sender,
    ):
        listener.execute(f"LISTEN {channel}")
        sender.execute("SELECT pg_notify(%s, '')", [channel])
        return any(True for _ in listener.notifies(timeout=within_s, stop_after=1))


def statements_stay_prepared() -> bool:
    """Return whether a statement that was prepared once can be used in a later transaction.

    A pooler in transaction mode that does not follow prepared statements gives that transaction a
    server that does not know it.
    """
    with (
        ImpatientConnection.connect(**through_pooler(), autocommit=True) as one,
        ImpatientConnection.connect(**through_pooler(), autocommit=True) as other,
    ):
        one.execute("SELECT %s::int", [1], prepare=True)
        try:
            with other.transaction():
                other.execute("SELECT 1")  # it holds, until its end, the server that `one` had
                one.execute("SELECT %s::int", [2], prepare=True)
        except (psycopg.errors.InvalidSqlStatementName, psycopg.errors.DuplicatePreparedStatement):
            return False
    return True
