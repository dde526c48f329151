"""Django set up on a database of a rehearsal's own, or on the configured one. No Django before."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SETTINGS = "hemicycle.site.settings"


@contextmanager
def own_database(keep: Path | None = None) -> Iterator[None]:
    """Set up a database in a temporary folder, or in `keep`.

    Uploads are in that folder too. Once per process, because Django is set up here.
    """
    folder = keep or Path(tempfile.mkdtemp(prefix="hemicycle-rehearsal-"))
    os.environ["HEMICYCLE_DATA_DIR"] = str(folder.absolute())
    os.environ["HEMICYCLE_DATABASE_URL"] = f"sqlite:///{folder.absolute()}/db.sqlite3"
    try:
        start()
        yield
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)


def start(address: str = "") -> None:
    """Set up Django, on the configured database or on the one at `address`, brought up to date."""
    if address:
        os.environ["HEMICYCLE_DATABASE_URL"] = address
    attach()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def attach() -> None:
    """Set up Django on a database that is up to date, as the environment names it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    import django

    django.setup()
