"""Keeps a set of child processes running until it is stopped, and replaces them on request.

A child that ends is started again, sooner after a long life than after a short one. Each child's
standard input is a socket to which the parent writes nothing. It closes when the supervisor dies
for any reason, and `follow_parent` then ends the child, so no child is left behind. The child
reports over it that it is ready (`readiness.tell_supervisor`).

A rolling restart (`Supervisor.restart`) replaces one child after the other. If a successor may run
beside the old process, it is started first, and the old one leaves when the successor is ready: it
takes no new work, and ends after its present work. If a successor does not become ready, the old
process stays, and so do all that were still to be replaced.

Children may be forks that share memory (`forking`). They come from a forking process, which is
started again when it ends; its forks continue. A restart begins with a new forking process, so that
successors have the code that is on the disk at that time; the old one ends after its last fork.
"""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from hemicycle.site.processes.forking import NAME, Fork, ForkingEnded, ForkingProcess

log = logging.getLogger(__name__)

FIRST_DELAY_S = 0.1
LONGEST_DELAY_S = 30.0
HEALTHY_AFTER_S = 60.0
GRACE_S = 10.0
READY_WITHIN_S = 60.0
"""The seconds within which a successor must be ready."""
LEAVE_WITHIN_S = 315.0
"""The seconds that a replaced process has for its present work; then it is ended."""
LEAVE = signal.SIGUSR1
"""The signal that asks a process to leave: to take no new work, and to end after its present."""


@dataclass(frozen=True)
class Child:
    """A process to run: its name in messages, its command, and the descriptors it inherits.

    With `successor_options`, a successor is started beside the old process, with these options
    added to the command; if they are None, the old process ends first. `leave` is the signal to the
    old process. With `arguments`, the child is forked to do this work if there is a forking
    process.
    """

    name: str
    command: Sequence[str]
    descriptors: tuple[int, ...] = ()
    successor_options: tuple[str, ...] | None = None
    leave: signal.Signals = signal.SIGTERM
    arguments: Sequence[str] | None = None


class NotReady(Exception):
    """A successor did not become ready; the message names the process."""


def run(
    children: Sequence[Child],
    beside: Callable[["Supervisor"], AbstractAsyncContextManager[None]] | None = None,
    forking: Sequence[str] | None = None,
) -> int:
    """Run `children` until SIGINT or SIGTERM; return the exit code.

    `beside` runs with the supervisor and may request restarts. `forking` is the command of a
    forking process; without it, all children are started as programs.
    """
    # The terminal may stop background processes, such as children, that write to it.
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    return asyncio.run(_keep_all(Supervisor(children, forking), beside or _nothing))


def follow_parent() -> None:
    """Ask this process to stop, as by SIGTERM, as soon as its standard input closes."""

    def watch() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 1024):
                pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True, name="follow-parent").start()


def next_delay(delay_s: float, lived_s: float) -> float:
    """Return the seconds to wait before the next start, from the last wait and the child's life."""
    if lived_s >= HEALTHY_AFTER_S:
        return FIRST_DELAY_S
    return min(delay_s * 2, LONGEST_DELAY_S)


class Supervisor:
    """Supervises all children, from their start to their end."""

    def __init__(self, children: Sequence[Child], forking: Sequence[str] | None = None) -> None:
        forked = [child for child in children if child.arguments is not None]
        self._forks = _Forks(forking, forked) if forking and forked else None
        self._keepers = [_Keeper(child, self._forks) for child in children]
        self._restarting = asyncio.Lock()

    @property
    def names(self) -> list[str]:
        """The names of the children in their order, without repetitions."""
        return list(dict.fromkeys(keeper.child.name for keeper in self._keepers))

    async def restart(self, names: Iterable[str]) -> AsyncIterator[str]:
        """Replace the children with these names, one by one; yield a sentence for each.

        Raises `NotReady` at the first that cannot be replaced; the remaining ones stay.
        """
        wanted = set(names)
        async with self._restarting:
            keepers = [keeper for keeper in self._keepers if keeper.child.name in wanted]
            if self._forks and any(keeper.child.arguments is not None for keeper in keepers):
                await self._forks.load_again()
            for keeper in keepers:
                took_s = await keeper.replace()
                yield f"{keeper.child.name}: a new process took over after {took_s:.1f} s."

    async def keep(self, stop: asyncio.Event) -> None:
        """Run all children until `stop`."""
        forks = self._forks.kept() if self._forks else contextlib.nullcontext()
        async with forks, asyncio.TaskGroup() as group:
            for keeper in self._keepers:
                group.create_task(keeper.keep(stop))


@asynccontextmanager
async def _nothing(_supervisor: Supervisor) -> AsyncIterator[None]:
    yield


