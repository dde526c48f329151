"""Where a webhook may lead: to the open internet, and nowhere inside."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest

from hemicycle.api.webhooks import guard, sending
from tests.api.receiver import listening

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

INSIDE = [
    *("127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
    *("0.0.0.0", "100.64.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.1"),
    *("[::1]", "[::]", "[fe80::1]", "[fd00::1]", "[::ffff:10.0.0.1]", "[::ffff:127.0.0.1]"),
    *("[2002:7f00:1::]", "[64:ff9b::7f00:1]", "[ff02::1]", "[2001:db8::1]", "localhost"),
]
NO_ADDRESS = [
    *("", "hook", "//hooks.example.org/", "ftp://hooks.example.org/", "javascript:alert(1)"),
    *("https://", "https://a b/", "https://hooks.example.org:port/", "https://[::1/"),
    *("https://user@hooks.example.org/", "https://user:secret@hooks.example.org/"),
    *("https://hooks.example.org/\n", "https://hooks.exämple.org/", "file:///etc/passwd"),
    "https://hooks.example.org/" + "x" * 500,
]


@pytest.mark.parametrize("host", INSIDE)
def test_no_address_inside(host: str) -> None:
    with pytest.raises(guard.Forbidden, match="private network"):
        guard.check(f"https://{host}/hook")


@pytest.mark.parametrize("url", NO_ADDRESS)
def test_no_address_at_all(url: str) -> None:
    with pytest.raises(guard.Forbidden):
        guard.check(url)


def test_plain_http_only_on_this_machine_while_developing(settings: Settings) -> None:
    with pytest.raises(guard.Forbidden, match="https://"):
        guard.check("http://hooks.example.org/")
    settings.DEBUG = True
    guard.check("http://127.0.0.1:8001/")
    guard.check("http://localhost:8001/")
    for url in ("http://hooks.example.org/", "http://10.0.0.1/", "https://10.0.0.1/"):
        with pytest.raises(guard.Forbidden):
            guard.check(url)


def test_the_open_internet(settings: Settings) -> None:
    for url in (
        "https://hooks.example.org/a?b=c",
        "https://9.9.9.9:8443/",
        "https://[2620:fe::fe]/",
    ):
        guard.check(url)
    settings.WEBHOOKS_INSIDE = True
    guard.check("https://10.0.0.1/hook")


@pytest.mark.parametrize("name", ["0x7f.1", "2130706433", "127.1", "localhost.localdomain"])
def test_a_name_that_leads_inside_is_refused_when_it_is_resolved(name: str) -> None:
    """Spellings that the system takes for an address, and names that resolve to one."""
    with listening() as receiver:
        message = sending.Message(f"https://{name}:{receiver.port}/", b"{}", {})
        answer = asyncio.run(_send(message))
    try:
        socket.getaddrinfo(name, 443)
    except OSError:
        assert answer.problem == "unreachable"
    else:
        assert answer.problem == "forbidden"
    assert receiver.got == []


async def _send(message: sending.Message) -> sending.Answer:
    async with sending.session() as session:
        return await sending.send(session, message)


def test_an_address_that_was_let_in_once_is_looked_at_again() -> None:
    with listening() as receiver:
        answer = asyncio.run(_send(sending.Message(receiver.url, b"{}", {})))
    assert (answer.problem, receiver.got) == ("forbidden", [])


def test_a_certificate_that_nobody_vouches_for(settings: Settings) -> None:
    settings.DEBUG = True
    with listening() as receiver:
        url = receiver.url.replace("http://", "https://")
        answer = asyncio.run(_send(sending.Message(url, b"{}", {})))
    assert answer.status is None
    assert answer.problem in {"certificate", "unreachable"}
