"""Acts that wait for the same hearing's turn, done in one turn: a group commit.

A turn costs the database's lock, a write to disk, and several ways to the database and back. When
many threads of a process wait to do the same kind of thing, the first whose turn it is does it for
all that wait. Each gets an answer of its own, and none of them waits for more than one turn.
"""

import threading
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from uuid import UUID

from django.db import connection

from hemicycle.record import writer

MOST = 32
"""Acts in one turn: others wait to write meanwhile."""


class _Waiting[Ask, Answer]:
    """One act, and what came of it."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.is_done = False
        self.answer: Answer | None = None
        self.error: Exception | None = None


class SharedTurn[Ask, Answer]:
    """Does one kind of act, `do(hearing, asks)`, which answers each of `asks` in their order.

    `do` takes the hearing's turn (`writer.writing`) and runs in the thread of one of the callers,
    so it must read nothing from the context of a request: an `ask` brings what is needed.
    """

    def __init__(self, do: Callable[[UUID, Sequence[Ask]], Sequence[Answer]]) -> None:
        self._do = do
        self._waiting: dict[UUID, deque[_Waiting[Ask, Answer]]] = defaultdict(deque)
        self._lock = threading.Lock()

    def __call__(self, hearing: UUID, ask: Ask) -> Answer:
        """Have it done, alone or with others. Raises what `do` raises for it alone."""
        if connection.in_atomic_block:  # whoever waits must not depend on this caller's commit
            return self._do(hearing, [ask])[0]
        own = _Waiting[Ask, Answer](ask)
        with self._lock:
            self._waiting[hearing].append(own)
        with writer.queue(hearing):
            while not own.is_done:
                self._do_for(hearing, self._take(hearing))
        if own.error is not None:
            raise own.error
        return own.answer  # type: ignore[return-value] # it is done, without an error

    def _take(self, hearing: UUID) -> list[_Waiting[Ask, Answer]]:
        with self._lock:
            waiting = self._waiting[hearing]
            taken = [waiting.popleft() for _ in range(min(MOST, len(waiting)))]
            if not waiting:
                del self._waiting[hearing]
        return taken

    def _do_for(self, hearing: UUID, taken: list[_Waiting[Ask, Answer]]) -> None:
        try:
            answers = self._do(hearing, [waiting.ask for waiting in taken])
            for waiting, answer in zip(taken, answers, strict=True):
                waiting.answer = answer
        except Exception as error:  # noqa: BLE001  whatever it is, it is told to whom it concerns
            if len(taken) > 1:
                for waiting in taken:  # undone for all: so each once more, by itself
                    self._do_for(hearing, [waiting])
                return
            taken[0].error = error
        except BaseException:
            for waiting in taken:
                waiting.error = RuntimeError("the thread that did it has ended")
            raise
        finally:
            for waiting in taken:
                waiting.is_done = True
