"""Starts servers for tests in a moment: a process that has loaded Hemicycle forks for each.

A server is ready after almost two seconds of processor time, nearly all of it for loading Python
modules. What is forked has loaded them, and has done nothing else: no thread, no connection to a
database. It runs the same command from its beginning.

Run as a program, this reads a line for each server from its standard input (JSON: the command's
arguments, and the file for what it says), and answers with the process id.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

PORTS = range(20_000, 32_000)
"""Below those that systems give to connections, so that the port stays free between two servers."""


class Forked:
    """A process that the forker made: the part of `subprocess.Popen` that a site needs."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        try:
            self._descriptor = os.pidfd_open(pid)
        except ProcessLookupError:  # it has ended already
            self._descriptor = -1

    def poll(self) -> int | None:
        """None while it lives."""
        return 0 if self._has_ended(0) else None

    def wait(self, timeout: float) -> int:
        """Wait for its end."""
        if not self._has_ended(timeout):
            raise subprocess.TimeoutExpired(str(self.pid), timeout)
        return 0

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        signal.pidfd_send_signal(self._descriptor, number)

    def _has_ended(self, within_s: float) -> bool:
        if self._descriptor != -1 and select.select([self._descriptor], [], [], within_s)[0]:
            os.close(self._descriptor)
            self._descriptor = -1
        return self._descriptor == -1


class Forker:
    """Forks servers that have one environment, all on the same port, one at a time."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.port = _free_port()
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
        """Whether a server of that environment can be forked: the settings are the same."""
        return _settings(environment) == self._settings

    def start(self, arguments: list[str], log: Path) -> Forked:
        """Run a command of `hemicycle`; what it says is added to a file."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps([arguments, str(log)]), file=self._process.stdin, flush=True)
        return Forked(int(self._process.stdout.readline()))

    def close(self) -> None:
        """End it; there must be no servers by now."""
        self._process.communicate(timeout=30)


def _settings(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith("HEMICYCLE_")}


def _free_port() -> int:
    while True:
        port = random.choice(PORTS)
        with socket.socket() as tried:
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


def _next() -> list[str]:
    """Fork for each line; returns the arguments in what was forked, and never in the forker."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that end
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
    """Load what a server needs, then wait for somebody to ask for one."""
    from hemicycle.site.processes.preloading import preload

    preload()
    arguments = _next()
    from hemicycle.site import cli

    return cli.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
