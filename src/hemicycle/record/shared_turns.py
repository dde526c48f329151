"""Group commit: actions that wait for the same hearing's lock share one transaction.

A transaction costs the database's lock, a write to disk, and several round trips to the database.
When many threads of a process wait to do the same kind of action, the first one to get the lock
does it for all waiting threads. Each of these gets its own answer.
"""

import threading
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from uuid import UUID

from django.db import connection

from hemicycle.record import writer

MOST = 32
"""The most actions in one transaction: other writers wait in the meantime."""


class _Waiting[Ask, Answer]:
    """One waiting action, and its result."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.is_done = False
        self.answer: Answer | None = None
        self.error: Exception | None = None


class SharedTurn[Ask, Answer]:
    """Does one kind of action, `do(hearing, asks)`, which answers each of `asks` in order.

    `do` opens the hearing's transaction (`writer.writing`) and runs in the thread of one of the
    callers, so it must read nothing from the context of a request: each `ask` brings what is
    needed.
    """

    def __init__(self, do: Callable[[UUID, Sequence[Ask]], Sequence[Answer]]) -> None:
        self._do = do
        self._waiting: dict[UUID, deque[_Waiting[Ask, Answer]]] = defaultdict(deque)
        self._lock = threading.Lock()

    def __call__(self, hearing: UUID, ask: Ask) -> Answer:
        """Do the action, alone or with others. Raise what `do` raises for this action alone."""
        # The other actions must not depend on whether this caller's outer transaction commits.
        if connection.in_atomic_block:
            return self._do(hearing, [ask])[0]
        own = _Waiting[Ask, Answer](ask)
        with self._lock:
            self._waiting[hearing].append(own)
        with writer.queue(hearing):
            # A thread that waited here often finds that another one has done its action, and then
            # returns at once.
            while not own.is_done:
                self._do_for(hearing, self._take(hearing))
        if own.error is not None:
            raise own.error
        return own.answer  # type: ignore[return-value] # it is done, without an error

    def _take(self, hearing: UUID) -> list[_Waiting[Ask, Answer]]:
        with self._lock:
            waiting = self._waiting[hearing]
            taken = [waiting.popleft() for _ in range(min(MOST, len(waiting)))]
            # Otherwise a deque would stay for each hearing that ever had a surge.
            if not waiting:
                del self._waiting[hearing]
        return taken

    def _do_for(self, hearing: UUID, taken: list[_Waiting[Ask, Answer]]) -> None:
        try:
            answers = self._do(hearing, [waiting.ask for waiting in taken])
            for waiting, answer in zip(taken, answers, strict=True):
                waiting.answer = answer
        except Exception as error:  # noqa: BLE001  any error is raised in the thread that asked
            if len(taken) > 1:
                # Rolled back for all, so each action is tried again by itself.
                for waiting in taken:
                    self._do_for(hearing, [waiting])
                return
            taken[0].error = error
        # Even if this thread is being ended: the other threads would otherwise wait for ever.
        except BaseException:
            for waiting in taken:
                waiting.error = RuntimeError("the thread that did it has ended")
            raise
        finally:
            for waiting in taken:
                waiting.is_done = True
