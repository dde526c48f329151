"""Makes a backup: one file that appears under its name only when it is complete."""

import hashlib
import os
import tarfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, BinaryIO

from hemicycle.site.backup import contents, database, drafts, envelope, manifest, stores
from hemicycle.site.backup.contents import SiteFolders, SourceFile
from hemicycle.site.backup.database import Snapshot
from hemicycle.site.backup.envelope import Encryption
from hemicycle.site.backup.faults import BackupFault, of_disk
from hemicycle.site.backup.manifest import Manifest, Stored
from hemicycle.site.backup.stores import BackupFile, Store

NONE_MADE = "No backup was made."


@dataclass(frozen=True, slots=True)
class Made:
    """A new backup."""

    file: BackupFile
    size: int
    """The size of the backup file in the store, in bytes."""
    manifest: Manifest

    @property
    def path(self) -> Path:
        """The path of the backup, if it was made in a folder."""
        return Path(str(self.file))


def make(
    folders: SiteFolders, target: str | Path, seal: Encryption, *, with_recordings: bool = True
) -> Made:
    """Back up this installation into a folder or `s3://bucket/prefix`; raise `BackupFault`."""
    at = datetime.now(UTC).replace(microsecond=0)
    store = stores.at(target)
    try:
        store.prepare()
        name = _free_name(store, at)
        with drafts.scratch(folders.data) as scratch:
            copied = database.snapshot(scratch)
            return _write(
                folders, BackupFile(store, name), seal, copied, at, with_recordings=with_recordings
            )
    except OSError as error:
        raise of_disk(error, Path(target), NONE_MADE) from error
    except BackupFault as fault:
        if isinstance(store, stores.Bucket) and NONE_MADE not in str(fault):
            raise BackupFault(f"{fault} {NONE_MADE}") from fault
        raise


def _free_name(store: Store, at: datetime) -> str:
    name = f"hemicycle-{at:%Y%m%dT%H%M%SZ}{contents.SUFFIX}"
    if store.names(name):
        raise BackupFault(f"{store}/{name} exists already. Wait a second, and run it again.")
    return name


def _write(
    folders: SiteFolders,
    file: BackupFile,
    seal: Encryption,
    copied: Snapshot,
    at: datetime,
    *,
    with_recordings: bool,
) -> Made:
    found = [
        SourceFile(
            manifest.SQLITE if copied.kind == "sqlite" else manifest.POSTGRESQL, copied.file
        ),
        *contents.sources(folders, with_recordings=with_recordings),
    ]
    with file.store.writing(file.name) as sink, envelope.sealed(sink, seal) as archive:
        files = _fill(archive, found)
        made = Manifest(
            version=manifest.our_version(),
            at=at.isoformat(),
            database=copied.kind,
            has_recordings=with_recordings,
            migrations=copied.migrations,
            heads=copied.heads,
            files=files,
            folder=str(folders.data),
        )
        end(archive, made.to_json())
    return Made(file, sink.size, made)


# ── The archive ───────────────────────────────────────────────────────────────────────────────
def _fill(archive: BinaryIO, found: list[SourceFile]) -> dict[str, Stored]:
    """Write the files into the archive; return the size and hash of each."""
    files = {}
    for source in found:
        try:
            opened = source.path.open("rb")
        except FileNotFoundError:
            continue  # deleted since it was listed: erased, or a draft that was renamed
        with opened:
            files[source.name] = _add(archive, source, opened)
    return files


def _add(archive: BinaryIO, source: SourceFile, opened: BinaryIO) -> Stored:
    """Write a file up to its present size, since logs and recordings grow in the meantime."""
    return add(archive, source, opened, 0, os.fstat(opened.fileno()).st_size)


def add(archive: BinaryIO, source: SourceFile, opened: BinaryIO, begin: int, size: int) -> Stored:
    """Write the bytes of a file from `begin` on, until it has `size`; return what was written."""
    length = size - begin
    archive.write(_header(source.name, length, int(os.fstat(opened.fileno()).st_mtime)))
    opened.seek(begin)
    digest, left = hashlib.sha256(), length
    while left:
        data = opened.read(min(2**20, left))
        if not data:
            raise BackupFault(f"{source.path} became shorter meanwhile. {NONE_MADE} Run it again.")
        digest.update(data)
        archive.write(data)
        left -= len(data)
    _pad(archive, length)
    return Stored(length, digest.hexdigest())


def end(archive: BinaryIO, raw: bytes) -> None:
    """Write the list of contents and the end of an archive."""
    archive.write(_header(manifest.NAME, len(raw), 0))
    archive.write(raw)
    _pad(archive, len(raw))
    archive.write(bytes(2 * tarfile.BLOCKSIZE))


def _header(name: str, size: int, changed: int) -> bytes:
    about = tarfile.TarInfo(name)
    about.size, about.mtime, about.mode = size, changed, 0o600
    return about.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")


def _pad(archive: IO[bytes], size: int) -> None:
    archive.write(bytes(-size % tarfile.BLOCKSIZE))
