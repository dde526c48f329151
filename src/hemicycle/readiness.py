"""Whether a process is alive and can do its work, for load balancers and supervisors.

Anyone may ask, as often as they like: the checks run at most once in `KEPT_S`, and all requests in
the meantime get the same answer. The answer has no secret, name, address or path; the log does.
"""

import asyncio
import contextlib
import logging
import os
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

log = logging.getLogger(__name__)

ALIVE: Final = "ok\n"
READY: Final = "ready\n"
KEPT_S = 2.0
"""Seconds for which an answer is cached."""
LIMIT_S = 5.0
"""The time limit of the checks, in seconds."""


async def nothing() -> Sequence[str]:
    """Return no sentences: for processes without the second kind of checks."""
    return ()


class Readiness:
    """Runs `check`, which returns a sentence for each missing thing.

    `limits` returns a sentence for each missing thing without which most functions still work: the
    process counts as ready, since another process would have the same limits.
    """

    def __init__(
        self,
        check: Callable[[], Awaitable[Sequence[str]]],
        limits: Callable[[], Awaitable[Sequence[str]]] = nothing,
    ) -> None:
        self._check, self._limits = check, limits
        self._asking: asyncio.Task[tuple[tuple[str, ...], tuple[str, ...]]] | None = None
        self._ended_at = 0.0
        self._last: tuple[str, ...] = ()
        self._last_limits: tuple[str, ...] = ()

    async def answer(self) -> tuple[int, str]:
        """Return an HTTP status, 200 or 503, and a text with one sentence per line.

        If the process is ready, the first line says so.
        """
        missing, limits = await self._found()
        told = "".join(f"{sentence}\n" for sentence in (*missing, *limits))
        return (503, told) if missing else (200, READY + told)

    async def _found(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        if self._asking is None or (self._asking.done() and self._is_old()):
            self._asking = asyncio.create_task(self._ask())
        return await asyncio.shield(self._asking)  # others may still wait for it

    def _is_old(self) -> bool:
        return time.monotonic() - self._ended_at >= KEPT_S

    async def _ask(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        missing, limits = await asyncio.gather(_checked(self._check), _checked(self._limits))
        self._ended_at = time.monotonic()
        if missing != self._last:
            log.warning("%s", f"Not ready: {' '.join(missing)}" if missing else "Ready again.")
        if limits != self._last_limits:
            log.warning("%s", f"Ready, but: {' '.join(limits)}" if limits else "Whole again.")
        self._last, self._last_limits = missing, limits
        return missing, limits


async def _checked(check: Callable[[], Awaitable[Sequence[str]]]) -> tuple[str, ...]:
    try:
        async with asyncio.timeout(LIMIT_S):
            return tuple(await check())
    except TimeoutError:
        return (f"The checks did not end within {LIMIT_S:g} seconds.",)
    except Exception:
        log.exception("a check of readiness failed")
        return ("A check failed; the log says why.",)


def write_something(folder: Path) -> None:
    """Raise `OSError` if a folder cannot be written; leave nothing in it."""
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        file.write(b"\0")  # a full disk still accepts empty files


def tell_supervisor() -> None:
    """Report that this process is ready over its standard input, a socket to the supervisor.

    Only for processes that were started with `--supervised`.
    """
    with contextlib.suppress(OSError):  # if it has died, `follow_parent` ends us
        os.write(0, READY.encode())
