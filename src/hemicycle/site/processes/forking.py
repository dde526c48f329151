"""Forks processes on request, so that they share the memory of modules loaded before.

The supervisor cannot fork by itself: it has an event loop, and after an upgrade it is still the old
version. So it starts a *forking process*: a program with one thread, which loads the modules that
its forks share (`preloading`). A new forking process has the code that is on the disk at that time.

They communicate over a Unix socket that preserves message boundaries. Each message is a JSON
object. The supervisor requests a fork by its name, the arguments of its work, and the descriptors
that it must close; the message carries the descriptor that becomes the fork's standard input. The
forking process reports once that it has loaded; then, for each request in turn, the number of the
fork, with a descriptor by which the supervisor watches it (a pidfd); and at the end of a fork its
exit code.

After an upgrade in place, the supervisor is of an older version than the forking process, so the
format of messages must not change.

Forks do not end with the forking process, which ends when the supervisor closes the socket. This
works only on Linux.
"""

import asyncio
import contextlib
import json
import os
import select
import signal
import socket
import sys
from collections import deque
from collections.abc import Iterable, Sequence

from setproctitle import setproctitle

FIGURES = "--metrics-folder"
"""The option for the folder of figures that several web processes share."""
FIGURES_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable with that folder. The metrics library reads it when it is imported."""
NAME = "preloaded"
"""The name of the forking process in messages and for `ps`."""
LONGEST = 65_536
"""The size limit of a message, in bytes."""


class ForkingEnded(Exception):
    """The forking process ended before it answered."""


# ── In the supervisor ─────────────────────────────────────────────────────────────────────────
class Fork:
    """A process forked by a forking process, with methods of `asyncio.subprocess.Process`."""

    def __init__(self, pid: int, descriptor: int) -> None:
        self.pid = pid
        self._descriptor = descriptor
        loop = asyncio.get_running_loop()
        self._ended = loop.create_future()
        self._reported: asyncio.Future[int | None] = loop.create_future()
        loop.add_reader(descriptor, self._end)

    async def wait(self) -> int | None:
        """Wait for the end of the process; return the exit code, None if it is unknown."""
        code: int | None = await asyncio.shield(self._ended)
        return await asyncio.shield(self._reported) if code is None else code

    def send_signal(self, number: int) -> None:
        """Send a signal; raise `ProcessLookupError` if the process has ended."""
        if self._ended.done():
            raise ProcessLookupError
        signal.pidfd_send_signal(self._descriptor, number)

    def terminate(self) -> None:
        """Ask the process to end, by SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the process by SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def report(self, code: int | None) -> None:
        """Store the exit code; None if the forking process ended first and could not report it."""
        if not self._reported.done():
            self._reported.set_result(code)

    def _end(self) -> None:
        asyncio.get_running_loop().remove_reader(self._descriptor)
        self._ended.set_result(self._code_of_adopted())
        os.close(self._descriptor)

    def _code_of_adopted(self) -> int | None:
        """Return the exit code of an adopted orphan, as the first process of a container has."""
        with contextlib.suppress(ChildProcessError):
            found = os.waitid(os.P_PIDFD, self._descriptor, os.WEXITED | os.WNOHANG)
            if found:
                by_signal = found.si_code != os.CLD_EXITED
                return -found.si_status if by_signal else found.si_status
        return None


