"""Fixtures of benchmarks: a new database, and a real server on it."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from tests.support import database
from tests.support.site import Site


@contextmanager
def fresh(kind: Literal["sqlite", "postgresql"] = "sqlite") -> Iterator[Path]:
    """Create an empty, migrated database in a temporary folder, which is removed at the end.

    Use it only once in a process, because it sets Django up.
    """
    folder = Path(tempfile.mkdtemp(prefix="hemicycle-bench-"))
    os.environ["DJANGO_SETTINGS_MODULE"] = "hemicycle.site.settings"
    # A crowd from one machine is not an attack. Benchmarks of the limits send other addresses in a
    # proxy's header (`surge_client`), and the limits apply to these.
    os.environ.setdefault("HEMICYCLE_LIMIT_FREE_NETWORKS", "127.0.0.1,::1")
    database.choose(kind, folder)
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def serving(folder: Path, core: int | None = None, workers: int = 1) -> Iterator[Site]:
    """Run a server on the new database, on a single core if `core` is given."""
    site = Site(folder, os.environ["HEMICYCLE_DATABASE_URL"], workers)
    mine = os.sched_getaffinity(0)
    if core is not None:
        os.sched_setaffinity(0, {core})
    try:
        site.start()
    finally:
        os.sched_setaffinity(0, mine)
    try:
        yield site
    finally:
        site.stop()
