"""Files and folders that are not whole yet: each is locked while its process runs.

What a killed process left has no lock, and the next one deletes it.
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
"""Bytes after which what was written goes to the disk. All at once at the end would hold up the
commits of a meeting on the same disk."""


class Paced(io.BufferedWriter):
    """A file that goes to the disk little by little."""

    _waiting = 0

    def write(self, data: Buffer, /) -> int:
        """Write, and wait for the disk now and then; returns the number of bytes."""
        written = super().write(data)
        self._waiting += written
        if self._waiting >= SYNC_EVERY:
            self._waiting = 0
            self.flush()
            os.fsync(self.fileno())
        return written


@contextmanager
def whole(file: Path) -> Iterator[BinaryIO]:
    """Open a file that gets its name when it is whole and on the disk; if it fails, it is gone."""
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
    """Wait until the names in a folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def scratch(data: Path) -> Iterator[Path]:
    """A folder for the copy of the database, in the data folder, which nobody else can open."""
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
    """Delete what backups that were killed left: nobody holds its lock."""
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
