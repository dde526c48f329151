"""Connections to PostgreSQL that bypass a pooler.

A pooler in transaction mode, such as PgBouncer, gives each transaction another server connection.
`LISTEN` and an exported snapshot belong to a session, so they need a direct connection to
PostgreSQL: `HEMICYCLE_DATABASE_DIRECT_URL`. Nothing else needs it: statements are prepared by
messages of the protocol, which PgBouncer follows; cursors end with their transaction; and settings
are made with `SET LOCAL`.
"""

from typing import Any
from uuid import uuid4

import psycopg
from django.conf import settings
from django.db import connection

from hemicycle.record.impatient_connection import ImpatientConnection

_OF_DJANGO = ("context", "cursor_factory", "prepare_threshold")
"""The parameters that Django gives psycopg for its own connections; the others are libpq's."""


def parameters() -> dict[str, Any]:
    """Return libpq's parameters of a direct connection to PostgreSQL, for `psycopg.connect`.

    Parts that `HEMICYCLE_DATABASE_DIRECT_URL` leaves out are taken from `HEMICYCLE_DATABASE_URL`.
    """
    return through_pooler() | settings.DATABASE_DIRECT


def through_pooler() -> dict[str, Any]:
    """Return libpq's parameters of the address that Django uses; a pooler may be behind it."""
    usual = connection.get_connection_params()
    return {name: value for name, value in usual.items() if name not in _OF_DJANGO}


def news_arrives(within_s: float = 3.0) -> bool:
    """Return whether a notification sent on a usual connection reaches the direct connection.

    Raises `psycopg.OperationalError` if one of the two addresses does not answer.
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

    A pooler in transaction mode that does not follow prepared statements runs the later transaction
    on a server connection that does not know the statement.
    """
    with (
        ImpatientConnection.connect(**through_pooler(), autocommit=True) as one,
        ImpatientConnection.connect(**through_pooler(), autocommit=True) as other,
    ):
        one.execute("SELECT %s::int", [1], prepare=True)
        try:
            with other.transaction():
                other.execute("SELECT 1")  # occupies the server connection that `one` had
                one.execute("SELECT %s::int", [2], prepare=True)
        except (psycopg.errors.InvalidSqlStatementName, psycopg.errors.DuplicatePreparedStatement):
            return False
    return True
