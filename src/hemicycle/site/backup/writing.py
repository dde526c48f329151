"""Make a backup: one file that appears under its name only when it is whole."""

import errno
import fcntl
import hashlib
import os
import secrets
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, BinaryIO

from hemicycle.site.backup import contents, database, envelope, manifest
from hemicycle.site.backup.contents import SiteFolders, SourceFile
from hemicycle.site.backup.database import Snapshot
from hemicycle.site.backup.envelope import Encryption
from hemicycle.site.backup.faults import BackupFault, of_disk
from hemicycle.site.backup.manifest import Manifest, Stored

NONE_MADE = "No backup was made."


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made."""

    file: Path
    size: int
    """Its size in bytes, as it lies on the disk."""
    manifest: Manifest


def make(
    folders: SiteFolders, target: Path, seal: Encryption, *, with_recordings: bool = True
) -> Made:
    """Back up this installation into the folder `target`; raises `BackupFault`."""
    at = datetime.now(UTC).replace(microsecond=0)
    try:
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _scratch(folders.data) as scratch:
            copied = database.snapshot(scratch)
            return _write(folders, target, seal, copied, at, with_recordings=with_recordings)
    except OSError as error:
        raise of_disk(error, target, NONE_MADE) from error


def _write(
    folders: SiteFolders,
    target: Path,
    seal: Encryption,
    copied: Snapshot,
    at: datetime,
    *,
    with_recordings: bool,
) -> Made:
    file = target / f"hemicycle-{at:%Y%m%dT%H%M%SZ}{contents.SUFFIX}"
    if file.exists():
        raise BackupFault(f"{file} exists already. Wait a second, and run it again.")
    found = [
        SourceFile(
            manifest.SQLITE if copied.kind == "sqlite" else manifest.POSTGRESQL, copied.file
        ),
        *contents.sources(folders, with_recordings=with_recordings),
    ]
    with _whole(file) as opened:
        with envelope.sealed(opened, seal) as archive:
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
            _end(archive, made)
        size = opened.tell()
    return Made(file, size, made)


@contextmanager
def _whole(file: Path) -> Iterator[BinaryIO]:
    """Open a file that gets its name when it is whole and on the disk; if it fails, it is gone."""
    _clear_abandoned(file.parent, f".*{contents.SUFFIX}.part")
    draft = file.with_name(f".{file.stem}-{secrets.token_hex(4)}{contents.SUFFIX}.part")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            _is_free(descriptor)
            yield opened
            opened.flush()
            os.fsync(opened.fileno())
        draft.rename(file)
        sync_folder(file.parent)
    finally:
        draft.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _scratch(data: Path) -> Iterator[Path]:
    """A folder for the copy of the database, in the data folder, which nobody else can open."""
    _clear_abandoned(data, f"{contents.SCRATCH}*")
    folder = Path(tempfile.mkdtemp(prefix=contents.SCRATCH, dir=data))
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        _is_free(descriptor)
        yield folder
    finally:
        os.close(descriptor)
        shutil.rmtree(folder, ignore_errors=True)


def _clear_abandoned(folder: Path, pattern: str) -> None:
    """Delete what backups that were killed left: nobody holds its lock."""
    for path in folder.glob(pattern):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            if not _is_free(descriptor):
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        finally:
            os.close(descriptor)


def _is_free(descriptor: int) -> bool:
    """Lock a file or folder for this process while it is open, unless another has."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno in {errno.ENOLCK, errno.EOPNOTSUPP}:  # some network shares have no locks
            return False
        raise
    return True


# ── The archive ───────────────────────────────────────────────────────────────────────────────
def _fill(archive: BinaryIO, found: list[SourceFile]) -> dict[str, Stored]:
    """Write the files into the archive; return the size and hash of each."""
    files = {}
    for source in found:
        try:
            opened = source.path.open("rb")
        except FileNotFoundError:
            continue  # deleted since the list was made: erased, or a draft that got its name
        with opened:
            files[source.name] = _add(archive, source, opened)
    return files


def _add(archive: BinaryIO, source: SourceFile, opened: BinaryIO) -> Stored:
    """Write a file as long as it is now: logs and recordings grow meanwhile."""
    about = os.fstat(opened.fileno())
    archive.write(_header(source.name, about.st_size, int(about.st_mtime)))
    digest, left = hashlib.sha256(), about.st_size
    while left:
        data = opened.read(min(2**20, left))
        if not data:
            raise BackupFault(f"{source.path} became shorter meanwhile. {NONE_MADE} Run it again.")
        digest.update(data)
        archive.write(data)
        left -= len(data)
    _pad(archive, about.st_size)
    return Stored(about.st_size, digest.hexdigest())


def _end(archive: BinaryIO, made: Manifest) -> None:
    raw = made.to_json()
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
