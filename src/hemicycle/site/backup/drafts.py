"""Files and folders that are not complete yet: each is locked while its process runs.

A killed process leaves its files without a lock, and the next process deletes them.
"""

import errno
import fcntl
import io
import os
import secrets
import shutil
import tempfile
from collections.abc import Buffer, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from hemicycle.site.backup import contents

SYNC_EVERY = 32 * 2**20
"""The number of bytes after which written data is synced to the disk. One sync at the end would
delay the commits of a meeting on the same disk."""


class Paced(io.BufferedWriter):
    """A file that is synced to the disk at intervals while it is written."""

    _waiting = 0

    def write(self, data: Buffer, /) -> int:
        """Write, and sync after every `SYNC_EVERY` bytes; return the number of bytes written."""
        written = super().write(data)
        self._waiting += written
        if self._waiting >= SYNC_EVERY:
            self._waiting = 0
            self.flush()
            os.fsync(self.fileno())
        return written


@contextmanager
def whole(file: Path) -> Iterator[BinaryIO]:
    """Open a file that gets its name when it is complete and synced; a failed one is deleted."""
    clear_abandoned(file.parent, f".*{file.suffix}.part")
    draft = file.with_name(f".{file.stem}-{secrets.token_hex(4)}{file.suffix}.part")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with Paced(io.FileIO(descriptor, "wb")) as opened:
            is_free(descriptor)
            yield opened
            opened.flush()
            os.fsync(opened.fileno())
        draft.rename(file)
        sync_folder(file.parent)
    finally:
        draft.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Wait until changes of the names in a folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def scratch(data: Path) -> Iterator[Path]:
    """Yield a private folder in the data folder for the copy of the database; delete it after."""
    clear_abandoned(data, f"{contents.SCRATCH}*")
    folder = Path(tempfile.mkdtemp(prefix=contents.SCRATCH, dir=data))
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        is_free(descriptor)
        yield folder
    finally:
        os.close(descriptor)
        shutil.rmtree(folder, ignore_errors=True)


def clear_abandoned(folder: Path, pattern: str) -> None:
    """Delete what killed backups left behind: paths that no process has locked."""
    for path in folder.glob(pattern):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            if not is_free(descriptor):
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        finally:
            os.close(descriptor)


def is_free(descriptor: int) -> bool:
    """Lock a file or folder while it is open; return False if it is locked or has no locks."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno in {errno.ENOLCK, errno.EOPNOTSUPP}:  # some network shares have no locks
            return False
        raise
    return True
