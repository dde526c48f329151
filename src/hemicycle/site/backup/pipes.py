"""Pipes to libraries that call for data themselves."""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO, Protocol


class ByteSink(Protocol):
    """A target for bytes."""

    def write(self, data: bytes, /) -> int:
        """Write the next bytes."""

    def flush(self) -> None:
        """Pass on buffered bytes."""


class PipeThread(threading.Thread):
    """Calls a library's function in a thread, and then closes its end of the pipe."""

    def __init__(self, act: Callable[[], object], end: BinaryIO) -> None:
        super().__init__(daemon=True)
        self._act, self._end = act, end
        self.error: BaseException | None = None

    def run(self) -> None:
        """Call the function, and store its error."""
        try:
            self._act()
        except BaseException as error:  # noqa: BLE001 - the other thread raises it
            self.error = error
        finally:
            close_quietly(self._end)


def close_quietly(file: BinaryIO) -> None:
    """Close an end of a pipe, and ignore an error because the other end is closed already."""
    with suppress(OSError):
        file.close()
