"""Reads a backup from beginning to end, and verifies it."""

import hashlib
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from hemicycle.record.verify import Report, Unreadable, verify_sqlite
from hemicycle.site.backup import database, dumps, envelope, manifest
from hemicycle.site.backup.envelope import Keys
from hemicycle.site.backup.faults import BackupFault, Damaged, of_disk
from hemicycle.site.backup.manifest import Manifest, Stored
from hemicycle.site.backup.pipes import ByteSink
from hemicycle.site.backup.stores import BackupFile

type Source = Path | BackupFile
"""A backup in one file."""
type Place = Callable[[str], AbstractContextManager[ByteSink | None]]
"""Opens the place for a file of the archive by its name there; None if it is only checked."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A verified backup: its manifest, and the report on its record."""

    manifest: Manifest
    record: Report | None
    """None for the stream of a site on PostgreSQL, which does not contain the database."""


def verify(file: Source, keys: Keys) -> Verified:
    """Verify a whole backup: each file, the database and the record; raise `BackupFault`."""
    with tempfile.TemporaryDirectory(prefix="hemicycle-verify-") as folder:
        place = Path(folder)
        try:
            found = read(file, keys, lambda name: _only_database(name, place))
        except OSError as error:
            raise of_disk(error, place, "The backup was not verified.") from error
        return Verified(found, check_database(found, place / Path(found.database_file).name))


def _only_database(name: str, folder: Path) -> AbstractContextManager[ByteSink | None]:
    if name not in {manifest.SQLITE, manifest.POSTGRESQL}:
        return nullcontext()
    return create(folder / Path(name).name)


def create(path: Path) -> BinaryIO:
    """Open a new file that only its owner can read; create the folders above it."""
    for folder in reversed(path.parents):
        folder.mkdir(mode=0o700, exist_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def check_database(found: Manifest, file: Path) -> Report:
    """Verify a backup's database and the record in it; raise `BackupFault`."""
    if found.database == "postgresql":
        with tempfile.TemporaryDirectory(prefix="hemicycle-record-", dir=file.parent) as folder:
            return _check_record(found, dumps.record_of(file, Path(folder)))
    database.check_sqlite(file)
    return _check_record(found, file)


def _check_record(found: Manifest, file: Path) -> Report:
    try:
        report = verify_sqlite(file)
    except Unreadable as error:
        raise BackupFault(f"The backup's record cannot be read ({error}).") from error
    if report.broken:
        raise BackupFault(f"The backup's record does not hold: {report.broken}.")
    if database.heads_of_sqlite(file) != found.heads:
        raise BackupFault("The backup's record ends elsewhere than its list of contents says.")
    return report


# ── The archive ───────────────────────────────────────────────────────────────────────────────
def read(file: Source, keys: Keys, place: Place) -> Manifest:
    """Read a backup to its end, write each file to its place, and compare all with the manifest.

    Raises `BackupFault`, which names the first wrong file, and `OSError` of the places. The files
    in the places are valid only if this function returns.
    """
    try:
        opening = file.open("rb")
    except OSError as error:
        raise BackupFault(f"{file} cannot be read: {error.strerror}.") from error
    with opening as opened, envelope.opened(opened, keys) as archive:
        seen, raw = members(archive, place)
        found = manifest.parse(raw)
        _compare(found, seen)  # before `finish`, since it can name the wrong file
        archive.finish()
    return found


def members(archive: envelope.Opened, place: Place) -> tuple[dict[str, Stored], bytes]:
    """Read all files of an archive; return their sizes and hashes, and the list at the end."""
    seen: dict[str, Stored] = {}
    name = ""
    try:
        with tarfile.open(fileobj=archive, mode="r|") as tar:  # type: ignore[call-overload]
            for member in tar:
                name = str(member.name)
                content = tar.extractfile(member) if member.isreg() else None
                if content is None or name in seen:
                    raise BackupFault(f"The backup has a part that no backup has: {name!r}.")
                if name == manifest.NAME:
                    return seen, content.read(manifest.MOST_BYTES)
                with place(manifest.checked(name)) as target:
                    seen[name] = _copied(content, target)
    except (Damaged, tarfile.TarError, EOFError) as error:
        raise Damaged(_where(name)) from error
    raise Damaged(_where(name))


def _where(name: str) -> str:
    return f", in or after the file {name}" if name else " at its beginning"


def _copied(content: IO[bytes], target: ByteSink | None) -> Stored:
    digest, size = hashlib.sha256(), 0
    while data := content.read(2**20):
        digest.update(data)
        size += len(data)
        if target is not None:
            target.write(data)
    return Stored(size, digest.hexdigest())


def _compare(found: Manifest, seen: dict[str, Stored]) -> None:
    for name, stored in found.files.items():
        if name not in seen:
            raise BackupFault(f"The backup lacks the file {name}, which its list names.")
        if seen[name] != stored:
            raise BackupFault(f"The file {name} in the backup is damaged.")
    if more := sorted(seen.keys() - found.files.keys()):
        raise BackupFault(f"The backup has the file {more[0]}, which its list does not name.")
    if found.database_file not in found.files:
        raise BackupFault("The backup has no database.")


def free_bytes(folder: Path) -> int:
    """Return the free bytes on the disk of a folder that may not exist yet."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free
