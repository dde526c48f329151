"""Pipes to libraries that want to call for data and not to be called with it."""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO, Protocol


class ByteSink(Protocol):
    """Where bytes go."""

    def write(self, data: bytes, /) -> int:
        """Take the next bytes."""

    def flush(self) -> None:
        """Hand on what was taken."""


class PipeThread(threading.Thread):
    """Calls a library's function beside us, and closes its end of the pipe after it."""

    def __init__(self, act: Callable[[], object], end: BinaryIO) -> None:
        super().__init__(daemon=True)
        self._act, self._end = act, end
        self.error: BaseException | None = None

    def run(self) -> None:
        """Call the function, and keep its error."""
        try:
            self._act()
        except BaseException as error:  # noqa: BLE001 - the other thread raises it
            self.error = error
        finally:
            close_quietly(self._end)


def close_quietly(file: BinaryIO) -> None:
    """Close an end of a pipe whose other end may be closed already, and says why."""
    with suppress(OSError):
        file.close()
