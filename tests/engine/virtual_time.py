"""Virtual time: the clock stands still while a thread works, and jumps ahead when all of them wait.

A scene of ten seconds, with the engine's threads, event loops and sockets of this process, takes as
long as a processor needs for it, and nothing in it is late on a busy machine.

Threads may wait in a `Condition` (as events, queues, futures and executors do), in `time.sleep`, in
`Thread.join` or in a selector. A thread that waits elsewhere, for a file, a lock or another
process, counts as working: time stands still for it. But an event loop here must not wait for
another process, which would be late from the first moment.
"""

import contextlib
import os
import queue
import select
import selectors
import threading
import time
from _thread import allocate_lock, get_ident
from collections.abc import Iterator
from heapq import heappop, heappush
from itertools import count

import pytest

STEP_S = 1e-6
"""The least time that a wait takes, in seconds: less might not change the clock's number."""


class Wait:
    """The wait of a thread. A `Condition` uses it as a lock, which its thread acquires twice."""

    def __init__(self, clock: "VirtualTime") -> None:
        self._clock, self._lock = clock, allocate_lock()
        self.is_counted = False
        """Whether the thread counts as waiting."""
        self.is_released = False

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Wait until another thread calls `release`, if this is the second call."""
        if self._lock.acquire(blocking=False):
            return True
        if not blocking or not self._clock.takes_part:
            return self._lock.acquire(blocking, timeout)
        return self._clock.wait(self, None if timeout < 0 else timeout)

    def release(self) -> None:
        """End the wait."""
        self._clock.release(self)

    def block(self) -> None:
        """Block the thread until `wake`."""
        self._lock.acquire()

    def wake(self) -> None:
        """Let the thread go on."""
        self._lock.release()


class SelectorWait(Wait):
    """The wait of a thread in a selector."""

    def __init__(self, clock: "VirtualTime", epoll: select.epoll, bell: int) -> None:
        super().__init__(clock)
        self._epoll, self._bell = epoll, bell

    def block(self) -> None:
        """Block until `wake`, or until a file is ready."""
        self._epoll.poll(-1, 1)

    def wake(self) -> None:
        """Ring the bell, which is one of the selector's files."""
        os.eventfd_write(self._bell, 1)

    def is_ready(self) -> bool:
        """Return whether a file is ready, so that the thread goes on by itself."""
        return bool(self._epoll.poll(0, 1))


class Selector(selectors.EpollSelector):
    """A selector that waits in virtual time."""

    _selector: select.epoll

    def __init__(self, clock: "VirtualTime") -> None:
        super().__init__()
        self._clock = clock
        self._bell = os.eventfd(0, os.EFD_NONBLOCK)
        self._selector.register(self._bell, select.EPOLLIN)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready, within `timeout` seconds of virtual time."""
        ready = super().select(0)
        if ready or not self._clock.takes_part or (timeout is not None and timeout <= 0):
            return ready
        self._clock.wait(SelectorWait(self._clock, self._selector, self._bell), timeout)
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(self._bell)
        return super().select(0)

    def close(self) -> None:
        """Close the selector and its bell."""
        super().close()
        os.close(self._bell)


class VirtualTime:
    """The clock, and who waits for it."""

    def __init__(self) -> None:
        self._monotonic, self._sleep = time.monotonic, time.sleep
        self._now, self._ahead = time.monotonic(), time.time() - time.monotonic()
        self._lock = allocate_lock()
        self._threads = {get_ident()}
        self._working = 1
        self._numbers = count()
        self._timers: list[tuple[float, int, Wait]] = []
        self._in_selectors: set[SelectorWait] = set()

    @property
    def takes_part(self) -> bool:
        """Whether the calling thread lives in virtual time."""
        return get_ident() in self._threads

    def monotonic(self) -> float:
        """Return the time as `time.monotonic` does."""
        return self._now if self.takes_part else self._monotonic()

    def time(self) -> float:
        """Return the time as `time.time` does."""
        return self.monotonic() + self._ahead

    def sleep(self, seconds: float) -> None:
        """Wait as `time.sleep` does."""
        if not self.takes_part:
            self._sleep(seconds)
        elif seconds > 0:
            wait = Wait(self)
            wait.acquire()
            wait.acquire(timeout=seconds)

    def wait(self, wait: Wait, timeout: float | None) -> bool:
        """Block this thread until `release`, at most for `timeout` s; return if it was released."""
        with self._lock:
            if not wait.is_released:
                wait.is_counted = True
                self._working -= 1
                if timeout is not None:
                    until = self._now + max(timeout, STEP_S)
                    heappush(self._timers, (until, next(self._numbers), wait))
                if isinstance(wait, SelectorWait):
                    self._in_selectors.add(wait)
                self._advance()
        try:
            wait.block()
        finally:
            with self._lock:
                self._end(wait)
        return wait.is_released

    def release(self, wait: Wait) -> None:
        """End a wait before its time."""
        with self._lock:
            wait.wake()
            wait.is_released = True
            self._end(wait)

    def start(self, thread: threading.Thread) -> None:
        """Count a thread as working from before its start until its end."""
        run = thread.run

        def run_in_virtual_time() -> None:
            self._threads.add(get_ident())
            try:
                run()
            finally:
                thread.over.set()  # type: ignore[attr-defined]
                with self._lock:
                    self._threads.discard(get_ident())
                    self._working -= 1
                    self._advance()

        thread.run = run_in_virtual_time  # type: ignore[method-assign]
        thread.over = threading.Event()  # type: ignore[attr-defined]
        with self._lock:
            self._working += 1

    def _end(self, wait: Wait) -> None:
        if wait.is_counted:
            wait.is_counted = False
            self._working += 1
        if isinstance(wait, SelectorWait):
            self._in_selectors.discard(wait)

    def _is_due(self, until: float) -> bool:
        return not self._working or until <= self._now

    def _advance(self) -> None:
        """If all threads wait and no file is ready, wake those whose time comes next."""
        if self._working or any(wait.is_ready() for wait in self._in_selectors):
            return
        while self._timers and self._is_due(self._timers[0][0]):
            until, _, wait = heappop(self._timers)
            if wait.is_counted:
                self._now = max(self._now, until)
                self._end(wait)
                wait.wake()


@contextlib.contextmanager
def passing() -> Iterator[None]:
    """Let virtual time pass for this thread, and those that it starts, instead of real time."""
    clock = VirtualTime()
    start, join = threading.Thread.start, threading.Thread.join

    def start_thread(thread: threading.Thread) -> None:
        if clock.takes_part:
            clock.start(thread)
        start(thread)

    def join_thread(thread: threading.Thread, timeout: float | None = None) -> None:
        over: threading.Event | None = getattr(thread, "over", None)
        if over is None or over.wait(timeout):
            join(thread, timeout)

    with pytest.MonkeyPatch.context() as patch:
        for module, name in ((time, "monotonic"), (threading, "_time"), (queue, "time")):
            patch.setattr(module, name, clock.monotonic)
        patch.setattr(time, "time", clock.time)
        patch.setattr(time, "sleep", clock.sleep)
        patch.setattr(threading, "_allocate_lock", lambda: Wait(clock))
        patch.setattr(threading.Thread, "start", start_thread)
        patch.setattr(threading.Thread, "join", join_thread)
        patch.setattr(queue, "SimpleQueue", queue._PySimpleQueue)  # type: ignore[attr-defined]
        patch.setattr(selectors, "DefaultSelector", lambda: Selector(clock))
        yield
