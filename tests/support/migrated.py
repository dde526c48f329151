"""A SQLite database that is migrated once for all test processes of a checkout.

To migrate an empty one takes eight seconds of a processor, and a run of all tests does it for each
of its processes, and for each command that is tried on a folder of its own. The first of them keeps
a copy, and the others begin with that. It holds for the sources that it was made with, whichever of
them has changed: migrations call functions of other modules.
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
    """The copy for the sources as they are now, whether it is there or not."""
    digest = sha256(f"{sys.version} {sqlite3.sqlite_version}".encode())
    for path in (ROOT / "requirements.txt", *sorted((ROOT / "src").rglob("*.py"))):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(ROOT)} {len(content)} ".encode() + content)
    return KEPT / f"{digest.hexdigest()[:32]}.sqlite3"


def put(database: Path) -> bool:
    """Make a database file, migrated and otherwise empty; False where none is kept yet."""
    try:
        shutil.copyfile(_kept(), database)
    except FileNotFoundError:
        return False
    return True


def furnish(folder: Path) -> Path:
    """Make the database of a data folder, and the key that belongs to it; returns the folder."""
    folder.mkdir(exist_ok=True)
    if put(folder / "db.sqlite3"):
        (folder / "keys").mkdir(mode=0o700)
        (folder / "keys" / "secret").write_text("k" * 50)
        (folder / "keys" / "secret").chmod(0o600)
    return folder


def keep(database: Path) -> None:
    """Keep a copy of one that was just migrated, in place of those of earlier sources."""
    kept = _kept()
    KEPT.mkdir(parents=True, exist_ok=True)
    begun = kept.with_suffix(f".{database.parent.name}")  # two processes may do it at once
    with closing(sqlite3.connect(database)) as of, closing(sqlite3.connect(begun)) as to:
        of.backup(to)
    for earlier in KEPT.glob("*.sqlite3"):
        earlier.unlink(missing_ok=True)
    begun.replace(kept)
