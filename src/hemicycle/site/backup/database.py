"""The database of a backup: copied as of one moment while the site writes, and restored."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from hemicycle.site.backup.faults import BackupFault, of_disk

_MIGRATIONS = "SELECT app, name FROM django_migrations ORDER BY app, name"
_HEADS = "SELECT hearing, seq, hash FROM record_head ORDER BY hearing"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A copy of the database as of one moment, with the ends of its records."""

    kind: Literal["sqlite", "postgresql"]
    file: Path
    migrations: tuple[str, ...]
    heads: dict[str, tuple[int, str]]


def snapshot(folder: Path) -> Snapshot:
    """Copy this installation's database into `folder`; Django must be set up."""
    from django.db import connection

    if connection.vendor == "sqlite":
        return copy_sqlite(Path(connection.settings_dict["NAME"]), folder)
    from hemicycle.record import direct_connection

    return _dump_postgresql(direct_connection.parameters(), folder)


# ── SQLite ────────────────────────────────────────────────────────────────────────────────────
def copy_sqlite(file: Path, folder: Path) -> Snapshot:
    """Copy a SQLite database that other processes write to; the writers do not wait."""
    if not file.exists():
        raise BackupFault(f"There is no database at {file}: there is nothing to back up yet.")
    copy = folder / "db.sqlite3"
    copy.touch(mode=0o600)
    try:
        with (
            closing(sqlite3.connect(_address(file), uri=True, timeout=60)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)  # all pages in one transaction: a copy as of one moment
            target.execute("PRAGMA journal_mode=DELETE")  # no journal file: the copy is one file
            migrations, heads = known_in(target.execute)
    except sqlite3.Error as error:
        if "full" in str(error) or "I/O" in str(error):
            or_fails = "" if "full" in str(error) else " (or it fails)"
            raise BackupFault(
                f"The disk is full at {folder.parent}{or_fails}, where a backup needs as much "
                "room as the database has. No backup was made. Make room, and run it again."
            ) from error
        raise BackupFault(f"The database {file} cannot be copied ({error}).") from error
    return Snapshot("sqlite", copy, migrations, heads)


def check_sqlite(file: Path) -> None:
    """Raise `BackupFault` if a SQLite database is internally damaged."""
    try:
        with closing(sqlite3.connect(_address(file), uri=True)) as connection:
            ((found,),) = connection.execute("PRAGMA integrity_check(1)").fetchall()
    except (sqlite3.Error, ValueError) as error:
        raise BackupFault(f"The backup's database cannot be opened ({error}).") from error
    if found != "ok":
        raise BackupFault(f"The backup's database is damaged ({' '.join(found.split())}).")


def close_journal(file: Path) -> None:
    """Merge the journal of a copied database into its file, so that the file is complete."""
    try:
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise BackupFault(f"The backup's database cannot be opened ({error}).") from error


def heads_of_sqlite(file: Path) -> dict[str, tuple[int, str]]:
    """Return the number and the hash of the last entry of each hearing's record."""
    with closing(sqlite3.connect(_address(file), uri=True)) as connection:
        return known_in(connection.execute)[1]


def _address(file: Path) -> str:
    return f"file:{quote(str(file))}?mode=ro"


def known_in(execute: Any) -> tuple[tuple[str, ...], dict[str, tuple[int, str]]]:
    """Return our migrations in a database, and the ends of its records."""
    applied: Iterable[tuple[str, str]] = execute(_MIGRATIONS).fetchall()
    heads: Iterable[tuple[Any, int, str]] = execute(_HEADS).fetchall()
    ours = _our_labels()
    return (
        tuple(f"{app}.{name}" for app, name in applied if app in ours),
        {str(hearing).replace("-", ""): (seq, hash) for hearing, seq, hash in heads},
    )


def _our_labels() -> set[str]:
    from hemicycle.site.backup import manifest

    return {name.partition(".")[0] for name in manifest.known_migrations()}


# ── PostgreSQL ────────────────────────────────────────────────────────────────────────────────
def _dump_postgresql(parameters: dict[str, Any], folder: Path) -> Snapshot:
    """Dump the database as of the moment in which the ends of its records are read."""
    import psycopg

    dump = program("pg_dump")
    file = folder / "dump.pgsql"
    with _connected(parameters) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        (moment,) = connection.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
        migrations, heads = known_in(connection.execute)
        run_tool(
            [dump, "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={moment}"],
            parameters,
            output=file,
        )
    return Snapshot("postgresql", file, migrations, heads)


def restore_postgresql(file: Path, parameters: dict[str, Any]) -> None:
    """Load a dump into an empty database, completely or not at all."""
    tool = program("pg_restore")
    with _connected(parameters) as connection:
        (found,) = connection.execute("SELECT to_regclass('django_migrations')").fetchone() or ("",)
    if found:
        raise BackupFault(
            "The PostgreSQL database is not empty. Create an empty one, name it in "
            "HEMICYCLE_DATABASE_URL, and run it again; the old one stays as it is."
        )
    options = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    run_tool([tool, *options, f"--dbname={parameters['dbname']}", str(file)], parameters)


def heads_of_postgresql(parameters: dict[str, Any]) -> dict[str, tuple[int, str]]:
    """Return the number and the hash of the last entry of each hearing's record."""
    with _connected(parameters) as connection:
        return known_in(connection.execute)[1]


@contextmanager
def _connected(parameters: dict[str, Any]) -> Iterator[Any]:
    import psycopg

    own = {name: parameters[name] for name in _VARIABLES if parameters.get(name)}
    with psycopg.connect(**own, connect_timeout=10) as connection:
        yield connection


_VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}
"""Environment variables of PostgreSQL's programs: in them, other users cannot see a password."""


def program(name: str) -> str:
    """Return the path of one of PostgreSQL's programs; raise `BackupFault` if it is missing."""
    if found := shutil.which(name):
        return found
    raise BackupFault(
        f"PostgreSQL's program {name} is not installed. Install it in the server's version, for "
        "example with `apt install postgresql-client`."
    )


def run_tool(command: list[str], parameters: dict[str, Any], output: Path | None = None) -> None:
    """Run one of PostgreSQL's programs; raise `BackupFault` with its last line if it fails."""
    own = {
        variable: str(parameters[name])
        for name, variable in _VARIABLES.items()
        if parameters.get(name)
    }
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HEMICYCLE_")}
    try:
        with (output or Path(os.devnull)).open("wb") as target:
            done = subprocess.run(
                command, env=clean | own, stdout=target, stderr=subprocess.PIPE, check=False
            )
    except OSError as error:
        raise of_disk(error, output.parent if output else Path(), "Nothing was done.") from error
    if done.returncode:
        told = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no reason given"]
        name = Path(command[0]).name
        raise BackupFault(f"PostgreSQL's program {name} failed: {told[-1]}")