class ForkingProcess:
    """The supervisor's side of a forking process."""

    def __init__(self, process: asyncio.subprocess.Process, control: socket.socket) -> None:
        self.ended = asyncio.create_task(process.wait())
        self._process = process
        self._control = control
        self._loaded: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._asked: deque[asyncio.Future[Fork]] = deque()
        self._forks: dict[int, Fork] = {}
        self._is_leaving = self._is_closed = False
        asyncio.get_running_loop().add_reader(control, self._read)

    @classmethod
    async def start(cls, command: Sequence[str], descriptors: Iterable[int]) -> "ForkingProcess":
        """Start the program, which inherits the descriptors of all its forks."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=theirs.fileno(),
                pass_fds=tuple(descriptors),
                process_group=0,  # Ctrl-C in the terminal reaches only the supervisor
            )
        return cls(process, ours)

    async def has_loaded(self) -> bool:
        """Wait until the modules that forks share are loaded; return False if that failed."""
        return await asyncio.shield(self._loaded)

    async def fork(
        self, name: str, arguments: Sequence[str], foreign: Iterable[int], line: socket.socket
    ) -> Fork:
        """Request a fork, whose standard input is `line`; raise `ForkingEnded` if there is no
        answer.

        A caller that stops waiting for the answer must close the other end of `line`.
        """
        request = {"name": name, "arguments": list(arguments), "foreign": sorted(foreign)}
        asked: asyncio.Future[Fork] = asyncio.get_running_loop().create_future()
        try:
            socket.send_fds(self._control, [json.dumps(request).encode()], [line.fileno()])
        except OSError as error:
            raise ForkingEnded from error
        self._asked.append(asked)
        return await asked

    def leave(self) -> None:
        """Let the forking process end after its last fork has ended."""
        self._is_leaving = True
        self._end_if_unused()

    async def end(self, within_s: float) -> None:
        """End the forking process, by force if necessary. Its forks continue."""
        self._close()
        with contextlib.suppress(ProcessLookupError):  # while it loads, it ignores the socket
            self._process.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self.ended), within_s)
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self.ended

    def _read(self) -> None:
        while not self._is_closed:
            try:
                text, descriptors, _flags, _address = socket.recv_fds(self._control, LONGEST, 1)
            except BlockingIOError:
                return
            except ConnectionError:
                text, descriptors = b"", []
            if not text:
                self._close()
                return
            self._take(json.loads(text), descriptors)

    def _take(self, told: dict[str, int], descriptors: list[int]) -> None:
        if "loaded" in told:
            self._loaded.set_result(True)
        elif descriptors:
            fork = self._forks[told["pid"]] = Fork(told["pid"], descriptors[0])
            asked = self._asked.popleft()
            if not asked.done():
                asked.set_result(fork)
        else:
            self._forks.pop(told["pid"]).report(told["code"])
            self._end_if_unused()

    def _end_if_unused(self) -> None:
        if self._is_leaving and not self._forks and not self._asked:
            self._close()

    def _close(self) -> None:
        """Close the socket, and end every wait for an answer."""
        if self._is_closed:
            return
        self._is_closed = True
        asyncio.get_running_loop().remove_reader(self._control)
        self._control.close()
        if not self._loaded.done():
            self._loaded.set_result(False)
        for asked in self._asked:
            if not asked.done():
                asked.set_exception(ForkingEnded())
        for fork in self._forks.values():
            fork.report(None)


# ── In the forking process ────────────────────────────────────────────────────────────────────
def fork_on_request() -> list[str] | None:
    """Fork for each request at the standard input, until the supervisor closes it.

    Returns the arguments of its work in a fork, and None at the end of the forking process.
    """
    control = socket.socket(fileno=0)
    forks: dict[int, int] = {}
    poll = select.poll()
    poll.register(control, select.POLLIN)
    with contextlib.suppress(ConnectionError):  # the supervisor has died
        control.send(json.dumps({"loaded": True}).encode())
        while True:
            for descriptor, _event in poll.poll():
                if descriptor in forks:
                    poll.unregister(descriptor)
                    _report_end(control, forks.pop(descriptor), descriptor)
                    continue
                text, lines, _flags, _address = socket.recv_fds(control, LONGEST, 1)
                if not text:
                    return None
                request = json.loads(text)
                if not (pid := _fork()):
                    _become(request, lines[0], control, forks)
                    return list(request["arguments"])
                os.close(lines[0])
                watched = os.pidfd_open(pid)
                forks[watched] = pid
                poll.register(watched, select.POLLIN)
                socket.send_fds(control, [json.dumps({"pid": pid}).encode()], [watched])
    return None


def _fork() -> int:
    sys.stdout.flush()  # a fork would write buffered output again
    sys.stderr.flush()
    return os.fork()


def _report_end(control: socket.socket, pid: int, descriptor: int) -> None:
    os.close(descriptor)
    _pid, status = os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    control.send(json.dumps({"pid": pid, "code": code}).encode())


def _become(
    request: dict[str, object], line: int, control: socket.socket, siblings: Iterable[int]
) -> None:
    """Set up a new fork like a program of its own, with only its own descriptors."""
    os.setpgid(0, 0)  # Ctrl-C in the terminal reaches only the supervisor
    os.dup2(line, control.detach())
    os.close(line)
    foreign = request["foreign"]
    assert isinstance(foreign, list)
    for descriptor in (*siblings, *foreign):
        os.close(descriptor)
    setproctitle(f"hemicycle {request['name']}")
