"""What is to happen when: a queue of deeds in the order of time, which may bring about others."""

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count

from hemicycle.site.rehearsal.virtual_clock import Stage

Deed = Callable[[], None]


class Agenda:
    """Deeds to come; two at the same time are done in the order in which they were put down."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._queue: list[tuple[int, int, Deed]] = []
        self._numbers = count()

    def put(self, at: int, deed: Deed) -> None:
        """Put down what is to be done `at` (ms since the Unix epoch)."""
        heappush(self._queue, (at, next(self._numbers), deed))

    def run(self, until: int) -> None:
        """Do everything that is due before `until`, and let it be then."""
        while self._queue and self._queue[0][0] < until:
            at, _, deed = heappop(self._queue)
            self._stage.until(at)
            deed()
        self._stage.until(until)
