"""The manifest of a backup: its files, with the size and SHA-256 of each."""

import json
import re
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Any, Final, Literal

from hemicycle.site.backup.faults import BackupFault

NAME: Final = "manifest.json"
FORMAT: Final = 1
MOST_BYTES = 256 * 2**20
"""The size limit of a manifest, in bytes; each file takes about 150 bytes."""

DATA, RECORDINGS = "data", "recordings"
SQLITE, POSTGRESQL = "database/db.sqlite3", "database/dump.pgsql"
PREFIXES = (f"{DATA}/", f"{RECORDINGS}/", "database/")


@dataclass(frozen=True, slots=True)
class Stored:
    """A file of a backup: its size in bytes, and its SHA-256 in hexadecimal digits."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The description of a backup.

    `at` is when its database was copied (ISO 8601, UTC); `migrations` are those of the database, as
    `app.name`; `heads` has the number and the hash of the last entry of each hearing's record;
    `folder` is the path that the data folder had.
    """

    version: str
    at: str
    database: Literal["sqlite", "postgresql"]
    has_recordings: bool
    migrations: tuple[str, ...]
    heads: dict[str, tuple[int, str]]
    files: dict[str, Stored]
    folder: str
    format: int = FORMAT

    @property
    def size(self) -> int:
        """The total size of all files, in bytes."""
        return sum(file.size for file in self.files.values())

    @property
    def database_file(self) -> str:
        """The name of the file with the database."""
        return SQLITE if self.database == "sqlite" else POSTGRESQL

    def to_json(self) -> bytes:
        """Return the manifest as the archive contains it."""
        return json.dumps(asdict(self), indent=1).encode()


def parse(raw: bytes) -> Manifest:
    """Read a manifest; raise `BackupFault` if it is damaged or of a later format."""
    try:
        found: dict[str, Any] = json.loads(raw)
        if found["format"] > FORMAT:
            raise BackupFault(
                f"The backup is from Hemicycle {found['version']}, which writes a newer format. "
                "Install that version first."
            )
        heads = {hearing: (int(seq), str(hash)) for hearing, (seq, hash) in found["heads"].items()}
        files = {
            checked(name): Stored(int(told["size"]), str(told["sha256"]))
            for name, told in found["files"].items()
        }
        kinds: dict[str, Literal["sqlite", "postgresql"]] = {
            "sqlite": "sqlite",
            "postgresql": "postgresql",
        }
        return Manifest(
            version=str(found["version"]),
            at=str(found["at"]),
            database=kinds[found["database"]],
            has_recordings=bool(found["has_recordings"]),
            migrations=tuple(map(str, found["migrations"])),
            heads=heads,
            files=files,
            folder=str(found["folder"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackupFault(f"The backup's list of contents, {NAME}, is damaged.") from error


def checked(name: str) -> str:
    """Return a name in the archive; raise `BackupFault` if it is outside of the known folders."""
    path = PurePosixPath(name)
    is_odd = ".." in path.parts or str(path) != name or "\0" in name
    if is_odd or not name.startswith(PREFIXES):
        raise BackupFault(f"The backup has a file with the name {name!r}, which no backup has.")
    return name


def our_version() -> str:
    """Return the running version of Hemicycle."""
    return version("hemicycle")


def check_version(found: Manifest) -> None:
    """Raise `BackupFault` if a newer version of Hemicycle made the backup."""
    newer = _numbers(found.version) > _numbers(our_version())
    unknown = sorted(set(found.migrations) - known_migrations())
    if newer or unknown:
        told = f" ({unknown[0]})" if unknown else ""
        raise BackupFault(
            f"The backup is from a newer version of Hemicycle, {found.version}{told}; this is "
            f"{our_version()}. Install that version first; nothing was changed."
        )


def _numbers(spelled: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", spelled.partition("+")[0])[:3]))


def known_migrations() -> set[str]:
    """Return our own migrations, found by their files, since Django may not be set up yet."""
    house = Path(__file__).parents[2]
    labels = {"setup": "hearing"}  # apps whose label is not the name of their folder
    return {
        f"{labels.get(folder, folder)}.{file.stem}"
        for file in house.glob("**/migrations/0*.py")
        for folder in [file.parent.parent.name]
    }
