"""Records as they lie in a database, SQLite or PostgreSQL."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from hemicycle.record.verify.entries import verify
from hemicycle.record.verify.report import Report, Unreadable

_COLUMNS = "hearing, seq, kind, version, at, actor, role, meeting, body, digest, hash"
_ENTRIES = f"SELECT {_COLUMNS} FROM record_entry ORDER BY hearing, seq"  # noqa: S608 - a constant
_HEADS = "SELECT hearing, seq, hash FROM record_head ORDER BY hearing"
_NOTES = "SELECT key, salt, text FROM record_note WHERE erased_at IS NULL ORDER BY key"


def verify_sqlite(path: Path) -> Report:
    """Verify every record in a SQLite database file, opened for reading only."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            rows: Any = connection.execute
            return verify(rows(_ENTRIES), rows(_HEADS), rows(_NOTES))
    except sqlite3.DatabaseError as error:
        raise Unreadable(f"{path.name} is not a database of Hemicycle ({error}).") from error


def verify_postgresql(address: str) -> Report:
    import psycopg
    from psycopg.rows import dict_row

    try:
        with (
            psycopg.connect(address, row_factory=dict_row, connect_timeout=10) as connection,
            connection.cursor("entries") as entries,
        ):
            entries.itersize = 5000
            heads = connection.execute(_HEADS)
            notes = connection.execute(_NOTES)
            return verify(entries.execute(_ENTRIES), heads, notes)
    except psycopg.Error as error:
        raise Unreadable(f"The database cannot be read ({error}).") from error


def own_database() -> str:
    data = Path(os.environ.get("HEMICYCLE_DATA_DIR", "var"))
    address = os.environ.get("HEMICYCLE_DATABASE_URL", f"sqlite:///{data / 'db.sqlite3'}")
    return address.removeprefix("sqlite:///")
