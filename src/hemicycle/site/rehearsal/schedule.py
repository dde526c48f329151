"""What happens when in a rehearsal: a queue of actions by time; an action may add others."""

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count

from hemicycle.site.rehearsal.virtual_clock import VirtualClock

Action = Callable[[], None]


class Schedule:
    """Actions to come; two of the same time run in the order in which they were added."""

    def __init__(self, virtual_clock: VirtualClock) -> None:
        self._virtual_clock = virtual_clock
        self._queue: list[tuple[int, int, Action]] = []
        self._numbers = count()

    def put(self, at: int, action: Action) -> None:
        """Run `action` at a time (ms since the Unix epoch)."""
        heappush(self._queue, (at, next(self._numbers), action))

    def run(self, until: int) -> None:
        """Run all that is due before `until`, then move the clock there."""
        while self._queue and self._queue[0][0] < until:
            at, _, action = heappop(self._queue)
            self._virtual_clock.until(at)
            action()
        self._virtual_clock.until(until)
