"""Lets a thread rest between two of its steps, so that others may read or replace its state."""

from threading import Event

LONGEST_STEP_S = 2.0
"""Seconds after which a thread that does not come to rest counts as dead."""


class ThreadRest:
    """A rest that one thread takes when another asks for it.

    The thread calls `here` between its steps; `begin` and `end` are for others.
    """

    def __init__(self, *, resting: bool = False) -> None:
        self._go_on = Event()
        self._reached = Event()
        if not resting:
            self._go_on.set()

    def here(self) -> None:
        """Stay here for as long as a rest is asked for."""
        if not self._go_on.is_set():
            self._reached.set()
            self._go_on.wait()

    def begin(self) -> None:
        """Return when the thread rests, after its present step.

        Raises `TimeoutError` if it does not come to rest.
        """
        self._reached.clear()
        self._go_on.clear()
        if not self._reached.wait(LONGEST_STEP_S):
            raise TimeoutError("A thread did not come to rest.")

    def end(self) -> None:
        """Let the thread go on."""
        self._go_on.set()
