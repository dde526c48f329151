"""A migrated SQLite database, of which all test processes of a checkout use copies.

Migrating an empty database takes eight seconds of processor time. A run of all tests would do it in
each process, and for each command that a test runs on a separate folder. Instead, the first process
keeps a copy, and the others begin with that. A copy is valid only for exactly the sources from
which it was made, since migrations call functions of other modules.
"""

from __future__ import annotations

import shutil
import sqlite3
import sys
from contextlib import closing
from functools import cache
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parents[2]
KEPT = ROOT / ".pytest_cache" / "migrated"


@cache
def _kept() -> Path:
    """Return the path of the copy for the current sources, whether it exists or not."""
    digest = sha256(f"{sys.version} {sqlite3.sqlite_version}".encode())
    for path in (ROOT / "requirements.txt", *sorted((ROOT / "src").rglob("*.py"))):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(ROOT)} {len(content)} ".encode() + content)
    return KEPT / f"{digest.hexdigest()[:32]}.sqlite3"


def put(database: Path) -> bool:
    """Copy the migrated, empty database to a file; return False if no copy has been kept."""
    try:
        shutil.copyfile(_kept(), database)
    except FileNotFoundError:
        return False
    return True


def furnish(folder: Path) -> Path:
    """Add a migrated database and its key to a data folder, if a copy has been kept.

    Return the folder.
    """
    folder.mkdir(exist_ok=True)
    if put(folder / "db.sqlite3"):
        (folder / "keys").mkdir(mode=0o700)
        (folder / "keys" / "secret").write_text("k" * 50)
        (folder / "keys" / "secret").chmod(0o600)
    return folder


def keep(database: Path) -> None:
    """Keep a copy of a newly migrated database, and delete the copies for earlier sources."""
    kept = _kept()
    KEPT.mkdir(parents=True, exist_ok=True)
    begun = kept.with_suffix(f".{database.parent.name}")  # two processes may keep a copy at once
    with closing(sqlite3.connect(database)) as of, closing(sqlite3.connect(begun)) as to:
        of.backup(to)
    for earlier in KEPT.glob("*.sqlite3"):
        earlier.unlink(missing_ok=True)
    begun.replace(kept)
