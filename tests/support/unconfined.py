"""The jobs of confined workers, done in a thread of the tests' own process.

Starting a worker takes half a second of processor time, nearly all of it for loading Python
modules. `tests/documents/reading/test_isolation.py` compares the answers of both for the workers of
statements and of notes. A test of the limits has the mark `confined`.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import IO

from hemicycle.documents.reading import guarded, worker
from hemicycle.documents.reading.limits import Limits

confined = guarded.run


def run(
    module: str, arguments: Sequence[str], file: IO[bytes], *, seconds: float, ceiling: int
) -> tuple[int | None, bytes]:
    """Do a worker's job as `guarded.run` does, without limits of time and memory."""
    jobs = getattr(import_module(module), "JOBS", None)
    if jobs is None:  # a worker that is a program of its own
        return confined(module, arguments, file, seconds=seconds, ceiling=ceiling)
    name, *pairs = arguments
    with os.fdopen(os.dup(file.fileno()), "rb") as given, ThreadPoolExecutor(1) as thread:
        limits = Limits.from_arguments(pairs)
        return 0, thread.submit(worker.answer, jobs[name], given, limits).result()
