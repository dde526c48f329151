"""Processes of a cluster: started, killed and stopped, each with a log of its own."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

START_S = 60.0
STOP_S = 20.0


class Missing(Exception):
    """A program that is not installed; `str()` says which package of Debian has it."""


def find(name: str, package: str) -> str:
    """Return the path of a program. Raises `Missing`."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        raise Missing(f"{name} is not installed: apt install {package}")
    return found


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listens on at an address of this machine."""
    with socket.socket() as listener:
        listener.bind((host, 0))
        return int(listener.getsockname()[1])


def wait_for[T](what: str, look: Callable[[], T | None], within_s: float = START_S) -> T:
    """Return what `look` returns once it is true. Raises TimeoutError."""
    limit = time.monotonic() + within_s
    while time.monotonic() < limit:
        if found := look():
            return found
        time.sleep(0.05)
    raise TimeoutError(f"no sign of {what} in {within_s:g} s")


class Program:
    """One process and its children, in a group of their own."""

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
        """`user` runs it, where this process may choose; `inside` is what enters its namespace."""
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
        """The id of the process, which leads its group."""
        assert self._process is not None, f"{self.name} has not been started"
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it; what it prints goes to its log."""
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
        """End it and its children at once, as a power cut does."""
        self._signal(signal.SIGKILL)

    def pause(self) -> None:
        """Let it and its children stand still, as a machine that hangs does."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it and its children run again."""
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        """Ask it to end; kill what has not ended in time."""
        if self._process is None:
            return
        self.go_on()
        if self.runs:
            self._process.terminate()
            try:
                self._process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self.kill()
        self._signal(signal.SIGKILL)  # children that it left

    def told(self) -> str:
        """What it has printed."""
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
