"""Returns freed memory to the system.

The C library keeps freed pages, and keeps a few more with each session that comes and goes: in an
hour with fifty seats the process grew by a tenth, although that memory was not in use.
"""

import asyncio
import ctypes
from collections.abc import Callable
from typing import Final

EVERY_S = 60.0


def _trimmer() -> Callable[[int], int] | None:
    """Return glibc's malloc_trim; None with a C library that does not have it."""
    try:
        found: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError):
        return None
    return found


_TRIM: Final = _trimmer()


def give_back() -> None:
    """Return freed pages to the system. For a few milliseconds, other threads wait for memory."""
    if _TRIM is not None:
        _TRIM(0)


async def keep_small() -> None:
    """Call `give_back` each minute, in a thread."""
    while True:
        await asyncio.sleep(EVERY_S)
        await asyncio.to_thread(give_back)
