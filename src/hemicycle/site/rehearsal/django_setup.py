"""Sets up Django on a rehearsal's own or on the configured database, before Django is used."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SETTINGS = "hemicycle.site.settings"


@contextmanager
def own_database(keep: Path | None = None) -> Iterator[None]:
    """Set up Django on a database in a temporary folder, or in `keep`; `migrate` creates its
    tables.

    The folder also contains the uploads. Call this once per process, since Django can be set up
    only once.
    """
    folder = keep or Path(tempfile.mkdtemp(prefix="hemicycle-rehearsal-"))
    os.environ["HEMICYCLE_DATA_DIR"] = str(folder.absolute())
    os.environ["HEMICYCLE_DATABASE_URL"] = f"sqlite:///{folder.absolute()}/db.sqlite3"
    try:
        attach()
        yield
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)


def start() -> None:
    """Set up Django on the configured database, and migrate it."""
    attach()
    migrate()


def migrate() -> None:
    """Migrate the database. On an empty one, this takes some seconds of processor time."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def attach(address: str = "") -> None:
    """Set up Django on the configured database, or on the one at `address`, without migrations."""
    if address:
        os.environ["HEMICYCLE_DATABASE_URL"] = address
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    import django

    django.setup()
