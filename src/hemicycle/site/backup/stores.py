"""Stores of backups: a folder, or a bucket that is reached by the S3 protocol.

In both, a file appears under its name only when it is complete. Requests to S3 are repeated for
some minutes while the store is unreachable, and each part is sent with its SHA-256, which the store
checks.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal, Protocol

from hemicycle import object_store
from hemicycle.site.backup import drafts
from hemicycle.site.backup.faults import BackupFault
from hemicycle.site.backup.pipes import PipeThread, close_quietly

NAMES: Final = object_store.StoreSettings.below("HEMICYCLE_BACKUP_S3")
PART_BYTES = 32 * 2**20
"""The size of a part in bytes; S3 accepts 10,000 parts, so a backup may have 312 GiB."""
READ_BYTES = 8 * 2**20
AWAY_S = 240.0
"""For how many seconds a request is repeated while the store does not answer."""
TIMEOUT_S = 60.0
"""The time limit of one request, in seconds."""


class Sink:
    """A new file that is being written; counts its bytes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.size = file, 0

    def write(self, data: bytes) -> int:
        """Write the next bytes."""
        self._file.write(data)
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """Pass on buffered bytes."""
        self._file.flush()


class Store(Protocol):
    """A place for backups. Names may contain slashes; all methods raise `BackupFault`."""

    def prepare(self) -> None:
        """Prepare the store for new files, or raise early."""

    def writing(self, name: str) -> AbstractContextManager[Sink]:
        """Open a new file, which appears under its name if the block ends without an error."""

    def opened(self, name: str) -> AbstractContextManager[BinaryIO]:
        """Open a file for reading; it is seekable."""

    def names(self, prefix: str = "") -> list[str]:
        """Return the names that begin with `prefix`, sorted."""

    def delete(self, name: str) -> None:
        """Delete a file if it exists."""


def at(place: str | Path) -> Store:
    """Return the store at a path or at an address `s3://bucket/prefix`."""
    if str(place).startswith(object_store.SCHEME):
        return Bucket(str(place))
    return Folder(Path(place).absolute())


@dataclass(frozen=True, slots=True)
class BackupFile:
    """A backup in a store."""

    store: Store
    name: str

    def open(self, mode: Literal["rb"] = "rb", /) -> AbstractContextManager[BinaryIO]:
        """Open the backup for reading."""
        return self.store.opened(self.name)

    def __str__(self) -> str:
        return f"{self.store}/{self.name}"


# ── A folder ──────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Folder:
    """A store in a folder, which is created on demand."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)

    def prepare(self) -> None:
        """Create the folder."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)

    @contextmanager
    def writing(self, name: str) -> Iterator[Sink]:
        """Open a new file. Errors of the disk are raised as `OSError`."""
        file = self.path / name
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with drafts.whole(file) as opened:
            yield Sink(opened)

    @contextmanager
    def opened(self, name: str) -> Iterator[BinaryIO]:
        """Open a file for reading."""
        try:
            opened = (self.path / name).open("rb")
        except OSError as error:
            raise BackupFault(f"{self.path / name} cannot be read: {error.strerror}.") from error
        with opened:
            yield opened

    def names(self, prefix: str = "") -> list[str]:
        """Return the names of complete files."""
        found = (path for path in self.path.rglob("*") if path.is_file())
        named = (path.relative_to(self.path).as_posix() for path in found)
        return sorted(
            name for name in named if name.startswith(prefix) and not name.endswith(".part")
        )

    def delete(self, name: str) -> None:
        """Delete a file, and its folder if the folder is empty then."""
        file = self.path / name
        file.unlink(missing_ok=True)
        if file.parent != self.path and not any(file.parent.iterdir()):
            file.parent.rmdir()


