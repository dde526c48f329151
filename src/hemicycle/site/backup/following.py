"""Reads a stream from its first archive to its last (`stream`), to verify or to restore it."""

import hashlib
import os
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from hemicycle.site.backup import database, envelope, manifest, reading, stream
from hemicycle.site.backup.envelope import Keys
from hemicycle.site.backup.faults import BackupFault, Damaged
from hemicycle.site.backup.manifest import Manifest, Stored
from hemicycle.site.backup.pipes import ByteSink
from hemicycle.site.backup.stores import BackupFile, Store
from hemicycle.site.backup.stream import PAGES, Changes

type Apply = Callable[[Path, Changes], None]
"""Takes the folder with the pieces of an archive, by their names, and its list."""


@dataclass(frozen=True, slots=True)
class StreamFolder:
    """A stream in a store."""

    store: Store
    name: str
    until: datetime | None = None
    """The moment up to which the stream is read; None for its end."""

    def __str__(self) -> str:
        return f"{self.store}/{self.name}"


def follow(found: StreamFolder, keys: Keys, scratch: Path, apply: Apply | None) -> Manifest:
    """Read all archives in order; return the manifest of the site at the end.

    Each archive is applied after all of it has been read and compared. Raises `BackupFault`, and
    `OSError` for errors in `scratch`.
    """
    names = [name for name in found.store.names(f"{found.name}/") if name.endswith(stream.SUFFIX)]
    if not names:
        raise BackupFault(f"There is no stream at {found}.")
    files: dict[str, Stored] = {}
    previous = ""
    for number, name in enumerate(names):
        if name != stream.name_of(found.name, number):
            raise BackupFault(f"The stream lacks its archive {number}, before {name}.")
        with tempfile.TemporaryDirectory(prefix="piece-", dir=scratch) as folder:
            raw = _read(BackupFile(found.store, name), keys, Path(folder), apply is not None)
            following = stream.parse(raw)
            if found.until and number and datetime.fromisoformat(following.at) > found.until:
                break
            changes = following
            if (changes.number, changes.previous) != (number, previous):
                raise BackupFault(f"The archive {name} is not the one that the stream had there.")
            _note(files, changes)
            if apply:
                apply(Path(folder), changes)
        previous = hashlib.sha256(raw).hexdigest()
    return Manifest(
        version=changes.version,
        at=changes.at,
        database=changes.database,
        has_recordings=True,
        migrations=changes.migrations,
        heads=changes.heads,
        files=files,
        folder=changes.folder,
    )


def _read(file: BackupFile, keys: Keys, folder: Path, keep: bool) -> bytes:
    """Read an archive, keep its pieces in `folder` if `keep`, and return its list of changes."""

    def place(name: str) -> AbstractContextManager[ByteSink | None]:
        return reading.create(folder / name) if keep else nullcontext()

    try:
        with file.open() as opened, envelope.opened(opened, keys) as archive:
            seen, raw = reading.members(archive, place)
            _compare(stream.parse(raw), seen)
            archive.finish()
    except Damaged as fault:
        raise Damaged(f" in {file.name}{fault.where}") from fault
    return raw


def _compare(changes: Changes, seen: dict[str, Stored]) -> None:
    for name, piece in changes.files.items():
        if seen.get(name) != Stored(piece.size - piece.begin, piece.sha256):
            raise Damaged(f", in the file {name}")
    if more := sorted(seen.keys() - changes.files.keys()):
        raise BackupFault(f"An archive has the file {more[0]}, which its list does not name.")


def _note(files: dict[str, Stored], changes: Changes) -> None:
    """Update the list of all files, without hashes: an archive has only the hashes of pieces."""
    for name, piece in changes.files.items():
        before = files.get(name, Stored(0, ""))
        if name != PAGES and piece.begin not in {0, before.size}:
            raise BackupFault(f"The stream lacks a piece of the file {name}.")
        files[name] = Stored(piece.size, "")
    for name in changes.gone:
        files.pop(name, None)
    if changes.page_size:
        del files[PAGES]
        files[manifest.SQLITE] = Stored(changes.database_size, "")


def apply_pages(folder: Path, changes: Changes, file: Path) -> None:
    """Write the pages of an archive, if it has any, into the database's file."""
    if changes.page_size:
        if not file.exists():
            reading.create(file).close()
        stream.patch(file, folder / PAGES, changes.page_size, changes.database_size)


def apply_piece(piece: Path, begin: int, file: Path) -> None:
    """Move a new file into place, or append a piece to a file."""
    if not begin:
        for folder in reversed(file.parents):
            folder.mkdir(mode=0o700, exist_ok=True)
        piece.replace(file)
        return
    with piece.open("rb") as source, file.open("r+b") as target:
        target.truncate(begin)
        target.seek(0, os.SEEK_END)
        while data := source.read(2**20):
            target.write(data)


def verify(found: StreamFolder, keys: Keys, scratch: Path) -> reading.Verified:
    """Verify a stream: each archive, the final database and the record in it."""
    file = scratch / "db.sqlite3"
    told = follow(found, keys, scratch, lambda folder, changes: apply_pages(folder, changes, file))
    if told.database == "postgresql":
        return reading.Verified(told, None)
    database.close_journal(file)
    return reading.Verified(told, reading.check_database(told, file))
