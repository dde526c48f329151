"""The real process reads a real IMAP server (pymap): each message once, through every restart."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from imap_tools import MailBoxUnencrypted

from hemicycle.mail.incoming.models import Mail, Mailbox
from tests.mail.incoming.conftest import Post, wait_for
from tests.mail.incoming.letters import letter, with_file
from tests.mail.incoming.receiving.test_listener import coming, of
from tests.support.lists import World
from tests.support.ports import free_port

pytestmark = pytest.mark.real_time

__all__ = ["coming"]

USER, PASSWORD = "hearing", "secret"

PYMAP = "import gc; gc.disable(); from pymap.main import main; main()"
"""pymap without the cyclic garbage collector.

proxyprotocol, which accepts its connections, keeps no reference to the task of a connection. So
the collector may end a task that waits for the next command, and with it the connection.
"""


class Server:
    """pymap with one mailbox in memory; it forgets everything when it is stopped."""

    def __init__(self) -> None:
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        own = ("--host", "127.0.0.1", "--port", str(self.port), "--no-tls")
        without = ("--no-service", "managesieve", "--no-service", "admin")
        people = ("dict", "--demo-data", "--demo-user", USER, "--demo-password", PASSWORD)
        self._process = subprocess.Popen(
            [sys.executable, "-c", PYMAP, *own, *without, *people],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for(self._answers)

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)

    def open(self) -> MailBoxUnencrypted:
        opened = MailBoxUnencrypted("127.0.0.1", self.port, timeout=20)
        opened.login(USER, PASSWORD, "INBOX")
        return opened

    def put(self, *messages: object) -> None:
        with self.open() as box:
            for message in messages:
                box.append(bytes(message), "INBOX", dt=datetime.now(UTC))  # type: ignore[call-overload]

    @property
    def url(self) -> str:
        return f"imap://{USER}:{PASSWORD}@127.0.0.1:{self.port}/INBOX"


@pytest.fixture
def server() -> Iterator[Server]:
    started = Server()
    started.start()
    yield started
    started.stop()


def ours() -> list[Mail]:
    rows = Mail.objects.filter(from_address="ana@relief.example.org").exclude(state="stored")
    return list(rows.order_by("received_at"))


def test_each_message_comes_once_and_the_mailbox_is_read_again_after_it_drops(
    coming: World, server: Server, make_post: Callable[..., Post]
) -> None:
    of(coming, coming.ngo("Relief", 0), "ana@relief.example.org")
    server.put(with_file(letter(subject="One", message_id="<1@relief.example.org>")))
    post = make_post(HEMICYCLE_MAILROOM_IMAP=server.url, HEMICYCLE_MAILROOM_IMAP_EVERY="1")
    (first,) = wait_for(ours)
    assert (first.source, first.purpose, first.state) == ("imap", "statements", "done")
    with server.open() as box:
        seen = {
            message.subject: "\\Seen" in message.flags for message in box.fetch(mark_seen=False)
        }
    assert seen["One"]
    post.kill()
    server.put(letter(subject="Two", message_id="<2@relief.example.org>"))
    post.start()
    two = wait_for(lambda: rows if len(rows := ours()) == 2 else [])
    assert [mail.subject for mail in two] == ["One", "Two"]
    server.stop()
    assert wait_for(lambda: Mailbox.objects.get().trouble)
    server.start()  # a new mailbox at the same address: its UIDs start again
    server.put(
        with_file(letter(subject="One", message_id="<1@relief.example.org>")),
        letter(subject="Three", message_id="<3@relief.example.org>"),
    )
    wait_for(lambda: any(mail.subject == "Three" for mail in ours()), 90)
    time.sleep(1.5)  # a second round finds nothing new
    states = sorted((mail.subject, mail.state) for mail in ours())
    assert states[0] in {("One", "aside"), ("One", "done")}
    assert [subject for subject, _state in states].count("Three") == 1
    assert [subject for subject, _state in states].count("Two") == 1
    done = [mail for mail in ours() if mail.subject == "One" and mail.state == "done"]
    assert len(done) == 1


class Dropping:
    """A proxy that cuts each connection after a given number of bytes."""

    def __init__(self, to: int, after: list[int]) -> None:
        self.to, self.after, self.cut = to, after, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        _beside(self._accept)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _address = self.listener.accept()
                server = socket.create_connection(("127.0.0.1", self.to))
                most = self.after.pop(0) if self.after else 2**40
                threading.Thread(
                    target=self._back, args=(server, client, most), daemon=True
                ).start()
                threading.Thread(target=self._pass_on, args=(client, server), daemon=True).start()

    @staticmethod
    def _pass_on(client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65_536):
                server.sendall(data)

    def _back(self, server: socket.socket, client: socket.socket, most: int) -> None:
        with suppress(OSError):
            while most > 0 and (data := server.recv(min(65_536, most))):
                client.sendall(data)
                most -= len(data)
        self.cut += most <= 0
        for end in (client, server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


def _beside(work: Callable[..., None], *about: object) -> None:
    threading.Thread(target=work, args=about, daemon=True).start()


@pytest.mark.any_database
def test_a_server_that_drops_in_the_middle_of_a_word_costs_no_message_and_doubles_none(
    coming: World, server: Server, make_post: Callable[..., Post]
) -> None:
    """The connection is cut in the greeting and twice within messages; each is still read once."""
    of(coming, coming.ngo("Relief", 0), "ana@relief.example.org")
    server.put(
        *(with_file(letter(subject=f"No. {n}", message_id=f"<{n}@x.example>")) for n in range(3))
    )
    way = Dropping(server.port, [10, 40_000, 60_000])
    url = server.url.replace(str(server.port), str(way.port))
    make_post(HEMICYCLE_MAILROOM_IMAP=url, HEMICYCLE_MAILROOM_IMAP_EVERY="1")
    found = wait_for(lambda: rows if len(rows := ours()) >= 3 else [], 90)
    wait_for(lambda: Mailbox.objects.get().trouble == "")
    time.sleep(1.5)  # another round finds nothing new
    assert sorted(mail.subject for mail in ours()) == ["No. 0", "No. 1", "No. 2"]
    assert (way.cut, len(found)) == (3, 3)
    whole = len(bytes(with_file(letter(subject="No. 0", message_id="<0@x.example>"))))
    assert all(abs(mail.size - whole) < whole / 10 for mail in ours())


@pytest.mark.test_all("deployment")
def test_two_machines_read_a_mailbox_in_turn(
    coming: World, server: Server, make_post: Callable[..., Post]
) -> None:
    """A copy of a message without an id cannot be recognized, so only one process may fetch it."""
    of(coming, coming.ngo("Relief", 0), "ana@relief.example.org")
    given = {"HEMICYCLE_MAILROOM_IMAP": server.url, "HEMICYCLE_MAILROOM_IMAP_EVERY": "1"}
    for _machine in range(2):
        make_post(**given)
    for number in range(20):
        message = letter(subject=f"Letter {number}")
        del message["Message-ID"]
        server.put(message)
    # pymap's mailbox has other messages from the start.
    letters = Mail.objects.filter(from_address="ana@relief.example.org")
    wait_for(lambda: letters.count() >= 20, 90)
    time.sleep(3)  # both processes have looked again
    subjects = sorted(letters.values_list("subject", flat=True))
    assert subjects == sorted(f"Letter {number}" for number in range(20))