# ── S3 ────────────────────────────────────────────────────────────────────────────────────────
class Bucket:
    """A store behind the S3 protocol, at `s3://bucket/prefix`."""

    def __init__(self, address: str) -> None:
        self._address = address.rstrip("/")
        self._store = object_store.connected(
            address,
            NAMES,
            what="Backups",
            away_s=AWAY_S,
            timeout_s=TIMEOUT_S,
            fault=BackupFault,
        )

    def __str__(self) -> str:
        return self._address

    def prepare(self) -> None:
        """List names, to check that the store answers and accepts our credentials."""
        self.names("hemicycle")

    @contextmanager
    def writing(self, name: str) -> Iterator[Sink]:
        """Open a new file, which is sent in parts as it is written."""
        import obstore

        read_end, write_end = os.pipe()
        source, target = os.fdopen(read_end, "rb"), os.fdopen(write_end, "wb")
        is_whole = False

        def pieces() -> Iterator[bytes]:
            while data := source.read(2**20):
                yield data
            if not is_whole:
                raise _GivenUpError  # the library then tells the store to drop the parts

        def send() -> None:
            obstore.put(
                self._store,
                name,
                pieces(),
                use_multipart=True,
                chunk_size=PART_BYTES,
                max_concurrency=2,
            )

        thread = PipeThread(send, source)
        thread.start()
        sink = Sink(target)
        try:
            yield sink
            target.flush()
            is_whole = True
        except BrokenPipeError:
            pass  # the thread has ended, and its error has the reason
        finally:
            close_quietly(target)
            thread.join()
        if thread.error:
            raise self._fault(thread.error) from thread.error
        self._check_size(name, sink.size)

    def _check_size(self, name: str, size: int) -> None:
        import obstore

        try:
            found = int(obstore.head(self._store, name)["size"])
        except Exception as error:
            raise self._fault(error) from error
        if found != size:
            self.delete(name)
            raise BackupFault(
                f"{self} has {found} of {size} bytes of {name}; that was deleted. Run it again."
            )

    @contextmanager
    def opened(self, name: str) -> Iterator[BinaryIO]:
        """Open a file for reading; an error while reading is an `OSError` with our sentence."""
        import obstore

        try:
            reader = obstore.open_reader(self._store, name, buffer_size=READ_BYTES)
        except Exception as error:
            raise self._fault(error) from error
        yield _Reader(reader, self)  # type: ignore[misc]  # callers need only its three methods

    def names(self, prefix: str = "") -> list[str]:
        """Return the names of complete files."""
        import obstore

        folder, _, _ = prefix.rpartition("/")
        try:
            found = [str(row["path"]) for page in obstore.list(self._store, folder) for row in page]
        except Exception as error:
            raise self._fault(error) from error
        return sorted(name for name in found if name.startswith(prefix))

    def delete(self, name: str) -> None:
        """Delete a file."""
        import obstore

        try:
            obstore.delete(self._store, name)
        except FileNotFoundError:
            pass
        except Exception as error:
            raise self._fault(error) from error

    def _fault(self, error: BaseException) -> BackupFault:
        return BackupFault(f"{self.reason(error)}")

    def reason(self, error: BaseException) -> str:
        """Return a sentence for an error of the library."""
        if isinstance(error, BackupFault):
            return str(error)
        return object_store.reason(error, self, NAMES)


class _GivenUpError(Exception):
    """No more data follows, and the file is not complete."""


class _Reader:
    """A reader of the library that returns `bytes` and raises `OSError`."""

    def __init__(self, reader: Any, bucket: Bucket) -> None:
        self._reader, self._bucket = reader, bucket

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        try:
            return bytes(self._reader.read(None if size < 0 else size))
        except Exception as error:
            raise OSError(errno.EIO, self._bucket.reason(error).rstrip(".")) from error

    def seek(self, place: int, whence: int = os.SEEK_SET) -> int:
        """Move to a position."""
        return int(self._reader.seek(place, whence))

    def tell(self) -> int:
        """Return the position of the next byte."""
        return int(self._reader.tell())
