"""A worker in a separate process: without environment, with a deadline and a limit for its answer.

The worker itself lowers its rights before it reads a byte (`sandbox.confine`).
"""

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import IO, Any

from hemicycle.documents.reading.limits import Limits
from hemicycle.documents.reading.refusals import KINDS, SENTENCES, UnreadableDocument

_CHUNK = 65_536
LOOK_S = 1.0
"""Seconds between two checks whether the answer is still wanted."""
# The exit statuses of a parser to which the system refuses more memory.
OUT_OF_MEMORY = frozenset({-signal.SIGABRT, -signal.SIGILL, -signal.SIGTRAP, -signal.SIGKILL})

# JSON may write a character as twelve bytes ("\\ud83d\\ude00"), plus its envelope.
_BYTES_PER_CHARACTER = 12
_ENVELOPE = 65_536


class NotWanted(Exception):
    """Raised when the answer is no longer wanted."""


is_wanted: ContextVar[Callable[[], bool]] = ContextVar("is_wanted", default=lambda: True)
"""Whether the answer is still wanted; called each second while a worker reads."""


def ask(
    module: str, job: str, file: IO[bytes], limits: Limits, *, most_bytes: int = 0
) -> tuple[dict[str, Any], bytes]:
    """Return the answer of the worker `module` to `file`: its message, and the bytes that follow.

    `most_bytes` is the limit of those bytes. Raises `UnreadableDocument` with the worker's code, or
    with `timeout`, `memory` or `damaged` if the worker gave no answer, and `NotWanted`.
    """
    size = os.fstat(file.fileno()).st_size
    if size == 0:
        raise UnreadableDocument("empty")
    if size > limits.file_size:
        raise UnreadableDocument("too_large")
    # A compromised worker could send an endless answer.
    ceiling = limits.characters * _BYTES_PER_CHARACTER + _ENVELOPE + most_bytes
    arguments = [job, *limits.as_arguments()]
    status, answer = run(module, arguments, file, seconds=limits.seconds, ceiling=ceiling)
    if status is None or status == -signal.SIGXCPU:
        raise UnreadableDocument("timeout")
    if status in OUT_OF_MEMORY:
        raise UnreadableDocument("memory")
    return _understood(status, answer)


def lacking() -> list[str]:
    """Return the kernel protections that workers on this machine lack (`kernel_walls`)."""
    with spooled(b"-") as file:
        message, _ = ask("hemicycle.documents.reading.worker", "walls", file, Limits())
    names: list[str] = message["lacking"]
    return names


def _understood(status: int, answer: bytes) -> tuple[dict[str, Any], bytes]:
    line, _, content = answer.partition(b"\n")
    try:
        message = json.loads(line)
        code, kind = message.get("code", ""), message.get("kind", "")
    except (ValueError, AttributeError) as error:
        raise UnreadableDocument("damaged") from error
    if status == 0 and not code:
        return message, content
    # A compromised worker must not put its own sentence into a page: only known codes are accepted.
    known = code in SENTENCES and (kind in KINDS or not kind)
    raise UnreadableDocument(code, kind) if known else UnreadableDocument("damaged")


def spooled(content: bytes) -> IO[bytes]:
    """Return an unnamed temporary file with `content` as the input of a worker.

    It is not a pipe, so the worker can seek, and no thread has to write to it.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    file.write(content)
    file.seek(0)
    return file


def run(
    module: str, arguments: Sequence[str], file: IO[bytes], *, seconds: float, ceiling: int
) -> tuple[int | None, bytes]:
    """Run `module` with `file` as its input, for at most `seconds`.

    Returns the exit status, or None after a timeout, and the output: at most slightly more than
    `ceiling` bytes. If the answer is no longer wanted, kills the worker and raises `NotWanted`.
    """
    deadline = time.monotonic() + seconds
    process = subprocess.Popen(
        # `-I` ignores the user's paths and variables, and `-B` writes no compiled files.
        [sys.executable, "-I", "-B", "-X", "utf8", "-m", module, *arguments],
        stdin=file,
        stdout=subprocess.PIPE,
        # The output of parsers for errors is not used.
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
            # The deadline applies to the whole answer, so a worker gains nothing by sending single
            # bytes.
            left = max(deadline - time.monotonic(), 0)
            if not selector.select(min(left, LOOK_S)):
                if left <= LOOK_S:
                    return None
                if not is_wanted.get()():
                    raise NotWanted
                continue
            chunk = os.read(process.stdout.fileno(), _CHUNK)
            if not chunk:
                break
            answer += chunk
    return bytes(answer)


def _end(process: subprocess.Popen[bytes]) -> None:
    # The whole group is killed, so that no process that a parser has started outlives it.
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
