"""Lets a thread rest between two of its steps, so that others may read or replace its state."""

from threading import Event

LONGEST_STEP_S = 2.0
"""Seconds after which a thread that does not come to rest counts as dead."""


class ThreadRest:
    """A rest that one thread takes when another requests it.

    The thread calls `here` between its steps; other threads call `begin` and `end`.
    """

    def __init__(self, *, resting: bool = False) -> None:
        self._go_on = Event()
        self._reached = Event()
        if not resting:
            self._go_on.set()

    def here(self) -> None:
        """Wait here while a rest is requested."""
        if not self._go_on.is_set():
            self._reached.set()
            self._go_on.wait()

    def begin(self) -> None:
        """Request a rest; return when the thread rests, after its present step.

        Raises `TimeoutError` if the thread does not come to rest within `LONGEST_STEP_S`.
        """
        self._reached.clear()
        self._go_on.clear()
        if not self._reached.wait(LONGEST_STEP_S):
            raise TimeoutError("A thread did not come to rest.")

    def end(self) -> None:
        """Let the thread continue."""
        self._go_on.set()
