"""The instructions of docs/backup.md for PostgreSQL's own tools: no confirmed commit is lost."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.site.own_postgresql import OwnPostgresql, own_postgresql

PAGE = Path(__file__).parents[3] / "docs/backup.md"
pytestmark = [
    pytest.mark.any_database,
    pytest.mark.slow,
    pytest.mark.test_all("deployment"),
]


def commands() -> list[str]:
    """Return the commands in the page's section, as they are written there."""
    section = (
        PAGE.read_text("utf-8").partition("### PostgreSQL, continuously")[2].partition("\n## ")[0]
    )
    return [
        line
        for block in re.findall(r"```\n(.*?)```", section, re.DOTALL)
        for line in block.splitlines()
    ]


@pytest.fixture
def server() -> Iterator[OwnPostgresql]:
    with own_postgresql() as found:
        yield found


def test_the_page_s_commands_lose_nothing_that_was_confirmed(server: OwnPostgresql) -> None:
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
