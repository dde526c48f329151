"""A real server for tests: the command `hemicycle web`, in a separate process."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.request import urlopen

from tests.support.forker import Forked, Forker

STOP_S = 15.0
COMMAND = (sys.executable, "-m", "hemicycle.site.cli")
NO_ENGINE = {"HEMICYCLE_MEDIA_URL": "http://127.0.0.1:9"}
"""An address without a media engine; at the default address, another one may answer."""
STATIC = {"HEMICYCLE_STATIC_DIR": str(Path(__file__).parents[2] / ".pytest_cache" / "static")}
"""The folder of static files for the sites of all test runs.

Hashing and compressing the files takes seconds of processor time. A site collects them again when a
source has changed.
"""


def site_environment(database_url: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for a test's site on a database."""
    return {
        **environment,
        **STATIC,
        "HEMICYCLE_DATABASE_URL": database_url,
        "HEMICYCLE_DEBUG": "0",
        "PYTHONUNBUFFERED": "1",
    }


class Site:
    """A running site on the test's own database. It may be killed and started again."""

    command = "web"
    options: Sequence[str] = ()
    start_s = 60.0

    def __init__(
        self,
        folder: Path,
        database_url: str,
        workers: int = 1,
        *,
        more: Mapping[str, str] | None = None,
        forker: Forker | None = None,
    ) -> None:
        """Prepare a site, which `forker` starts quickly if its settings are the same."""
        self.data_dir = Path(os.environ["HEMICYCLE_DATA_DIR"])
        self.log = folder / "site.log"
        self.port = 0
        self.workers = workers
        self.failures_expected = False
        engine = NO_ENGINE if self.command == "web" else {}
        self._environment = engine | site_environment(database_url, os.environ) | dict(more or {})
        self._forker = forker if forker and forker.suits(self._environment) else None
        self._process: subprocess.Popen[bytes] | Forked | None = None

    @property
    def url(self) -> str:
        """The site's address, without a slash at the end."""
        return f"http://localhost:{self.port}"

    def start(self) -> None:
        """Start the site on its previous port, or at first on a free one; wait for an answer."""
        begun = self.log.stat().st_size if self.log.exists() else 0
        self._process = self._spawn()
        self.port = self._wait_for_port(begun)
        self._wait_for_answer()

    def kill(self) -> None:
        """Kill the site at once, without a chance to clean up."""
        self._end(signal.SIGKILL)

    @property
    def pid(self) -> int:
        """The id of the process that serves."""
        assert self._process is not None, "the site has not been started"
        return self._process.pid

    def stop(self) -> None:
        """Ask the site to end, and wait until it has."""
        self._end(signal.SIGTERM)

    def restart(self) -> None:
        """Stop the site, and start it again on the same port."""
        self.stop()
        self.start()

    def run(self, *arguments: str) -> str:
        """Run a `hemicycle` command on the same data; return its output."""
        done = subprocess.run(
            [*COMMAND, *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{arguments}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def check_log(self) -> None:
        """Fail if the server has logged an exception, unless the test expects failures."""
        if not self.failures_expected:
            text = self.log.read_text()
            assert "Traceback" not in text, text

    def _spawn(self) -> subprocess.Popen[bytes] | Forked:
        port = self._forker.port if self._forker else self.port
        arguments = [self.command, *self.options, "--port", str(port)]
        arguments += ["--workers", str(self.workers)]
        if self._forker:
            self.log.touch()  # the log is read before the server has begun to write
            return self._forker.start(arguments, self.log)
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [*COMMAND, *arguments],
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def _wait_for_port(self, begun: int) -> int:
        return self._wait_for("its address", lambda: self._told_port(begun))

    def _wait_for_answer(self) -> None:
        self._wait_for("an answer", self._answers)

    def _told_port(self, begun: int) -> int | None:
        said = self.log.read_bytes()[begun:].decode()
        found = re.search(r"Hemicycle is at http://\S+:(\d+)/", said)
        return int(found[1]) if found else None

    def _answers(self) -> bool:
        try:
            with urlopen(f"{self.url}/time", timeout=1):
                return True
        except OSError:
            return False

    def _wait_for[T](self, what: str, look: Callable[[], T | None]) -> T:
        limit = time.monotonic() + self.start_s
        while time.monotonic() < limit:
            if found := look():
                return found
            assert self._process is not None
            assert self._process.poll() is None, f"the site ended:\n{self.log.read_text()}"
            time.sleep(0.05)
        raise AssertionError(f"no sign of {what} in {self.start_s} s:\n{self.log.read_text()}")

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(STOP_S)
