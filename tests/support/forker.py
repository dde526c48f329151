"""Starts servers for tests quickly, by forking a process that has loaded Hemicycle.

Starting a server takes almost two seconds of processor time, nearly all of it for loading Python
modules. A forked process has loaded them and has done nothing else: it has no thread and no
connection to a database. It runs the same command from the beginning.

As a program, this module reads a line of JSON for each server from its standard input, with the
arguments of the command and the path of its log, and answers with the id of the process.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from tests.support.ports import free_port


class Forked:
    """A process that the forker made, with the methods of `subprocess.Popen` that a site needs."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        try:
            self._descriptor = os.pidfd_open(pid)
        except ProcessLookupError:  # it has ended already
            self._descriptor = -1

    def poll(self) -> int | None:
        """Return None while the process runs, and 0 after its end."""
        return 0 if self._has_ended(0) else None

    def wait(self, timeout: float) -> int:
        """Wait for the end of the process; raise `TimeoutExpired` after `timeout` seconds."""
        if not self._has_ended(timeout):
            raise subprocess.TimeoutExpired(str(self.pid), timeout)
        return 0

    def send_signal(self, number: signal.Signals) -> None:
        """Send the process a signal."""
        signal.pidfd_send_signal(self._descriptor, number)

    def _has_ended(self, within_s: float) -> bool:
        if self._descriptor != -1 and select.select([self._descriptor], [], [], within_s)[0]:
            os.close(self._descriptor)
            self._descriptor = -1
        return self._descriptor == -1


class Forker:
    """Forks servers that share one environment and one port, one server at a time."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.port = free_port()
        self._settings = _settings(environment)
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=Path(__file__).parents[2],
            env={**environment, "HEMICYCLE_BASE_URL": f"http://localhost:{self.port}/"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def suits(self, environment: Mapping[str, str]) -> bool:
        """Return whether the environment has the settings with which servers are forked."""
        return _settings(environment) == self._settings

    def start(self, arguments: list[str], log: Path) -> Forked:
        """Run a command of `hemicycle`, whose output is appended to the file `log`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps([arguments, str(log)]), file=self._process.stdin, flush=True)
        return Forked(int(self._process.stdout.readline()))

    def close(self) -> None:
        """End the forker, after all its servers have ended."""
        self._process.communicate(timeout=30)


def _settings(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith("HEMICYCLE_")}


def _next() -> list[str]:
    """Fork for each line of standard input.

    Return the arguments in each forked process. In the forker, this function does not return.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for forked processes to end
    for line in sys.stdin:
        assert threading.active_count() == 1, threading.enumerate()
        pid = os.fork()
        if pid == 0:
            arguments, log = json.loads(line)
            _take_over(log)
            return list(arguments)
        print(pid, flush=True)
    sys.exit()


def _take_over(log: str) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for descriptor, opened in (
        (0, os.open(os.devnull, os.O_RDONLY)),
        (1, os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)),
    ):
        os.dup2(opened, descriptor)
        os.close(opened)
    os.dup2(1, 2)


def main() -> int:
    """Load what a server needs, then fork a process for each request."""
    from hemicycle.site.processes.preloading import preload

    preload()
    arguments = _next()
    from hemicycle.site import cli

    return cli.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
