"""The files of a webcast on a disk that may be full. For one thread only.

A file name is never reused for other content, so an existing file is valid, and a file appears
whole or not at all. Lists grow at their end. If a list cannot be written, the engine tries again
with the next segment. A segment that cannot be written is not tried again: the list marks it as a
gap, and the meeting continues.
"""

import errno
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

TELL_EVERY_S = 60.0

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
"""A full disk, or a used-up quota: the technician handles both in the same way."""


class Mirror(Protocol):
    """A second store with copies of the files (`publisher`). All methods except `changed` are slow,
    and raise OSError while the store cannot be reached.
    """

    def changed(self, path: Path) -> None:
        """Note that a file was written or deleted; return at once."""

    def fetch(self, folder: Path) -> bool:
        """Fetch the files that a webcast needs to continue; return whether any were fetched."""

    def complete(self, folder: Path, names: Iterable[str]) -> None:
        """Fetch the files among `names` that are missing in a folder."""

    def leave_out(self, folder: Path) -> None:
        """Exclude a folder from publication."""


_mirrors: list[Mirror] = []
"""The mirror of this process, if there is one."""


def mirror() -> Mirror | None:
    """Return the mirror of this process; None if there is none."""
    return _mirrors[0] if _mirrors else None


@contextmanager
def mirrored(to: Mirror) -> Iterator[None]:
    """Mirror all folders of this process inside the block."""
    _mirrors.append(to)
    try:
        yield
    finally:
        _mirrors.remove(to)


class OnTrouble(Protocol):
    """Called with a code of `refusals.NOTICES` and its values."""

    def __call__(self, code: str, **values: str) -> None: ...


class WebcastFolder:
    """A meeting's folder."""

    def __init__(
        self, folder: Path, on_trouble: OnTrouble, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.folder = folder
        self._on_trouble = on_trouble
        self._clock = clock
        self._told_at: float | None = None
        self._owed: dict[str, bytes] = {}
        self._growing: dict[str, tuple[int, bytes]] = {}

    def put(self, name: str, data: bytes) -> bool:
        """Write a file; return False if that failed."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._write(name, data)
        except OSError as error:
            self._tell(error)
            return False
        return True

    def keep(self, name: str, data: bytes) -> None:
        """Write a file, now or as soon as there is space."""
        self._owed.pop(name, None)
        if not self.put(name, data):
            self._owed[name] = data

    def begin(self, name: str, data: bytes) -> None:
        """Write a list that will grow."""
        self._growing[name] = (0, data)
        self._grow(name)

    def grow(self, name: str, data: bytes) -> None:
        """Append to a list, now or as soon as there is space."""
        size, pending = self._growing[name]
        self._growing[name] = (size, pending + data)
        self._grow(name)

    def settle(self) -> bool:
        """Try pending writes again; return True if none is left."""
        for name, data in tuple(self._owed.items()):
            self.keep(name, data)
        for name, (_, pending) in tuple(self._growing.items()):
            if pending:
                self._grow(name)
        return not self._owed and not any(pending for _, pending in self._growing.values())

    def read(self, name: str) -> str:
        """Return a file's text; "" if there is none."""
        try:
            return (self.folder / name).read_text("utf-8", errors="replace")
        except OSError:
            return ""

    def read_bytes(self, name: str) -> bytes:
        """Return a file's bytes; empty if there is none."""
        try:
            return (self.folder / name).read_bytes() if name else b""
        except OSError:
            return b""

    def size(self, name: str) -> int:
        """Return a file's size in bytes; 0 if there is none."""
        try:
            return (self.folder / name).stat().st_size
        except OSError:
            return 0

    def holds(self, name: str, data: bytes) -> bool:
        """Whether a file has exactly these bytes."""
        try:
            return (self.folder / name).read_bytes() == data
        except OSError:
            return False

    def withdraw(self, name: str) -> bytes | None:
        """Withdraw a file from the public at once; return its content, or None if there is no file.

        Withdrawing needs no disk space. A file that an engine withdrew before it was killed is
        found again.
        """
        hidden = self._hidden(name)
        with suppress(FileNotFoundError):
            (self.folder / name).replace(hidden)
        self._changed(name)
        try:
            return hidden.read_bytes()
        except FileNotFoundError:
            return None

    def replace(self, name: str, by: str, data: bytes) -> bool:
        """Write `by` in place of a withdrawn file, which is deleted; return False if there is no
        space.

        On a full disk the old bytes make room for the new ones.
        """
        written = self.put(by, data)
        self.discard(name)
        return written or self.put(by, data)

    def give_back(self, name: str) -> None:
        """Make a withdrawn file public again."""
        self._hidden(name).replace(self.folder / name)
        self._changed(name)

    def discard(self, name: str) -> None:
        """Delete a withdrawn file."""
        self._hidden(name).unlink(missing_ok=True)

    def delete(self, pattern: str) -> None:
        """Delete the files whose names match a pattern."""
        for path in self.folder.glob(pattern):
            path.unlink(missing_ok=True)
            self._changed(path.name)

    def complete(self, names: Iterable[str]) -> None:
        """Fetch missing files among `names`, as far as the mirror has them.

        Call it for files that are to be withdrawn: until then the mirror still has them.
        """
        if (found := mirror()) is not None:
            with suppress(OSError):
                found.complete(self.folder, names)

    def _changed(self, name: str) -> None:
        if (found := mirror()) is not None:
            found.changed(self.folder / name)

    def _hidden(self, name: str) -> Path:
        return self.folder / f".gone-{name}"

    def _write(self, name: str, data: bytes) -> None:
        unfinished = self.folder / f".{name}"
        try:
            unfinished.write_bytes(data)
            unfinished.replace(self.folder / name)
            self._changed(name)
        except OSError:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
            raise

    def _grow(self, name: str) -> None:
        size, pending = self._growing[name]
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with (self.folder / name).open("r+b" if size else "wb") as file:
                # Remove what the last attempt wrote before the disk was full.
                file.truncate(size)
                file.seek(size)
                file.write(pending)
        except OSError as error:
            self._tell(error)
            return
        self._growing[name] = (size + len(pending), b"")
        self._changed(name)

    def _tell(self, error: OSError) -> None:
        now = self._clock()
        if self._told_at is not None and now - self._told_at < TELL_EVERY_S:
            return
        self._told_at = now
        if error.errno in FULL:
            self._on_trouble("disk_full")
        else:
            self._on_trouble("disk_trouble", error=error.strerror or repr(error))
