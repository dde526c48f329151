"""The database goes away and comes back: visitors read a sentence, and processes go on.

PgBouncer is the door: while it is stopped, nobody reaches the server behind it. It may also stand
still, like a server whose storage hangs, or vanish with its machine. Listeners connect past it, so
connections that the server itself ends are tested separately.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen
from uuid import uuid4

import pytest
from django.db import connection, connections
from django_tasks_db.models import DBTaskResult

from hemicycle.before.registration import housekeeping
from hemicycle.procedure.state import EMPTY
from hemicycle.record import direct_connection, floor, notify
from tests.support import database
from tests.support.site import Site
from tests.support.worker import Worker
from tools.cluster.pooler import Pooler

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
needs_pgbouncer = pytest.mark.skipif(
    shutil.which("pgbouncer") is None, reason="needs Debian's pgbouncer"
)


@pytest.fixture(autouse=True)
def _on_postgresql() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite is a file, and never away")


HERE, THERE = "10.68.0.1", "10.68.0.2"
"""This machine and the other one, in their own network."""
PAGE_S = 20.0
"""How many seconds a page may take on a busy machine, where the handbook says 10 s."""


@pytest.fixture
def door() -> Iterator[Pooler]:
    """A pooler in front of the test's server."""
    started = open_door()
    yield started
    started.stop()


def open_door(at: str | None = None, inside: Sequence[str] = ()) -> Pooler:
    own = direct_connection.parameters()
    port = int(own.get("port") or 5432)
    return database.pooler_before(own["host"], port, own["user"], at=at, inside=inside)


def through(door: Pooler) -> dict[str, str]:
    """Return the settings of a process that connects through the door and listens beside it."""
    own, name = direct_connection.parameters(), connection.settings_dict["NAME"]
    return {
        "HEMICYCLE_DATABASE_URL": (
            f"postgresql://{own['user']}@/{name}?host={door.host}&port={door.port}"
        ),
        "HEMICYCLE_DATABASE_DIRECT_URL": (
            f"postgresql://?host={own['host']}&port={own.get('port') or 5432}"
        ),
    }


def status(url: str) -> tuple[int, str]:
    try:
        with urlopen(url, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def wait_until(look: Callable[[], bool], within_s: float) -> None:
    limit = time.monotonic() + within_s
    while not look():
        assert time.monotonic() < limit, f"not in {within_s} s"
        time.sleep(0.1)


@needs_pgbouncer
def test_a_visitor_reads_a_sentence_and_later_the_page(tmp_path: Path, door: Pooler) -> None:
    given = through(door)
    site = Site(tmp_path, given["HEMICYCLE_DATABASE_URL"], more=given)
    try:
        site.start()
        assert status(f"{site.url}/")[0] == 200
        door.stop()
        code, page = status(f"{site.url}/")
        assert (code, "The database is not responding." in page) == (503, True)
        door.start()
        wait_until(lambda: status(f"{site.url}/")[0] == 200, 10)
    finally:
        site.stop()
    site.check_log()


@needs_pgbouncer
def test_a_server_that_stands_still_keeps_nobody_waiting(tmp_path: Path, door: Pooler) -> None:
    """Its kernel acknowledges what it gets, and takes new connections: only answers are missing."""
    given = through(door)
    site = Site(tmp_path, given["HEMICYCLE_DATABASE_URL"], more=given)
    try:
        site.start()
        assert status(f"{site.url}/")[0] == 200
        door.program.pause()
        sees_a_sentence_in_time(site)
        door.program.go_on()
        wait_until(lambda: status(f"{site.url}/")[0] == 200, 10)
    finally:
        door.program.go_on()
        site.stop()
    site.check_log()


@needs_pgbouncer
@pytest.mark.alone
@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("ip") is None, reason="makes a network: needs root and ip"
)
def test_a_server_that_vanishes_without_a_word_keeps_nobody_waiting(tmp_path: Path) -> None:
    with another_machine() as (cable, inside):
        door = open_door(at=THERE, inside=inside)
        given = through(door)
        site = Site(tmp_path, given["HEMICYCLE_DATABASE_URL"], more=given)
        try:
            site.start()
            assert status(f"{site.url}/")[0] == 200
            subprocess.run(["ip", "link", "set", cable, "down"], check=True)
            sees_a_sentence_in_time(site)
            subprocess.run(["ip", "link", "set", cable, "up"], check=True)
            wait_until(lambda: status(f"{site.url}/")[0] == 200, 15)
        finally:
            site.stop()
            door.stop()
    site.check_log()


