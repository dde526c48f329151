"""Checks of incoming mail: the virus scanner, STARTTLS, and invalid settings."""

from __future__ import annotations

import base64
import smtplib
import socketserver
import ssl
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hemicycle.mail.incoming import processing
from hemicycle.mail.incoming.checks import clamav
from hemicycle.mail.incoming.config import Config, clamd_at, current, listening, mailboxes
from tests.mail.incoming.arriving import arrived, known_as, stored
from tests.mail.incoming.conftest import Post
from tests.mail.incoming.letters import letter, with_file
from tests.support import certificate
from tests.support.lists import World
from tests.support.threaded import in_thread

ANA = "ana@relief.example.org"


class Clamd(socketserver.StreamRequestHandler):
    """A server of clamd's INSTREAM command, with one signature."""

    def handle(self) -> None:
        assert self.rfile.read(10) == b"zINSTREAM\0"
        content = b""
        while size := struct.unpack("!L", self.rfile.read(4))[0]:
            content += self.rfile.read(size)
        found = b"Test.Signature FOUND" if b"a most evil thing" in content else b"OK"
        self.wfile.write(b"stream: " + found + b"\0")


@pytest.fixture
def clamd() -> Iterator[str]:
    with in_thread(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Clamd)) as server:
        yield f"127.0.0.1:{server.server_address[1]}"


def test_what_the_scanner_finds_waits_and_is_given_to_nobody(
    world: World, settings: Any, clamd: str
) -> None:
    known_as(world.ngo("Relief", 0), ANA)
    settings.MAILROOM = {**settings.MAILROOM, "clamd": clamd}
    message = letter()
    message.add_attachment(b"a most evil thing", maintype="text", subtype="plain", filename="x.txt")
    # The scanner gets the message as stored, since clamd takes it apart itself.
    raw = bytes(message).replace(base64.b64encode(b"a most evil thing"), b"a most evil thing")
    mail = arrived(raw, "statements@hearing.example")
    assert (mail.state, mail.why) == ("waiting", "virus")
    file = world.client().get(f"/office/{world.hearing.slug}/mail/{mail.pk}/file/1/")
    assert file.status_code == 404
    good = arrived(with_file(letter()))
    assert (good.state, good.why) == ("done", "taken")


def test_a_scanner_that_is_away_holds_mail_back_and_then_a_person_sees_it(
    world: World, settings: Any
) -> None:
    known_as(world.ngo("Relief", 0), ANA)
    settings.MAILROOM = {**settings.MAILROOM, "clamd": "/nowhere/clamd.ctl"}
    with pytest.raises(clamav.ScannerUnavailable):
        clamav.scan(b"x", "/nowhere/clamd.ctl")
    (row,) = stored(with_file(letter()))
    states = []
    for _ in range(processing.MOST_ATTEMPTS):
        processing.process(row.pk)
        row.refresh_from_db()
        states.append((row.state, row.why))
    assert states == [("stored", ""), ("stored", ""), ("waiting", "unscanned")]


def test_starttls(make_post: Callable[..., Post], tmp_path: Path) -> None:
    file = certificate.make(tmp_path)
    post = make_post(HEMICYCLE_MAILROOM_CERTIFICATE=str(file))
    with smtplib.SMTP("localhost", post.ports["SMTP"], timeout=30) as client:
        client.ehlo()
        assert client.has_extn("starttls")
        assert client.starttls(context=ssl.create_default_context(cafile=str(file)))[0] == 220
        client.ehlo()
        assert client.mail(ANA)[0] == 250
        assert client.rcpt("nobody@hearing.example")[0] == 550


@pytest.mark.parametrize(
    ("parse", "raw"),
    [
        (listening, "8025"),
        (listening, "127.0.0.1:x"),
        (listening, "127.0.0.1:70000"),
        (mailboxes, "pop3://a:b@hearing.example/"),
        (mailboxes, "imap://a:b@hearing.example/INBOX"),
        (mailboxes, "imaps://hearing.example/INBOX"),
    ],
)
def test_settings_that_cannot_be_right(parse: Callable[[str], object], raw: str) -> None:
    with pytest.raises(ValueError, match=r"must (be|look)"):
        parse(raw)


def test_settings_that_are_right() -> None:
    assert (listening("none"), listening("[::1]:25")) == (None, ("::1", 25))
    (box,) = mailboxes("imaps://a%40b:p%2Fq@hearing.example/Statements?hearing=one")
    assert (box.user, box.password, box.port, box.folder, box.hearing) == (
        *("a@b", "p/q", 993),
        *("Statements", "one"),
    )
    assert clamd_at("none") == ""
    assert isinstance(current(), Config)
