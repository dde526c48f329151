"""The worker: one file on standard input, one answer on standard output.

It is run as `python -m hemicycle.documents.reading.worker JOB LIMIT=VALUE ...`. The answer is a
line of JSON, either the result or `{"code": ..., "kind": ...}`, followed by bytes that depend on
the job; the exit status is 0 in both cases. Another package may have its own worker that calls
`serve` with its own `JOBS`.
"""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, BinaryIO

from hemicycle.documents.reading import kernel_walls, sandbox
from hemicycle.documents.reading.limits import Limits
from hemicycle.documents.reading.refusals import UnreadableDocument

Answer = tuple[dict[str, Any], bytes]
Job = Callable[[BinaryIO, Limits], Answer]


def serve(jobs: Mapping[str, Job], arguments: list[str]) -> int:
    """Confine this process, do one job and write its answer; return the exit status."""
    name, *pairs = arguments
    limits = Limits.from_arguments(pairs)
    sandbox.confine(limits.memory, limits.seconds)
    sys.stdout.buffer.write(answer(jobs[name], sys.stdin.buffer, limits))
    sys.stdout.buffer.flush()
    return 0


def answer(job: Job, file: BinaryIO, limits: Limits) -> bytes:
    """Return what the worker answers to a file: a line of JSON, and the job's bytes."""
    message, content = _answer(job, file, limits)
    line = json.dumps(message, ensure_ascii=False).encode("utf-8", "replace")
    return line + b"\n" + content


def _answer(job: Job, file: BinaryIO, limits: Limits) -> Answer:
    try:
        return job(file, limits)
    except UnreadableDocument as refusal:
        return {"code": refusal.code, "kind": refusal.kind}, b""
    except MemoryError:
        return {"code": "memory"}, b""
    except Exception:  # noqa: BLE001 - any error of a parser means that the file is damaged
        return {"code": "damaged"}, b""


def _statement(file: BinaryIO, limits: Limits) -> Answer:
    from hemicycle.documents.reading import statements

    return asdict(statements.read(file, limits)), b""


def _walls(file: BinaryIO, limits: Limits) -> Answer:
    return {"lacking": kernel_walls.raise_walls()}, b""


JOBS: dict[str, Job] = {"statement": _statement, "walls": _walls}

if __name__ == "__main__":
    sys.exit(serve(JOBS, sys.argv[1:]))
