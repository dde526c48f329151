"""The ticker: sends each meeting a `Tick` when its clock needs one.

No single ticker needs to stay alive: every web process runs one, the procedure accepts only the
first `Tick`, and after a crash the next ticker finds what is overdue. A meeting whose record has
entries of a newer version is left to the tickers of that version.
"""

import asyncio
import contextlib
import logging
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from django.db import close_old_connections

from hemicycle.meeting.room import seats
from hemicycle.procedure import clock as meeting_clock
from hemicycle.procedure.commands import Tick
from hemicycle.procedure.refusals import Refused
from hemicycle.record import clock, notify
from hemicycle.record.floor import act, floor_of
from hemicycle.record.models import Entry
from hemicycle.record.unreadable import UnreadableEntry
from hemicycle.record.writer import Actor

log = logging.getLogger(__name__)

TICKER = Actor.system("ticker")
LONGEST_MS = 48 * 3_600_000
"""The maximum length of a meeting, in ms."""

GATHER_S = 0.1
"""How long the ticker collects notices before it reads the clocks again, in seconds."""

SWEEP_S = 10.0
"""The time between two searches for silent seats, in seconds."""

Meetings = dict[UUID, tuple[UUID, int]]
"""For each meeting, its hearing and the time of its next tick (ms since the Unix epoch)."""


def wake_times() -> Meetings:
    """Return the time of the next tick of each meeting that was opened within the last two days."""
    since = clock.now_ms() - LONGEST_MS
    held = Entry.objects.filter(kind="meeting.opened", at__gte=since)
    times: Meetings = {}
    for hearing_id, meeting_hex in held.values_list("hearing", "meeting").distinct():
        meeting = UUID(hex=meeting_hex)
        with contextlib.suppress(UnreadableEntry):
            at = meeting_clock.wake_at(floor_of(meeting))
            if at is not None:
                times[meeting] = (hearing_id, at)
    return times


def tick(hearing: UUID, meeting: UUID) -> None:
    """Send a meeting a `Tick` now; do nothing if it is refused or the record is unreadable."""
    with contextlib.suppress(Refused, UnreadableEntry):
        act(hearing=hearing, meeting=meeting, command=Tick(), actor=TICKER)


def _sweep_seats() -> None:
    close_old_connections()
    seats.sweep()


class Ticker:
    """The ticker of one process."""

    def __init__(self) -> None:
        self._noticed = asyncio.Event()
        self._pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="ticker")
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Start the ticker in the running event loop."""
        self._tasks = [
            asyncio.create_task(notify.listen(lambda _: self._noticed.set())),
            asyncio.create_task(self._run()),
            asyncio.create_task(self._sweep()),
        ]

    async def stop(self) -> None:
        """Stop the ticker and wait for its tasks."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _run(self) -> None:
        while True:
            try:
                self._noticed.clear()
                wait_s = await asyncio.get_running_loop().run_in_executor(self._pool, self._round)
                await asyncio.sleep(min(wait_s, GATHER_S))
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._noticed.wait(), max(0.0, wait_s - GATHER_S))
            except Exception:
                log.exception("the ticker met an error and continues")
                await asyncio.sleep(1)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            try:
                await asyncio.get_running_loop().run_in_executor(self._pool, _sweep_seats)
            except Exception:
                log.exception("the seats could not be swept; the next round tries again")

    def _round(self) -> float:
        """Send the ticks that are due; return how long to sleep, in seconds."""
        close_old_connections()
        times = wake_times()
        now = clock.now_ms()
        for meeting, (hearing, at) in times.items():
            if at <= now:
                tick(hearing, meeting)
        to_come = [at - now for _, at in times.values() if at > now]
        late = any(at <= now for _, at in times.values())
        return 0.0 if late else min(to_come, default=3_600_000) / 1000


ticker: Ticker | None = None


async def startup() -> None:
    """Start this process's ticker (ASGI lifespan)."""
    global ticker  # noqa: PLW0603 - one for each process
    ticker = Ticker()
    ticker.start()


async def shutdown() -> None:
    """Stop this process's ticker (ASGI lifespan)."""
    global ticker  # noqa: PLW0603
    if ticker is not None:
        await ticker.stop()
        ticker = None
