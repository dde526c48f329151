"""The time of a rehearsal: virtual, as fast as possible, until it catches up with real time.

It is a clock for `record.clock.using`. Waiting for a past time takes no time. A *live* clock that
waits for a future time has caught up: from then on its time is the real one, and waiting is
sleeping. A clock that is not live never catches up.
"""

import time

from hemicycle.record.clock import Virtual, wall


class VirtualClock:
    """A clock that a rehearsal moves; `speed` shortens its waiting while it is live."""

    def __init__(self, starts_at: int, *, live: bool = False, speed: float = 1.0) -> None:
        self.live = live
        self.speed = speed
        self._virtual = Virtual(starts_at)
        self._caught_up = False

    def __call__(self) -> int:
        return wall() if self._caught_up else self._virtual()

    @property
    def caught_up(self) -> bool:
        """Whether this is now, so that others may be acting too."""
        return self._caught_up

    def until(self, at: int) -> None:
        """Move to `at` (ms since the Unix epoch); a past time changes nothing."""
        if self.live and at > wall():
            self._caught_up = True
        if self._caught_up:
            time.sleep(max(0, at - wall()) / 1000)
        else:
            self._virtual.move_to(at)

    def scaled(self, ms: float) -> int:
        """A duration as long as it takes on this clock, in whole ms."""
        return round(ms / self.speed)
