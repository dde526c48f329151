"""Reads the record from a PostgreSQL dump, without a server, into a small SQLite file.

`pg_restore` prints each table as lines for COPY. From the SQLite file, the record is verified by
the same code as everywhere else.
"""

import re
import sqlite3
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from hemicycle.site.backup import database
from hemicycle.site.backup.faults import BackupFault

type Value = str | int | bytes | None

TABLES: Final = {
    "django_migrations",
    "record_checkpoint",
    "record_entry",
    "record_head",
    "record_logtile",
    "record_note",
}
NUMBERS: Final = {"seq", "version", "at", "size", "level", "number"}
BYTES: Final = {("record_note", "salt"), ("record_logtile", "root"), ("record_logtile", "hashes")}
"""The columns that hold numbers, and those that hold bytes; all others hold text."""
_COPY = re.compile(r"^COPY (?:\w+\.)?(\w+) \((.+)\) FROM stdin;$")
_ESCAPES: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def record_of(dump: Path, folder: Path) -> Path:
    """Return a SQLite file in `folder` with the tables of the record and of migrations.

    The whole dump is read, so that damage anywhere in it is found. Raises `BackupFault`.
    """
    tool = database.program("pg_restore")
    file = folder / "record.sqlite3"
    with closing(sqlite3.connect(file)) as target:
        command = [tool, "--data-only", "--file=-", str(dump)]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
        ) as running:
            assert running.stdout is not None
            assert running.stderr is not None
            _load(running.stdout, target)
            told = running.stderr.read().strip()
        if running.returncode:
            reason = told.splitlines()[-1] if told else "no reason given"
            raise BackupFault(f"The backup's database is damaged ({reason}).")
        target.commit()
    return file


def _load(lines: Iterable[str], target: sqlite3.Connection) -> None:
    iterator = iter(lines)
    for line in iterator:
        found = _COPY.match(line.rstrip("\n"))
        if not found:
            continue
        table, columns = found[1], [name.strip(' "') for name in found[2].split(",")]
        rows = _rows(iterator)
        if table in TABLES:
            _insert(target, table, columns, rows)
        else:
            for _ in rows:
                pass


def _rows(lines: Iterator[str]) -> Iterator[list[str | None]]:
    for line in lines:
        if line == "\\.\n":
            return
        yield [_value(field) for field in line.rstrip("\n").split("\t")]


def _value(field: str) -> str | None:
    if field == "\\N":
        return None
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), field)


def _insert(
    target: sqlite3.Connection, table: str, columns: list[str], rows: Iterator[list[str | None]]
) -> None:
    named = ", ".join(f'"{name}"' for name in columns)
    marks = ", ".join("?" * len(columns))
    target.execute(f"CREATE TABLE {table} ({named})")
    insert = f"INSERT INTO {table} VALUES ({marks})"  # noqa: S608 - names from our own list
    readers = [_reader(table, name) for name in columns]
    target.executemany(
        insert, ([read(field) for read, field in zip(readers, row, strict=True)] for row in rows)
    )


def _reader(table: str, column: str) -> Callable[[str | None], Value]:
    if column in NUMBERS:
        return lambda field: None if field is None else int(field)
    if (table, column) in BYTES:
        return lambda field: None if field is None else bytes.fromhex(field.removeprefix("\\x"))
    return lambda field: field
