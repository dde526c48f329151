"""Keeps a set of child processes running until told to stop.

A child that ends is started again, sooner after a long life than after a short one. Each child's
standard input is a pipe that nothing is written to: it closes when the supervisor dies in any way,
and `follow_parent` ends the child then, so no child is left behind.
"""

import asyncio
import contextlib
import logging
import os
import signal
import threading
from collections.abc import Sequence
from dataclasses import dataclass

log = logging.getLogger(__name__)

FIRST_DELAY_S = 0.1
LONGEST_DELAY_S = 30.0
HEALTHY_AFTER_S = 60.0
GRACE_S = 10.0


@dataclass(frozen=True)
class Child:
    """A process to run: its name in messages, its command, and the descriptors it inherits."""

    name: str
    command: Sequence[str]
    descriptors: tuple[int, ...] = ()


def run(children: Sequence[Child]) -> int:
    """Keep `children` until SIGINT or SIGTERM; returns the exit code."""
    return asyncio.run(_keep_all(children))


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


async def _keep_all(children: Sequence[Child]) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with asyncio.TaskGroup() as group:
        for child in children:
            group.create_task(_keep(child, stop))
    return 0


async def _keep(child: Child, stop: asyncio.Event) -> None:
    delay_s = FIRST_DELAY_S / 2
    loop = asyncio.get_running_loop()
    while not stop.is_set():
        born = loop.time()
        code = await _live(child, stop)
        if stop.is_set():
            return
        delay_s = next_delay(delay_s, loop.time() - born)
        log.error(
            "%s ended with exit code %s; starting it again in %g s", child.name, code, delay_s
        )
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), delay_s)


async def _live(child: Child, stop: asyncio.Event) -> int:
    """Start the child and wait for its end, or end it when told to stop."""
    process = await asyncio.create_subprocess_exec(
        *child.command,
        stdin=asyncio.subprocess.PIPE,
        pass_fds=child.descriptors,
        start_new_session=True,  # the terminal's Ctrl-C reaches the supervisor alone
    )
    ended = asyncio.create_task(process.wait())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((ended, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not ended.done():
        await _end(process, ended)
    return await ended


async def _end(process: asyncio.subprocess.Process, ended: asyncio.Task[int]) -> None:
    process.terminate()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(asyncio.shield(ended), GRACE_S)
        return
    process.kill()
