"""The clock of a rehearsal: virtual, as fast as possible, until it catches up with real time.

It is a clock for `record.clock.using`. Waiting for a past time takes no time. When a *live* clock
waits for a future time, it has caught up: from then on it shows real time, and waiting is sleeping.
A clock that is not live never catches up.
"""

import time

from hemicycle.record.clock import Virtual, wall


class VirtualClock:
    """A clock that a rehearsal moves; `speed` divides the durations that `scaled` returns."""

    def __init__(self, starts_at: int, *, live: bool = False, speed: float = 1.0) -> None:
        self.live = live
        self.speed = speed
        self._virtual = Virtual(starts_at)
        self._caught_up = False

    def __call__(self) -> int:
        return wall() if self._caught_up else self._virtual()

    @property
    def caught_up(self) -> bool:
        """Whether this clock shows real time, so that other people may act too."""
        return self._caught_up

    def until(self, at: int) -> None:
        """Wait until `at` (ms since the Unix epoch); a past time changes nothing."""
        if self.live and at > wall():
            self._caught_up = True
        if self._caught_up:
            time.sleep(max(0, at - wall()) / 1000)
        else:
            self._virtual.move_to(at)

    def scaled(self, ms: float) -> int:
        """Return a duration divided by the speed, in whole ms."""
        return round(ms / self.speed)