async def _keep_all(
    supervisor: Supervisor, beside: Callable[[Supervisor], AbstractAsyncContextManager[None]]
) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with beside(supervisor):
        await supervisor.keep(stop)
    return 0


type _Process = asyncio.subprocess.Process | Fork


class _ChildProcess:
    """One process of a child, from its start to its end."""

    def __init__(self, process: _Process, line: socket.socket) -> None:
        self.born = asyncio.get_running_loop().time()
        self.process = process
        self.ended: asyncio.Task[int | None] = asyncio.create_task(_end_of(process))
        self._line = line

    @classmethod
    async def start(cls, begin: Callable[[socket.socket], Awaitable[_Process]]) -> "_ChildProcess":
        """Let `begin` start a process, with the socket that it is given as standard input."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        try:
            with theirs:
                process = await begin(theirs)
        except BaseException:
            ours.close()
            raise
        return cls(process, ours)

    async def is_ready(self) -> bool:
        """Wait until the process reports ready; return False if it ends or takes too long."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(READY_WITHIN_S):
                return bool(await loop.sock_recv(self._line, 64))
        except (TimeoutError, OSError):
            return False

    async def leave(self, how: signal.Signals) -> None:
        """Let the process finish its present work; end it if that takes too long."""
        try:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(how)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self.ended), LEAVE_WITHIN_S)
        finally:  # also if the supervisor itself must stop
            await self.end()

    async def end(self) -> None:
        """End the process, by force if necessary."""
        if not self.ended.done():
            with contextlib.suppress(ProcessLookupError):
                self.process.terminate()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self.ended), GRACE_S)
        if not self.ended.done():
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
        await self.ended
        self._line.close()


async def _end_of(process: _Process) -> int | None:
    return await process.wait()


async def _program(
    child: Child, options: Sequence[str], line: socket.socket
) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *child.command,
        *options,
        stdin=line.fileno(),
        pass_fds=child.descriptors,
        process_group=0,  # Ctrl-C in the terminal reaches only the supervisor
    )


