"""A mailbox's password is sent only to a server that proves its identity."""

from __future__ import annotations

import socketserver
import ssl
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from imap_tools.errors import MailboxLoginError

from hemicycle.mail.incoming.config import ImapMailbox
from hemicycle.mail.incoming.receiving import imap
from tests.support import certificate
from tests.support.threaded import in_thread

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings


class Greeter(socketserver.ThreadingTCPServer):
    """A server with enough of IMAP to receive a password, which it then refuses."""

    daemon_threads = True

    def __init__(self, file: Path) -> None:
        self.heard: list[str] = []
        self.context = certificate.serving(file)
        super().__init__(("127.0.0.1", 0), Talk)

    def box(self) -> ImapMailbox:
        port = int(self.server_address[1])
        return ImapMailbox(host="localhost", port=port, user="hearing", password="secret")


class Talk(socketserver.BaseRequestHandler):
    server: Greeter

    def handle(self) -> None:
        with suppress(OSError), self.server.context.wrap_socket(self.request, True) as link:
            file = link.makefile("rwb")
            file.write(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
            file.flush()
            for line in file:
                tag, verb, *_rest = line.decode().split()
                self.server.heard.append(verb)
                said = "OK done" if verb != "LOGIN" else "NO that is not the password"
                file.write(f"* CAPABILITY IMAP4rev1\r\n{tag} {said}\r\n".encode())
                file.flush()


@pytest.fixture
def greeter(tmp_path: Path) -> Iterator[Greeter]:
    with in_thread(Greeter(certificate.make(tmp_path))) as server:
        yield server


def test_one_that_proves_nothing_is_told_nothing(greeter: Greeter) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        imap.connected(greeter.box())
    assert greeter.heard == []


def test_one_of_our_own_making_is_believed_by_a_setting(
    greeter: Greeter, settings: Settings, tmp_path: Path
) -> None:
    settings.MAIL_AUTHORITIES = tmp_path / "localhost.pem"
    with pytest.raises(MailboxLoginError):
        imap.connected(greeter.box())
    assert "LOGIN" in greeter.heard