def sees_a_sentence_in_time(site: Site) -> None:
    """Check that more visitors than there are threads read the sentence in time."""
    begun = time.monotonic()
    with ThreadPoolExecutor(30) as visitors:
        answers = [visitors.submit(waited, site) for _ in range(30)]
        found = [one.result() for one in answers]
    assert {(code, is_said) for code, is_said, _ in found} == {(503, True)}
    assert max(at for *_, at in found) - begun < PAGE_S, sorted(at - begun for *_, at in found)


def waited(site: Site) -> tuple[int, bool, float]:
    code, page = status(f"{site.url}/")
    return code, "The database is not responding." in page, time.monotonic()


@contextmanager
def another_machine() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Create a network namespace; yield its cable on this machine and the command to enter it."""
    name = f"hcd{os.getpid()}"
    peer = ("type", "veth", "peer", "name", "eth0", "netns", name)
    inside = ("ip", "netns", "exec", name)
    try:
        for command in (
            ("ip", "netns", "add", name),
            ("ip", "link", "add", name, *peer),
            ("ip", "address", "add", f"{HERE}/24", "dev", name),
            ("ip", "link", "set", name, "up"),
            (*inside, "ip", "address", "add", f"{THERE}/24", "dev", "eth0"),
            (*inside, "ip", "link", "set", "eth0", "up"),
        ):
            subprocess.run(command, check=True, capture_output=True)
        yield name, inside
    finally:
        subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


@needs_pgbouncer
def test_the_worker_goes_on_when_the_database_is_back(tmp_path: Path, door: Pooler) -> None:
    given = through(door)
    worker = Worker(tmp_path, given["HEMICYCLE_DATABASE_URL"], **given)
    done = DBTaskResult.objects.filter(task_path=housekeeping.keep_house.module_path)
    try:
        worker.start()
        wait_until(lambda: done.exclude(finished_at=None).count() == 1, 60)
        door.stop()
        time.sleep(13)  # longer than the pool waits
        door.start()
        housekeeping.keep_house.enqueue()
        wait_until(lambda: done.exclude(finished_at=None).count() == 2, 30)
        assert "tasks wait for the database" in worker.log.read_text()
    finally:
        worker.stop()


def test_connections_that_the_server_ended_are_not_given_out() -> None:
    pool = connections["default"].pool  # type: ignore[attr-defined] # PostgreSQL's has one
    if "check" not in connection.settings_dict["OPTIONS"]["pool"]:
        pytest.fail("the pool does not look at its connections")
    taken = [pool.getconn() for _ in range(4)]
    numbers = [one.info.backend_pid for one in taken]
    for one in taken:
        pool.putconn(one)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM unnest(%s) AS pid WHERE pid != pg_backend_pid()",
            [numbers],
        )
    time.sleep(0.2)
    begun = time.monotonic()
    for _ in range(4):
        with pool.connection() as one:
            assert one.execute("SELECT 1").fetchone() == (1,)
    assert time.monotonic() - begun < 2


def test_floors_are_folded_again_after_a_break() -> None:
    """After a server without a standby has died, its successor may lack an entry."""
    meeting = uuid4()
    floor._keep(meeting, EMPTY)
    assert meeting in floor._folded
    notify.lost.send()
    assert meeting not in floor._folded
