"""What is set on each connection to the database so that the record's triggers stay in force."""

import sqlite3
from typing import Any

from django.db.backends.signals import connection_created
from django.dispatch import receiver


@receiver(connection_created, dispatch_uid="record.defend_schema")
def defend_schema(sender: object, connection: Any, **named: object) -> None:
    """Let SQLite refuse to have its schema edited as a table, which would take triggers away."""
    if connection.vendor == "sqlite":
        connection.connection.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)
