"""The process in which a live rehearsal's people sit at their microphones and cameras.

It is a child process of the rehearsal and ends with it. It reads the floor from the database as the
pages do, and its people connect like all participants: by WHIP, with a pass for each.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from uuid import UUID

LOOK_S = 0.4
STOP_S = 10.0
FASTEST = 10.0
"""The maximum speed with performers: at a higher one, turns end before they are connected."""


class PerformersProcess:
    """The parent's side of the child process; close it even if it was not started."""

    def __init__(self, hearing: UUID) -> None:
        self._hearing = hearing
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self, site: str) -> None:
        """Let people join the hearing on the site at this address."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, self._hearing.hex, site],
            stdin=subprocess.PIPE,
            process_group=0,  # Ctrl-C in the terminal reaches only the rehearsal, which ends us
        )

    def close(self) -> None:
        """Let the people leave, and wait for the process to end."""
        if self._process is None:
            return
        with suppress(BrokenPipeError):
            self._process.communicate(timeout=STOP_S)  # closes its standard input, which ends it
        if self._process.poll() is None:
            self._process.kill()


class HearingReader:
    """Reads the database about one hearing, in a thread beside the event loop."""

    def __init__(self, hearing: UUID) -> None:
        self._hearing = hearing
        self._reader = ThreadPoolExecutor(1, "reader")

    async def read[T](self, look: Callable[..., T], *arguments: Any) -> T:
        """Return the result of `look(hearing, …)`. Raises Django's `DatabaseError`."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._reader, look, self._hearing, *arguments)


def main(arguments: list[str]) -> int:
    """Let people join, speak and leave until the rehearsal ends."""
    from hemicycle.site.processes import priority
    from hemicycle.site.rehearsal import django_setup

    hearing, site = arguments
    priority.step_back()  # real participants would use their own machines
    django_setup.attach()
    asyncio.run(_act(UUID(hex=hearing), site))
    return 0


async def _act(hearing: UUID, site: str) -> None:
    from django.db import DatabaseError

    from hemicycle.site.rehearsal import performer_queries
    from hemicycle.site.rehearsal.performers import Performers

    stop, reader = _stop_event(), HearingReader(hearing)

    async def passes(user: Any) -> Any:
        with suppress(DatabaseError):
            return await reader.read(performer_queries.pass_of, user)

    performers = Performers(passes, site, _report)
    try:
        while not stop.is_set():
            with suppress(DatabaseError):
                await performers.be(await reader.read(performer_queries.called))
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK_S)
    finally:
        await performers.leave()


def _stop_event() -> asyncio.Event:
    """Return an event that SIGTERM or the end of the rehearsal sets."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)

    def read_on() -> None:
        if not os.read(sys.stdin.fileno(), 1024):
            loop.remove_reader(sys.stdin.fileno())
            stop.set()

    loop.add_reader(sys.stdin.fileno(), read_on)
    return stop


def _report(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
