"""Unix sockets in the data folder, which only the user who runs Hemicycle can open."""

import contextlib
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def listener(path: Path) -> socket.socket:
    """Listen at `path`, and replace a socket that exists there. Raises OSError."""
    path.unlink(missing_ok=True)
    made = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    try:
        with _short(path) as name:
            made.bind(name)
        made.listen()
    except BaseException:
        made.close()
        raise
    finally:
        os.umask(before)
    return made


def connected(path: Path) -> socket.socket:
    """Return a connection to the process that listens at `path`. Raises OSError."""
    line = socket.socket(socket.AF_UNIX)
    try:
        with _short(path) as name:
            line.connect(name)
    except BaseException:
        line.close()
        raise
    return line


def is_listened_at(path: Path) -> bool:
    """Whether a process listens at `path`."""
    with contextlib.suppress(OSError):
        connected(path).close()
        return True
    return False


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """Yield a name of the file that fits into a socket's address, which has 108 bytes on Linux."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        here = Path(f"/proc/self/fd/{folder}")
        yield str(here / path.name if here.exists() else path)
    finally:
        os.close(folder)
