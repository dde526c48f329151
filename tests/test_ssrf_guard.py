"""Requests that people set up reach the open internet, and nothing inside."""

from __future__ import annotations

import asyncio
import socket
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from hemicycle import ssrf_guard
from hemicycle.meeting.wall.forms import SourceForm
from hemicycle.meeting.wall.origins import http
from hemicycle.site.api.webhooks import sending
from tests.site.api.receiver import Receiver, listening, status

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

INSIDE = [
    *("127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
    *("0.0.0.0", "100.64.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.1"),
    *("[::1]", "[::]", "[fe80::1]", "[fd00::1]", "[::ffff:10.0.0.1]", "[::ffff:127.0.0.1]"),
    *("[2002:7f00:1::]", "[64:ff9b::7f00:1]", "[64:ff9b::a00:1]", "[::7f00:1]", "[::a00:1]"),
    *("[64:ff9b:1::a00:1]", "[2001:0:a00:1::]", "[ff02::1]", "[2001:db8::1]", "localhost"),
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
    with pytest.raises(ssrf_guard.Forbidden, match="private network"):
        ssrf_guard.check(f"https://{host}/hook")


@pytest.mark.parametrize("url", NO_ADDRESS)
def test_no_address_at_all(url: str) -> None:
    with pytest.raises(ssrf_guard.Forbidden):
        ssrf_guard.check(url)


def test_plain_http_only_on_this_machine_while_developing(settings: Settings) -> None:
    with pytest.raises(ssrf_guard.Forbidden, match="https://"):
        ssrf_guard.check("http://hooks.example.org/")
    settings.DEBUG = True
    ssrf_guard.check("http://127.0.0.1:8001/")
    ssrf_guard.check("http://localhost:8001/")
    for url in ("http://hooks.example.org/", "http://10.0.0.1/", "https://10.0.0.1/"):
        with pytest.raises(ssrf_guard.Forbidden):
            ssrf_guard.check(url)


def test_the_open_internet(settings: Settings) -> None:
    for url in (
        "https://hooks.example.org/a?b=c",
        "https://9.9.9.9:8443/",
        "https://[2620:fe::fe]/",
    ):
        ssrf_guard.check(url)
    settings.REACH_PRIVATE_NETWORKS = True
    ssrf_guard.check("https://10.0.0.1/hook")
    ssrf_guard.check("http://posts.hearing.example:8080/")


SPELLINGS = ["0x7f.1", "2130706433", "127.1", "localhost", "localhost.localdomain", "127.0.0.1"]


async def _by_webhook(url: str) -> str:
    async with sending.session() as session:
        return (await sending.send(session, sending.WebhookRequest(url, b"{}", {}))).problem


async def _by_wall(url: str) -> str:
    async with http.asking() as session:
        try:
            await http.ask(session, url)
        except http.Trouble as trouble:
            return trouble.code
    return ""


@pytest.mark.parametrize("name", SPELLINGS)
def test_whatever_leads_here_is_not_asked(name: str) -> None:
    """The names are spellings of this machine's address, and names that resolve to it."""
    with listening() as receiver:
        url = f"https://{name}:{receiver.port}/"
        problem = asyncio.run(_by_webhook(url))
        assert asyncio.run(_by_wall(url)) == "unreachable"
    try:
        socket.getaddrinfo(name, 443)
    except OSError:
        assert problem in {"unreachable", "forbidden"}
    else:
        assert problem == "forbidden"
    assert receiver.got == []


def test_an_address_that_was_let_in_once_is_looked_at_again(settings: Settings) -> None:
    with listening(status(200, "[]")) as receiver:
        assert asyncio.run(_by_webhook(receiver.url)) == "forbidden"
        assert asyncio.run(_by_wall(receiver.url)) == "unreachable"
        assert receiver.got == []
        settings.REACH_PRIVATE_NETWORKS = True
        assert asyncio.run(_by_webhook(receiver.url)) == ""
        assert asyncio.run(_by_wall(receiver.url)) == ""
    assert len(receiver.got) == 2


class Turning(AbstractResolver):
    """A name that leads to one address the first time, and to another from then on."""

    def __init__(self, *leads: str) -> None:
        self.leads = list(leads)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        to = self.leads.pop(0) if len(self.leads) > 1 else self.leads[0]
        found = ResolveResult(
            hostname=host, host=to, port=port, family=socket.AF_INET, proto=0, flags=0
        )
        return [found]

    async def close(self) -> None:
        """Do nothing: no resource is held."""


def test_a_name_that_is_turned_inside_between_two_requests(settings: Settings) -> None:
    """An earlier answer for a name allows nothing, since the address of each socket is checked."""
    settings.DEBUG = True  # allows only this machine, for the first request

    async def twice(port: int) -> int:
        turning = Turning("127.0.0.1", "10.0.0.1")
        through = ssrf_guard.connector(resolver=turning, force_close=True)
        async with aiohttp.ClientSession(connector=through) as session:
            first = (await session.get(f"http://turning.example:{port}/")).status
            with pytest.raises(aiohttp.ClientConnectorError) as refused:
                await session.get(f"http://turning.example:{port}/")
        assert isinstance(refused.value.os_error, ssrf_guard.ForbiddenPlace)
        return first

    with listening() as receiver:
        assert asyncio.run(twice(receiver.port)) == 204
    assert len(receiver.got) == 1


@pytest.mark.parametrize("target", ["http://10.0.0.1/", "http://[::ffff:10.0.0.1]/"])
def test_where_a_redirect_leads_is_looked_at_too(settings: Settings, target: str) -> None:
    """Neither caller follows a redirect; a session that does cannot reach a private network."""
    settings.DEBUG = True

    async def follow(url: str) -> BaseException | None:
        async with aiohttp.ClientSession(connector=ssrf_guard.connector()) as session:
            with pytest.raises(aiohttp.ClientConnectorError) as refused:
                await session.post(url)
        return refused.value.os_error

    with listening(status(307, Location=target)) as receiver:
        refused = asyncio.run(follow(receiver.url))
    assert isinstance(refused, ssrf_guard.ForbiddenPlace)
    assert len(receiver.got) == 1


def test_neither_caller_follows_a_redirect(settings: Settings) -> None:
    settings.REACH_PRIVATE_NETWORKS = True
    with listening() as other, _leading_to(other) as receiver:
        assert asyncio.run(_by_webhook(receiver.url)) == "redirect"
        assert asyncio.run(_by_wall(receiver.url)) == "odd"
    assert (len(receiver.got), other.got) == (2, [])


def _leading_to(other: Receiver) -> AbstractContextManager[Receiver]:
    return listening(status(302, Location=other.url))


def test_a_source_of_the_wall_inside_is_refused_when_it_is_typed(settings: Settings) -> None:
    def typed(server: str) -> SourceForm:
        return SourceForm({"origin": "mastodon", "server": server, "hashtag": "hearing"})

    for server in ("https://10.0.0.1", "https://[::ffff:7f00:1]", "https://localhost"):
        assert "private network" in typed(server).errors["server"][0]
    assert "https://" in typed("http://social.example.org").errors["server"][0]
    settings.REACH_PRIVATE_NETWORKS = True
    assert typed("http://10.0.0.1:3000").is_valid()


def test_a_certificate_that_nobody_vouches_for(settings: Settings) -> None:
    settings.DEBUG = True
    with listening() as receiver:
        problem = asyncio.run(_by_webhook(receiver.url.replace("http://", "https://")))
    assert problem in {"certificate", "unreachable"}
