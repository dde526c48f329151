"""A worker in a process of its own: no environment, a deadline, and an answer of bounded length.

What it may do is lowered by the worker itself, before it reads a byte (`sandbox.confine`).
"""

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import IO

_CHUNK = 65_536
# What a parser dies of when the memory it asks for is refused.
OUT_OF_MEMORY = frozenset({-signal.SIGABRT, -signal.SIGILL, -signal.SIGTRAP, -signal.SIGKILL})


def run(
    module: str, arguments: Sequence[str], file: IO[bytes], *, seconds: float, ceiling: int
) -> tuple[int | None, bytes]:
    """Run `module` with `file` as its input, for at most `seconds`.

    Returns its exit status, None when time ran out, and what it said: `ceiling` bytes and a bit.
    """
    deadline = time.monotonic() + seconds
    process = subprocess.Popen(
        [sys.executable, "-I", "-B", "-X", "utf8", "-m", module, *arguments],
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        cwd="/",
        start_new_session=True,
    )
    try:
        answer = _collect(process, deadline, ceiling)
        if answer is None:
            return None, b""
        return process.wait(max(deadline - time.monotonic(), 0.01)), answer
    except subprocess.TimeoutExpired:
        return None, b""
    finally:
        _end(process)


def _collect(process: subprocess.Popen[bytes], deadline: float, ceiling: int) -> bytes | None:
    answer = bytearray()
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while len(answer) <= ceiling:
            if not selector.select(max(deadline - time.monotonic(), 0)):
                return None
            chunk = os.read(process.stdout.fileno(), _CHUNK)
            if not chunk:
                break
            answer += chunk
    return bytes(answer)


def _end(process: subprocess.Popen[bytes]) -> None:
    # The whole group, so that nothing a parser might have started outlives it.
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
