"""`hemicycle restart` on a whole site: requests in progress are finished, and streams reconnect."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import smtplib
import subprocess
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Self

import pytest
from django.conf import settings
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Origin

from hemicycle.record import feed
from hemicycle.site.processes import restarting
from tests.support import database
from tests.support.feed import Listener
from tests.support.floor import ENGINE, FloorSite
from tests.support.ports import free_port
from tests.support.site import COMMAND, site_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from websockets.sync.client import ClientConnection

    from tests.support.lists import World

pytestmark = [
    pytest.mark.test_all("upgrades"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.real_time,
]
EVERY_S = 0.05


@pytest.fixture
def up(world: World, tmp_path: Path) -> Iterator[FloorSite]:
    """A whole site on the test's database."""
    url = database.url_of(str(settings.DATABASES["default"]["NAME"]))
    more = {"HEMICYCLE_MAILROOM_SMTP": f"127.0.0.1:{free_port()}"}
    site = FloorSite(tmp_path, url, engine=ENGINE | more)
    try:
        site.start()
        yield site
    finally:
        site.stop()
    site.check_log()


class Visitors:
    """Visitors who request a page all the time, on a kept and on a new connection in turn."""

    def __init__(self, site: FloorSite) -> None:
        self._site = site
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask_on)
        self.answered, self.failed = 0, list[str]()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _ask_on(self) -> None:
        kept = http.client.HTTPConnection("localhost", self._site.port, timeout=30)
        while not self._stop.wait(EVERY_S):
            new = http.client.HTTPConnection("localhost", self._site.port, timeout=30)
            self._ask(kept)
            self._ask(new)
            new.close()
        kept.close()

    def _ask(self, connection: http.client.HTTPConnection) -> None:
        try:
            connection.request("GET", "/")
            answer = connection.getresponse()
            answer.read()
            if answer.status >= 500:
                self.failed.append(str(answer.status))
        except (OSError, http.client.HTTPException) as error:
            self.failed.append(repr(error))
            connection.close()
        self.answered += 1


def upload(site: FloorSite, begun: threading.Event, answers: list[int]) -> None:
    """Send a form so slowly that the restart falls in the middle of it."""
    body = b"email=" + b"a" * 40
    connection = http.client.HTTPConnection("localhost", site.port, timeout=60)
    connection.putrequest("POST", "/sign-in/")
    connection.putheader("Content-Type", "application/x-www-form-urlencoded")
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders()
    for number in range(len(body)):
        connection.send(body[number : number + 1])
        begun.set()
        time.sleep(0.2)
    answers.append(connection.getresponse().status)
    connection.close()


def end_of(socket: ClientConnection) -> int:
    """Read a socket until it is closed, and return the close code."""
    with suppress(ConnectionClosed):
        while True:
            socket.recv(timeout=60)
    return socket.close_code or 0


def test_no_request_fails_and_streams_are_told_to_come_back(up: FloorSite, world: World) -> None:
    world.ngo("Open Doors", 0)
    address = feed.address(world.hearing.id, feed.ENTRIES)
    listener = Listener(f"{up.url}{address}", wait_s=120)
    seen = [listener.next().id for _ in range(3)]
    socket = connect(f"ws{up.url.removeprefix('http')}{address}", origin=Origin(up.url))
    begun, answers = threading.Event(), list[int]()
    slow = threading.Thread(target=upload, args=(up, begun, answers))
    slow.start()
    assert begun.wait(10)
    with Visitors(up) as visitors:
        told = json.loads(up.run("restart", "web", "--json"))
        slow.join()
    assert told["done"] is True
    assert visitors.failed == []
    assert visitors.answered > 10
    assert answers == [403]  # from the form's check: the application has read the whole form

    lines = listener.response.read().decode().split("\n\n")
    assert next(line for line in lines if "event: restart" in line).startswith("retry: ")
    with socket:
        assert end_of(socket) == 1012

    world.ngo("Clear Water", 1)
    again = Listener(f"{up.url}{address}", last_event_id=seen[-1])
    assert again.next().id == seen[-1] + 1
    again.close()


@pytest.mark.any_database
def test_mail_under_way_is_taken(up: FloorSite) -> None:
    until(lambda: b"mail by SMTP" in up.log.read_bytes())
    found = re.search(rb"mail by SMTP at 127.0.0.1 port (\d+)", up.log.read_bytes())
    assert found
    with smtplib.SMTP("127.0.0.1", int(found[1]), timeout=60) as peer:
        assert peer.helo("sender.example")[0] == 250
        up.run("restart", "mail")
        assert peer.noop()[0] == 250
        assert peer.mail("somebody@sender.example")[0] == 250
        with smtplib.SMTP("127.0.0.1", int(found[1]), timeout=60) as other:
            assert other.noop()[0] == 250  # the successor answers


@pytest.mark.any_database
def test_the_socket_belongs_to_its_user_alone(up: FloorSite) -> None:
    path = up.data_dir / restarting.FILE
    assert path.is_socket()
    assert path.stat().st_mode & 0o077 == 0
    up.stop()
    assert not path.exists()


@contextmanager
def mail_unit(folder: Path, port: int) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """Run the command of `hemicycle-mail.service`; yield its process and its log."""
    url = database.url_of(str(settings.DATABASES["default"]["NAME"]))
    more = {"HEMICYCLE_MAILROOM_SMTP": f"127.0.0.1:{port}", "HEMICYCLE_MAILROOM_LMTP": "none"}
    log = folder / "mail.log"
    with log.open("wb") as written:
        process = subprocess.Popen(
            [*COMMAND, "mail", "--reloadable"],
            env=site_environment(url, os.environ) | more,
            stdout=written,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process, log
    finally:
        process.terminate()
        process.wait(30)


@pytest.mark.any_database
def test_mail_alone_is_replaced_on_a_hangup(tmp_path: Path) -> None:
    port = free_port()
    with mail_unit(tmp_path, port) as (unit, log):
        until(lambda: log.read_bytes().count(b"mail by SMTP") == 1)
        with smtplib.SMTP("127.0.0.1", port, timeout=60) as peer:
            assert peer.helo("sender.example")[0] == 250
            unit.send_signal(signal.SIGHUP)
            until(lambda: log.read_bytes().count(b"mail by SMTP") == 2)
            assert peer.mail("somebody@sender.example")[0] == 250
            with smtplib.SMTP("127.0.0.1", port, timeout=60) as other:
                assert other.noop()[0] == 250  # the successor answers
    assert b"Traceback" not in log.read_bytes()


def until(look: Callable[[], bool]) -> None:
    limit = time.monotonic() + 60
    while not look():
        assert time.monotonic() < limit, "it did not happen within a minute"
        time.sleep(0.05)
