"""The schedule of a rehearsal: a queue of actions by time; an action may add others."""

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count

from hemicycle.site.rehearsal.virtual_clock import VirtualClock

Action = Callable[[], None]


class Schedule:
    """A queue of actions; those with the same time run in the order in which they were added."""

    def __init__(self, virtual_clock: VirtualClock) -> None:
        self._virtual_clock = virtual_clock
        self._queue: list[tuple[int, int, Action]] = []
        self._numbers = count()

    def put(self, at: int, action: Action) -> None:
        """Add an `action` to run at a time (ms since the Unix epoch)."""
        heappush(self._queue, (at, next(self._numbers), action))

    def run(self, until: int) -> None:
        """Run the actions that are due before `until`, then move the clock to `until`."""
        while self._queue and self._queue[0][0] < until:
            at, _, action = heappop(self._queue)
            self._virtual_clock.until(at)
            action()
        self._virtual_clock.until(until)
