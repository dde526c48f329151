"""Files in a store with the S3 protocol.

Files are sent to readers by the views, which check who may read them: the address of a file in the
store is never given out. A file is read in ranges and sent in parts, so a large one takes as little
memory as a small one. Each part is sent with its SHA-256, which the store checks, and a file
appears under its name when it is complete.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from django.core.files.base import File
from django.core.files.storage import Storage

from hemicycle import object_store
from hemicycle.hearing.jobs.stored_files import StoreAway, StoredCopy

if TYPE_CHECKING:
    from collections.abc import Buffer

    from obstore.store import S3Store

NAMES: Final = object_store.StoreSettings.below("HEMICYCLE_FILES_S3")
PART_BYTES = 8 * 2**20
"""The size of a part in bytes; a smaller file is sent in one request."""
READ_BYTES = 2**20
"""The bytes that are read ahead: as much as a player needs for its next seconds."""
AWAY_S = 8.0
"""For how many seconds a request is repeated if the store does not answer: someone waits for it."""
TIMEOUT_S = 20.0
"""The time limit of one request, in seconds."""


class BucketStorage(Storage):
    """A Django storage at `s3://bucket/prefix`.

    If the store refuses a request or is unreachable, methods raise `StoreAway`, an `OSError` with a
    sentence for administrators. For a missing file they raise `FileNotFoundError`, as in a folder.
    """

    def __init__(
        self, address: str, *, away_s: float | None = None, timeout_s: float | None = None
    ) -> None:
        self._address = address.rstrip("/")
        self._away_s, self._timeout_s = away_s, timeout_s

    def __str__(self) -> str:
        return self._address

    @cached_property
    def _store(self) -> S3Store:
        return object_store.connected(
            self._address,
            NAMES,
            what="Files in",
            away_s=AWAY_S if self._away_s is None else self._away_s,
            timeout_s=TIMEOUT_S if self._timeout_s is None else self._timeout_s,
            fault=StoreAway,
        )

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        if mode != "rb":
            raise ValueError(f"a file in a store cannot be opened with the mode {mode!r}")
        raw = _RangeFile(self, name, self.size(name))
        return _ReadFile(raw, name)

    def read_range(self, name: str, first: int, length: int) -> bytes:
        """Return `length` bytes of a file, beginning at `first`."""
        import obstore

        try:
            return bytes(obstore.get_range(self._store, name, start=first, length=length))
        except Exception as error:
            raise self._error(error, name) from error

    def _save(self, name: str, content: File[Any]) -> str:
        import obstore

        try:
            if isinstance(content, StoredCopy):
                obstore.copy(self._store, content.stored_name, name)
            elif content.size <= PART_BYTES:
                data = b"".join(_pieces(content))
                obstore.put(self._store, name, data, use_multipart=False)
            else:
                obstore.put(
                    self._store,
                    name,
                    _pieces(content),
                    use_multipart=True,
                    chunk_size=PART_BYTES,
                    max_concurrency=2,
                )
        except Exception as error:
            raise self._error(error, name) from error
        return name

    def delete(self, name: str) -> None:
        """Delete a file if it exists."""
        import obstore

        if not name:
            raise ValueError("The name must be given to delete().")
        try:
            obstore.delete(self._store, name)
        except Exception as error:
            found = self._error(error, name)
            if not isinstance(found, FileNotFoundError):
                raise found from error

    def exists(self, name: str) -> bool:
        """Whether the file exists."""
        try:
            self.size(name)
        except FileNotFoundError:
            return False
        return True

    def size(self, name: str) -> int:
        """Return the size of a file in bytes; raise `FileNotFoundError` if it does not exist."""
        import obstore

        try:
            return int(obstore.head(self._store, name)["size"])
        except Exception as error:
            raise self._error(error, name) from error

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        """Return the names of the folders and of the files in a folder."""
        import obstore

        here = path.strip("/")
        try:
            found = obstore.list_with_delimiter(self._store, here or None)
            folders = [str(one).rstrip("/") for one in found["common_prefixes"]]
            # Some stores list an empty folder as an object.
            files = [name for one in found["objects"] if (name := str(one["path"])) != here]
        except Exception as error:
            raise self._error(error, path) from error
        return _last_parts(folders), _last_parts(files)

    def _error(self, error: Exception, name: str) -> OSError:
        if isinstance(error, StoreAway):
            return error
        if isinstance(error, FileNotFoundError) and "NoSuchBucket" not in str(error):
            return FileNotFoundError(f"{self}/{name}")
        return StoreAway(object_store.reason(error, self, NAMES))


class _ReadFile(File):  # type: ignore[type-arg]  # Django's own class takes no parameter
    """A file opened for reading; its size is known without seeking to its end."""

    def __init__(self, raw: _RangeFile, name: str) -> None:
        super().__init__(io.BufferedReader(raw, READ_BYTES), name)
        self._size = raw.size

    @property
    def size(self) -> int:
        return self._size


class _RangeFile(io.RawIOBase):
    """A file in the store as a raw stream for Python's buffers."""

    def __init__(self, storage: BucketStorage, name: str, size: int) -> None:
        self._storage, self._name, self.size = storage, name, size
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, place: int, whence: int = os.SEEK_SET) -> int:
        begin = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self.size}[whence]
        self._place = max(0, begin + place)
        return self._place

    def readinto(self, buffer: Buffer) -> int:
        target = memoryview(buffer).cast("B")
        data = self._next(len(target))
        target[: len(data)] = data
        return len(data)

    def readall(self) -> bytes:
        """Return the rest; Python's default would request a few kilobytes at a time."""
        pieces = []
        while data := self._next(PART_BYTES):
            pieces.append(data)
        return b"".join(pieces)

    def _next(self, most: int) -> bytes:
        length = min(most, self.size - self._place)
        if length <= 0:
            return b""
        data = self._storage.read_range(self._name, self._place, length)
        self._place += len(data)
        return data


def _pieces(content: File[Any]) -> Iterator[bytes]:
    yield from content.chunks(2**20)


def _last_parts(paths: list[str]) -> list[str]:
    return sorted(path.rpartition("/")[2] for path in paths)
