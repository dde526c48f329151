"""Run tests again and again, each time in a fork of a process that has loaded the libraries.

A program for the Python of the checkout whose tests run, so it imports nothing else of `tools`. It
reads requests from its standard input, a line of JSON for each, and answers each with a line. The
first line has the modules to load.
"""

import json
import os
import select
import signal
import sys
from collections.abc import Generator, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

INTERRUPT_S = 15.0
"""How long an interrupted run may take to remove its database and its files."""


class Selection:
    """Runs the given tests alone, in the given order, and notes which failed."""

    def __init__(self, tests: Sequence[str]) -> None:
        self._order = {test: place for place, test in enumerate(tests)}
        self.failures: list[str] = []

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Generator[None]:
        yield
        items[:] = [item for item in items if item.nodeid in self._order]
        items.sort(key=lambda item: self._order[item.nodeid])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.outcome == "failed":
            self.failures.append(report.nodeid)


def main() -> int:
    """Load the modules, then answer each request."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    for module in json.loads(sys.stdin.readline()):
        with suppress(Exception):  # what cannot be loaded alone
            import_module(module)
    for line in sys.stdin:
        print(json.dumps(_answer(**json.loads(line))), file=answers)
    return 0


def _answer(tests: list[str], options: list[str], limit_s: float, report: str) -> dict[str, Any]:
    path = Path(report)
    path.write_text("[]")
    pid = os.fork()
    if pid == 0:
        code = 3  # as pytest's for an error in itself
        try:
            code = _run(tests, options, path)
        finally:
            os._exit(code)
    status = _wait(pid, limit_s)
    with suppress(ProcessLookupError):  # what the tests have started and not ended
        os.killpg(pid, signal.SIGKILL)
    return {"code": status, "failures": json.loads(path.read_text())}


def _run(tests: list[str], options: list[str], report: Path) -> int:
    os.setsid()
    with report.with_suffix(".log").open("w") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.argv = ["pytest"]
    selection = Selection(tests)
    files = list(dict.fromkeys(test.partition("::")[0] for test in tests))
    code = pytest.main([*options, "-p", "no:cacheprovider", *files], [selection])
    report.write_text(json.dumps(selection.failures))
    return int(code)


def _wait(pid: int, limit_s: float) -> int | None:
    """Return the exit status, or None if the run had to be interrupted."""
    descriptor = os.pidfd_open(pid)
    is_late = False
    for limit, number in ((limit_s, signal.SIGINT), (INTERRUPT_S, signal.SIGKILL)):
        if select.select([descriptor], [], [], limit)[0]:
            break
        is_late = True
        os.kill(pid, number)
    os.close(descriptor)
    status = os.waitpid(pid, 0)[1]
    return None if is_late else os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main())
