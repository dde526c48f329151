"""Checks before a process serves: the database's version, and that the data folder is complete.

A start with an incomplete folder would create new keys or an empty database, and hide the loss.
"""

from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from hemicycle.record import direct_connection
from hemicycle.site.processes.start_errors import NOT_FOLLOWED, NOT_MIGRATED, CannotStart

RESTORING = "RESTORING"
"""The file that marks a data folder until a restore into it is complete."""


def newer_migrations() -> list[str]:
    """Return the migrations of the database that this version does not know, as `app.name`."""
    loader = MigrationLoader(connection)
    ours = loader.migrated_apps
    applied = loader.applied_migrations or {}
    known = loader.disk_migrations or {}
    return sorted(
        f"{app}.{name}" for app, name in applied if app in ours and (app, name) not in known
    )


def waiting_migrations() -> list[str]:
    """Return the migrations that were not applied to the database yet, as `app.name`."""
    loader = MigrationLoader(connection)
    applied = loader.applied_migrations or {}
    return sorted(f"{app}.{name}" for app, name in loader.graph.nodes if (app, name) not in applied)


class Fault(NamedTuple):
    """A fault and its remedy: one sentence for a start, `/readyz` and `hemicycle doctor`."""

    found: str
    advice: str

    def __str__(self) -> str:
        return f"{self.found} {self.advice}"


def newer_version() -> Fault | None:
    """Return the fault if a newer version has migrated the database, or else None."""
    if newer := newer_migrations():
        return Fault(
            f"The database is from a newer version of Hemicycle ({newer[0]}).",
            "Install that version again, or restore the backup made before it.",
        )
    return None


def older_version() -> Fault | None:
    """Return the fault if the database is not up to date, or else None."""
    return Fault(*NOT_MIGRATED) if waiting_migrations() else None


def being_restored() -> str | None:
    """Return a sentence if `hemicycle restore` has not finished here, or else None."""
    folder: Path = settings.DATA_DIR
    if not (folder / RESTORING).exists():
        return None
    return (
        f"{folder} is not whole: a restore was interrupted, or still runs. Run the same "
        "`hemicycle restore` again; what was there before is kept."
    )


def missing_from_folder() -> str | None:
    """Return a sentence about what the data folder lacks; None if it is complete."""
    return being_restored() or missing_database()


def missing_database() -> str | None:
    """Return a sentence if there are keys but their database is missing, or else None.

    A connection would create an empty database.
    """
    folder: Path = settings.DATA_DIR
    database = settings.DATABASES["default"]
    file = database["NAME"] if database["ENGINE"].endswith("sqlite3") else None
    key = settings.KEYS_DIR / "receipts.pem"
    if file == folder / "db.sqlite3" and not file.exists() and key.exists():
        return (
            f"{folder} has keys but no database: it was restored in part. Restore db.sqlite3 too; "
            f"for a new site, use an empty folder."
        )
    return None


def missing_key() -> str | None:
    """Return a sentence if records exist but not the file of their signing key, or else None."""
    from hemicycle.record.models import Entry

    key = settings.KEYS_DIR / "receipts.pem"
    if settings.RECORD_KEY or key.exists() or not Entry.objects.exists():
        return None
    return (
        f"The database has records, but the key that signs them, {key}, is missing: the folder was "
        "restored in part, or is another machine's. Restore keys/ too, copy it from the first "
        "machine, or set HEMICYCLE_RECORD_KEY."
    )


def check_folder() -> None:
    """Raise `CannotStart` if the data folder is incomplete; call it before anything is created."""
    if sentence := missing_from_folder():
        raise CannotStart(sentence)


def check_database(*, migrated: bool = True) -> None:
    """Raise `CannotStart` if the database is of another version or lacks its key.

    If it will be `migrated`, an older version is accepted.
    """
    check_folder()
    reach()
    if fault := newer_version():
        raise CannotStart(f"{fault} Nothing was changed.")
    if migrated:
        if fault := older_version():
            raise CannotStart(str(fault))
        if sentence := missing_key():
            raise CannotStart(sentence)
        if fault := no_news():
            raise CannotStart(str(fault))


def no_news() -> Fault | None:
    """Return the fault if a connection pooler loses notifications; None if they arrive."""
    if connection.vendor != "postgresql" or direct_connection.news_arrives():
        return None
    address = (
        "HEMICYCLE_DATABASE_DIRECT_URL" if settings.DATABASE_DIRECT else "HEMICYCLE_DATABASE_URL"
    )
    return Fault(
        f"Live pages would stand still: a notification of the database does not arrive. {address} "
        "leads to a pooler, or to another database.",
        "Let HEMICYCLE_DATABASE_DIRECT_URL name PostgreSQL itself.",
    )


def lost_statements() -> Fault | None:
    """Return the fault if a connection pooler loses prepared statements, or else None."""
    if connection.vendor != "postgresql" or direct_connection.statements_stay_prepared():
        return None
    return Fault(*NOT_FOLLOWED)


def reach() -> None:
    """Connect once outside of the pool, which would retry for half a minute with warnings."""
    if connection.vendor == "postgresql":
        import psycopg

        psycopg.connect(**{**connection.get_connection_params(), "connect_timeout": 5}).close()