class _Forks:
    """Keeps one forking process, and earlier ones until all their forks have ended."""

    def __init__(self, command: Sequence[str], children: Iterable[Child]) -> None:
        self._command = command
        self._descriptors = {number for child in children for number in child.descriptors}
        self._current: ForkingProcess | None = None
        self._begun = asyncio.Event()
        self._watched: dict[asyncio.Task[None], ForkingProcess] = {}

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Start forking processes within the block; end them all after it."""
        self._use(await self._start())
        try:
            yield
        finally:
            self._current = None
            watched = dict(self._watched)
            for task in watched:
                task.cancel()
            await asyncio.gather(*(forking.end(GRACE_S) for forking in watched.values()))

    async def fork(self, child: Child, options: Sequence[str]) -> _ChildProcess:
        """Fork the child; if there is no forking process, wait for the next one."""
        arguments = [*(child.arguments or ()), *options]
        foreign = self._descriptors - set(child.descriptors)
        while True:
            current = self._current
            if current is not None:
                with contextlib.suppress(ForkingEnded):
                    return await _ChildProcess.start(
                        partial(current.fork, child.name, arguments, foreign)
                    )
            while self._current is current:
                self._begun.clear()
                await self._begun.wait()

    async def load_again(self) -> None:
        """Give later forks the code that is on the disk now; raise `NotReady` if that fails."""
        new = await self._start()
        has_loaded = False
        try:
            async with asyncio.timeout(READY_WITHIN_S):
                has_loaded = await new.has_loaded()
        except TimeoutError:
            pass
        finally:
            if not has_loaded:
                await new.end(GRACE_S)
        if not has_loaded:
            raise NotReady("the new version could not be loaded, so all old processes stay")
        old = self._current
        self._use(new)
        if old is not None:
            old.leave()

    async def _start(self) -> ForkingProcess:
        return await ForkingProcess.start(self._command, self._descriptors)

    def _use(self, forking: ForkingProcess, delay_s: float = FIRST_DELAY_S / 2) -> None:
        self._current = forking
        self._begun.set()
        task = asyncio.create_task(self._watch(forking, delay_s))
        self._watched[task] = forking
        task.add_done_callback(self._watched.pop)

    async def _watch(self, forking: ForkingProcess, delay_s: float) -> None:
        """Replace a forking process that ends unexpectedly; `delay_s` was the last wait."""
        born = asyncio.get_running_loop().time()
        code = await asyncio.shield(forking.ended)
        if self._current is not forking:
            return  # it was leaving, and its last fork has ended
        delay_s = next_delay(delay_s, asyncio.get_running_loop().time() - born)
        log.error("%s ended with exit code %s; starting it again in %g s", NAME, code, delay_s)
        await asyncio.sleep(delay_s)
        new = await self._start()
        if self._current is forking:
            self._use(new, delay_s)
        else:
            await new.end(GRACE_S)


class _Keeper:
    """Keeps one child running: starts it again when it ends, and replaces it on request."""

    def __init__(self, child: Child, forks: _Forks | None) -> None:
        self.child = child
        self._forks = forks
        self._run: _ChildProcess | None = None
        self._changed = asyncio.Event()
        self._is_replacing = False
        self._leaving: set[asyncio.Task[None]] = set()

    async def keep(self, stop: asyncio.Event) -> None:
        """Run the child until `stop`; then end it, and the old processes that are leaving."""
        stopping = asyncio.create_task(stop.wait())
        delay_s = FIRST_DELAY_S / 2
        try:
            self._run = await self._start_until(stopping)
            while (run := self._run) and not stop.is_set():
                if not await self._lives_on(run, stopping):
                    lived_s = asyncio.get_running_loop().time() - run.born
                    delay_s = next_delay(delay_s, lived_s)
                    await self._start_again(run, delay_s, stopping)
        finally:
            stopping.cancel()
            await self._end_all()

    async def replace(self) -> float:
        """Replace the process by a new one; return the seconds until that was ready.

        Raises `NotReady` if no new process became ready. If the old one had to end first, no ready
        process runs then, and the start is retried as after a crash.
        """
        old = self._run
        if old is None:
            raise NotReady(f"{self.child.name} has not been started yet")
        begun = asyncio.get_running_loop().time()
        self._is_replacing = True
        try:
            await self._take_over(old)
        finally:
            self._is_replacing = False
            self._change()
        return asyncio.get_running_loop().time() - begun

    async def _take_over(self, old: _ChildProcess) -> None:
        options = self.child.successor_options
        if options is None:
            await old.leave(self.child.leave)
            self._run = fresh = await self._start_in_time()
            self._change()
            if not await fresh.is_ready():
                raise NotReady(f"the new {self.child.name} did not become ready")
            return
        fresh = await self._start_in_time(options)
        try:
            is_ready = await fresh.is_ready()
        except asyncio.CancelledError:
            await fresh.end()
            raise
        if not is_ready:
            await fresh.end()
            raise NotReady(f"the new {self.child.name} did not become ready, so the old one stays")
        self._run = fresh
        task = asyncio.create_task(old.leave(self.child.leave))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def _lives_on(self, run: _ChildProcess, stopping: asyncio.Task[bool]) -> bool:
        """Wait for the next event; return False if `run` has ended unexpectedly."""
        self._changed.clear()
        changed = asyncio.create_task(self._changed.wait())
        watched: tuple[asyncio.Task[object], ...] = (changed, stopping)
        if not (self._is_replacing and run.ended.done()):
            watched = (*watched, run.ended)
        await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
        changed.cancel()
        has_ended = run is self._run and run.ended.done() and not self._is_replacing
        return not has_ended or stopping.done()

    async def _start_again(
        self, run: _ChildProcess, delay_s: float, stopping: asyncio.Task[bool]
    ) -> None:
        code = await run.ended
        await run.end()
        log.error(
            "%s ended with exit code %s; starting it again in %g s",
            self.child.name,
            "unknown" if code is None else code,
            delay_s,
        )
        await asyncio.wait((stopping,), timeout=delay_s)
        if not stopping.done() and self._run is run:
            self._run = await self._start_until(stopping)

    async def _start(self, options: Sequence[str] = ()) -> _ChildProcess:
        if self._forks and self.child.arguments is not None:
            return await self._forks.fork(self.child, options)
        return await _ChildProcess.start(partial(_program, self.child, options))

    async def _start_until(self, stopping: asyncio.Task[bool]) -> _ChildProcess | None:
        """Start the process; return None if the supervisor has to stop first."""
        starting = asyncio.create_task(self._start())
        await asyncio.wait((starting, stopping), return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():
            starting.cancel()
            await asyncio.wait((starting,))
        return None if starting.cancelled() else starting.result()

    async def _start_in_time(self, options: Sequence[str] = ()) -> _ChildProcess:
        try:
            async with asyncio.timeout(READY_WITHIN_S):
                return await self._start(options)
        except TimeoutError:
            raise NotReady(f"the new {self.child.name} could not be started") from None

    def _change(self) -> None:
        self._changed.set()

    async def _end_all(self) -> None:
        for task in tuple(self._leaving):
            task.cancel()
        if self._run is not None:
            await self._run.end()
        await asyncio.gather(*self._leaving, return_exceptions=True)
