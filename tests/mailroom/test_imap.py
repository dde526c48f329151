"""A real IMAP server (pymap) read by the real process: each message once, through every restart."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from imap_tools import MailBoxUnencrypted

from hemicycle.mailroom.models import Mail, Mailbox
from tests.mailroom.conftest import Post, wait_for
from tests.mailroom.letters import letter, with_file
from tests.mailroom.test_listener import coming, of
from tests.support.lists import World

__all__ = ["coming"]

USER, PASSWORD = "hearing", "secret"


class Server:
    """pymap with one mailbox in memory; it forgets everything when it is stopped."""

    def __init__(self) -> None:
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            self.port = free.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        own = ("--host", "127.0.0.1", "--port", str(self.port), "--no-tls")
        without = ("--no-service", "managesieve", "--no-service", "admin")
        people = ("dict", "--demo-data", "--demo-user", USER, "--demo-password", PASSWORD)
        self._process = subprocess.Popen(
            [str(Path(sys.executable).with_name("pymap")), *own, *without, *people],
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
            for each in messages:
                box.append(bytes(each), "INBOX", dt=datetime.now(UTC))  # type: ignore[call-overload]

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
        seen = {each.subject: "\\Seen" in each.flags for each in box.fetch(mark_seen=False)}
    assert seen["One"]
    post.kill()
    server.put(letter(subject="Two", message_id="<2@relief.example.org>"))
    post.start()
    two = wait_for(lambda: rows if len(rows := ours()) == 2 else [])
    assert [each.subject for each in two] == ["One", "Two"]
    server.stop()
    assert wait_for(lambda: Mailbox.objects.get().trouble)
    server.start()  # another mailbox with the same address: its UIDs count anew
    server.put(
        with_file(letter(subject="One", message_id="<1@relief.example.org>")),
        letter(subject="Three", message_id="<3@relief.example.org>"),
    )
    wait_for(lambda: any(each.subject == "Three" for each in ours()), 90)
    time.sleep(1.5)  # a second round finds nothing new
    states = sorted((each.subject, each.state) for each in ours())
    assert states[0] in {("One", "aside"), ("One", "done")}
    assert [subject for subject, _state in states].count("Three") == 1
    assert [subject for subject, _state in states].count("Two") == 1
    done = [each for each in ours() if each.subject == "One" and each.state == "done"]
    assert len(done) == 1
