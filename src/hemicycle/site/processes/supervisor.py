"""Keeps a set of child processes running until told to stop.

A child is a program, or a function that runs in a fork of the supervisor: forks share the memory of
what was loaded before (`preloading`). A child that ends is started again, sooner after a long life
than after a short one. Each child's standard input is a pipe that nothing is written to: it closes
when the supervisor dies in any way, and `follow_parent` ends the child then, so no child is left
behind.

The supervisor has one thread and no event loop, since a fork would get half of either.
"""

import contextlib
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from setproctitle import setproctitle

log = logging.getLogger(__name__)

FIRST_DELAY_S = 0.1
LONGEST_DELAY_S = 30.0
HEALTHY_AFTER_S = 60.0
GRACE_S = 10.0

type Work = Callable[[], int | None]
"""What a fork does; returns its exit code, None for 0."""


@dataclass(frozen=True)
class Child:
    """A process to run: its name in messages, what it runs, and the descriptors it inherits."""

    name: str
    runs: Sequence[str] | Work
    """The command of a program, or the work of a fork."""
    descriptors: tuple[int, ...] = ()


def run(children: Sequence[Child]) -> int:
    """Keep `children` until SIGINT or SIGTERM; returns the exit code.

    In a fork it returns the exit code of the fork's work: the caller must end the process with it.
    """
    kept = [_Kept(child) for child in children]
    with _signals() as signals:
        while not signals.stopped:
            for one in kept:
                work = one.start_if_due()
                if work is not None:
                    _become(one, kept, signals)
                    return work() or 0
            signals.wait(min(one.waits_s() for one in kept))
            for one in kept:
                one.notice_end()
        _end(kept, signals)
    return 0


def follow_parent() -> None:
    """Ask this process to stop, as by SIGTERM, as soon as its standard input closes."""

    def watch() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 1024):
                pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True, name="follow-parent").start()


def next_delay(delay_s: float, lived_s: float) -> float:
    """Seconds to wait before the next start, from the last wait and how long the child lived."""
    if lived_s >= HEALTHY_AFTER_S:
        return FIRST_DELAY_S
    return min(delay_s * 2, LONGEST_DELAY_S)


class _Signals:
    """The signals that the supervisor waits for."""

    STOPPING = (signal.SIGINT, signal.SIGTERM)
    CAUGHT = (*STOPPING, signal.SIGCHLD)

    def __init__(self) -> None:
        self.stopped = False
        self._ours, self._woken = socket.socketpair()
        self._ours.setblocking(False)
        self._woken.setblocking(False)
        self._before = {number: signal.signal(number, self._got) for number in self.CAUGHT}
        signal.set_wakeup_fd(self._woken.fileno())

    def wait(self, longest_s: float | None) -> None:
        """Return after a signal, or after that many seconds; None waits for a signal."""
        select.select([self._ours], [], [], longest_s)
        with contextlib.suppress(BlockingIOError):
            while self._ours.recv(1024):
                pass

    def close(self) -> None:
        """Let the signals do what they did before."""
        signal.set_wakeup_fd(-1)
        for number, before in self._before.items():
            signal.signal(number, before)
        self._ours.close()
        self._woken.close()

    def _got(self, number: int, _frame: object) -> None:
        self.stopped = self.stopped or number != signal.SIGCHLD


@contextlib.contextmanager
def _signals() -> Iterator[_Signals]:
    signals = _Signals()
    try:
        yield signals
    finally:
        signals.close()


class _Kept:
    """A child, with what the supervisor knows of its process."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.pid: int | None = None
        self.input: int | None = None
        """Our end of the pipe that is its standard input."""
        self._program: subprocess.Popen[bytes] | None = None
        self._delay_s = FIRST_DELAY_S / 2
        self._born_s = self._due_s = time.monotonic()

    def start_if_due(self) -> Work | None:
        """Start the child if it does not run; returns its work in a fork, and None elsewhere."""
        if self.pid is not None or time.monotonic() < self._due_s:
            return None
        self._born_s = time.monotonic()
        theirs, ours = os.pipe()
        if callable(self.child.runs):
            if not (pid := self._fork(theirs)):
                os.close(ours)
                return self.child.runs
        else:
            self._program = subprocess.Popen(
                self.child.runs,
                stdin=theirs,
                pass_fds=self.child.descriptors,
                start_new_session=True,  # the terminal's Ctrl-C reaches the supervisor alone
            )
            pid = self._program.pid
        os.close(theirs)
        self.pid, self.input = pid, ours
        return None

    def waits_s(self) -> float:
        """Seconds until it is due; long while it runs."""
        if self.pid is not None:
            return LONGEST_DELAY_S
        return max(0.0, self._due_s - time.monotonic())

    def notice_end(self) -> bool:
        """Return whether it has ended; if it had not before, say so, and when it starts again."""
        if self.pid is None:
            return True
        if (code := self._code()) is None:
            return False
        self._forget()
        self._delay_s = next_delay(self._delay_s, time.monotonic() - self._born_s)
        self._due_s = time.monotonic() + self._delay_s
        log.error(
            "%s ended with exit code %s; starting it again in %g s",
            self.child.name,
            code,
            self._delay_s,
        )
        return True

    def has_ended(self) -> bool:
        """Return whether it has ended; says nothing, since it was told to."""
        if self.pid is not None and self._code() is not None:
            self._forget()
        return self.pid is None

    def send(self, number: signal.Signals) -> None:
        """Send a signal to a process that has not been waited for, so its number is its own."""
        if self.pid is not None:
            os.kill(self.pid, number)

    def _fork(self, theirs: int) -> int:
        sys.stdout.flush()  # a fork would write again what waits here
        sys.stderr.flush()
        signal.pthread_sigmask(signal.SIG_BLOCK, _Signals.STOPPING)  # until the fork has its own
        if pid := os.fork():
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _Signals.STOPPING)
            return pid
        os.setsid()
        os.dup2(theirs, 0)
        os.close(theirs)
        return 0

    def _code(self) -> int | None:
        if self._program:
            return self._program.poll()
        assert self.pid is not None
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if pid else None

    def _forget(self) -> None:
        assert self.input is not None
        os.close(self.input)
        self.pid = self.input = self._program = None


def _become(own: _Kept, kept: Iterable[_Kept], signals: _Signals) -> None:
    """Make a new fork what a program would be: alone with its own descriptors."""
    signals.close()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, signals.STOPPING)
    setproctitle(f"hemicycle {own.child.name}")
    for one in kept:
        if one.input is not None:
            os.close(one.input)
    nothing = os.open(os.devnull, os.O_RDWR)
    foreign = {number for one in kept for number in one.child.descriptors}
    for number in foreign - set(own.child.descriptors):
        # Occupied, not closed: a socket object of the supervisor still holds the number.
        os.dup2(nothing, number)
    os.close(nothing)


def _end(kept: Sequence[_Kept], signals: _Signals) -> None:
    """Ask all children to end, and end those that do not within the grace."""
    for one in kept:
        one.send(signal.SIGTERM)
    limit = time.monotonic() + GRACE_S
    while not all(one.has_ended() for one in kept):
        if (left_s := limit - time.monotonic()) <= 0:
            for one in kept:
                one.send(signal.SIGKILL)
            left_s = GRACE_S
        signals.wait(left_s)
