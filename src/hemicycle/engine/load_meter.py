"""The load of the process: the share of a core it uses, and how late its event loop runs."""

import asyncio
import time
from collections import deque

BEAT_S = 0.02
KEPT = 1500
"""Beats kept: 30 s."""


class LoadMeter:
    """Measures while `run` runs."""

    def __init__(self) -> None:
        self._late: deque[float] = deque(maxlen=KEPT)
        self._marks: deque[tuple[float, float]] = deque(maxlen=KEPT)

    async def run(self) -> None:
        """Measure the delay of each beat."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + BEAT_S
            await asyncio.sleep(BEAT_S)
            self._late.append(loop.time() - due)
            self._marks.append((time.perf_counter(), time.process_time()))

    def lag_ms(self, share: float) -> float:
        """Return the longest delay of the loop in this share (0 to 1) of the last 30 s, in ms."""
        order = sorted(self._late)
        return 1000 * order[min(len(order) - 1, int(share * len(order)))] if order else 0.0

    def core_percent(self) -> float:
        """Return the processor time of all threads over the last 30 s, in percent of one core."""
        if len(self._marks) < 2:
            return 0.0
        (then, used_then), (now, used_now) = self._marks[0], self._marks[-1]
        return 100 * (used_now - used_then) / (now - then)
