"""The load of the process: the share of a core it uses, and how late its event loop runs."""

import asyncio
import contextlib
import time
from collections import deque

from hemicycle import metrics

BEAT_S = 0.02
KEPT_S = 30.0


class LoadMeter:
    """Measures the load every `beat_s` seconds, while `run` runs or from `start` to `stop`."""

    def __init__(self, beat_s: float = BEAT_S) -> None:
        self._beat_s = beat_s
        kept = round(KEPT_S / beat_s)
        self._late: deque[float] = deque(maxlen=kept)
        self._marks: deque[tuple[float, float]] = deque(maxlen=kept)
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start measuring the running event loop."""
        self._running = asyncio.create_task(self.run())

    async def stop(self) -> None:
        """Stop measuring."""
        if self._running is not None:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._running

    async def run(self) -> None:
        """Measure the delay of the loop and the processor time at each beat, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + self._beat_s
            await asyncio.sleep(self._beat_s)
            late = max(loop.time() - due, 0.0)
            self._late.append(late)
            metrics.LOOP_LAG.observe(late)
            self._marks.append((time.perf_counter(), time.process_time()))

    def lag_ms(self, share: float) -> float:
        """Return the quantile `share` (0 to 1) of the loop's delays in the last 30 s, in ms."""
        order = sorted(self._late)
        return 1000 * order[min(len(order) - 1, int(share * len(order)))] if order else 0.0

    def core_percent(self) -> float:
        """Return the processor time of all threads over the last 30 s, in percent of one core."""
        if len(self._marks) < 2:
            return 0.0
        (then, used_then), (now, used_now) = self._marks[0], self._marks[-1]
        return 100 * (used_now - used_then) / (now - then)
