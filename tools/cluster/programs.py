"""Processes of a cluster, which can be started, killed and stopped, each with its own log."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

START_S = 60.0
STOP_S = 20.0


class Missing(Exception):
    """A program is not installed; the message says which package of Debian has it."""


def find(name: str, package: str) -> str:
    """Return the path of a program. Raises `Missing` if it is not installed."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        raise Missing(f"{name} is not installed: apt install {package}")
    return found


def wait_for[T](what: str, look: Callable[[], T | None], within_s: float = START_S) -> T:
    """Call `look` until its result is true, and return that. Raises TimeoutError."""
    limit = time.monotonic() + within_s
    while time.monotonic() < limit:
        if found := look():
            return found
        time.sleep(0.05)
    raise TimeoutError(f"no sign of {what} in {within_s:g} s")


class Program:
    """One process and its children, in their own process group."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        *,
        environment: Mapping[str, str] | None = None,
        user: str | None = None,
        inside: Sequence[str] = (),
    ) -> None:
        """Prepare a process.

        It runs as `user` if this process has the right to change users. The words `inside` come
        before the command and enter a namespace.
        """
        self.name = name
        self.log = log
        self._command = [*inside, *command]
        self._environment = dict(os.environ if environment is None else environment)
        self._user = user if os.geteuid() == 0 and not inside else None
        if user is not None and inside and os.geteuid() == 0:
            as_user = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"]
            self._command = [*inside, *as_user, *command]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The id of the process, which is also that of its group."""
        assert self._process is not None, f"{self.name} has not been started"
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the process; its output is written to its log."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=self._user,
                group=self._user,
                extra_groups=[] if self._user else None,
            )

    def kill(self) -> None:
        """Kill the process and its children at once, like a power cut."""
        self._signal(signal.SIGKILL)

    def pause(self) -> None:
        """Suspend the process and its children, like a machine that hangs."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Resume the process and its children."""
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        """Ask the process to end; kill it, and its children, if it does not end in time."""
        if self._process is None:
            return
        self.go_on()
        if self.runs:
            self._process.terminate()
            try:
                self._process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self.kill()
        self._signal(signal.SIGKILL)  # children that still run

    def told(self) -> str:
        """Return the output of the process so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return
        if number is signal.SIGKILL:
            self._process.wait(STOP_S)
