"""Note which lines of some files run in which test, in each process that a test starts.

Python imports this module at the start if its folder is in PYTHONPATH. coverage.py would lose what
a process has run that is killed, and does not know in a server for which test it runs; its fast
core has no contexts. Only lines in functions count: a module's other lines run when it is imported,
which no test can be credited with.
"""

import os
import sys
from importlib.machinery import SourceFileLoader
from mmap import ACCESS_READ, mmap
from pathlib import Path
from types import CodeType
from typing import Any

FOLDER = Path(os.environ["MUTATION_TRACE"])
FILES = frozenset(os.environ["MUTATION_FILES"].split(os.pathsep))
TOOL = 4
IN_FUNCTION = 1  # CO_OPTIMIZED, which code of modules and classes lacks


class Trace:
    """The lines that ran; the file `context` has the number of the test that runs now."""

    def __init__(self, name: str) -> None:
        self._hits = os.open(
            FOLDER / f"{name}.hits", os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        )
        with (FOLDER / f"{name}.context").open("rb") as file:
            self._context = mmap(file.fileno(), 8, access=ACCESS_READ)

    def line(self, code: CodeType, number: int) -> object:
        context = int.from_bytes(self._context[:], "little")
        os.write(self._hits, f"{context} {number} {code.co_filename}\n".encode())
        return sys.monitoring.DISABLE  # until the next test


def begin(name: str) -> None:
    """Trace this process and those that it starts, as part of the run `name` of pytest."""
    os.environ["MUTATION_RUN"] = name
    sys.monitoring.register_callback(TOOL, sys.monitoring.events.LINE, Trace(name).line)


def _watch(code: CodeType) -> None:
    if code.co_flags & IN_FUNCTION:
        sys.monitoring.set_local_events(TOOL, code, sys.monitoring.events.LINE)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            _watch(constant)


def _get_code(
    self: SourceFileLoader, fullname: str, get_code: Any = SourceFileLoader.get_code
) -> Any:
    code = get_code(self, fullname)
    if self.path in FILES:
        _watch(code)
    return code


SourceFileLoader.get_code = _get_code  # type: ignore[assignment,method-assign]
sys.monitoring.use_tool_id(TOOL, "mutation")
os.register_at_fork(after_in_child=sys.monitoring.restart_events)
if "MUTATION_RUN" in os.environ:
    begin(os.environ["MUTATION_RUN"])
