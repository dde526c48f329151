"""Receivers for connections to the database.

They protect the record's triggers on SQLite, compare clocks, and discard what this process has read
if a connection was lost.
"""

import sqlite3
from typing import Any

from django.db.backends.signals import connection_created
from django.dispatch import receiver

from hemicycle.record import database_clock, floor, notify


@receiver(connection_created, dispatch_uid="record.defend_schema")
def defend_schema(sender: object, connection: Any, **named: object) -> None:
    """Forbid SQLite to edit its schema as a table, which could remove triggers."""
    if connection.vendor == "sqlite":
        connection.connection.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)


@receiver(connection_created, dispatch_uid="record.compare_clocks")
def compare_clocks(sender: object, connection: Any, **named: object) -> None:
    """Compare this machine's clock with PostgreSQL's; threads connect often enough for that."""
    database_clock.compare_now_and_then(connection)


notify.lost.connect(floor.forget)
