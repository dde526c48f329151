"""The streams over WebSockets: the same bytes, only for the site's own pages."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from hemicycle.record import feed
from hemicycle.site.http import websocket_streams
from hemicycle.site.http.asgi_types import Message, Receive, Send
from tests.support.feed import Listener

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

    from tests.support.lists import World
    from tests.support.site import Site


def opened(site: Site, path: str, origin: str = "") -> ClientConnection:
    """Open a socket as a page of the site does, or as a page of `origin` does."""
    return connect(f"ws{site.url.removeprefix('http')}{path}", origin=Origin(origin or site.url))


def closed(socket: ClientConnection) -> int:
    """Return the code with which the site closes a socket."""
    with socket, pytest.raises(ConnectionClosed) as told:
        socket.recv(timeout=10)
    assert told.value.rcvd is not None
    return told.value.rcvd.code


def drain(socket: ClientConnection) -> None:
    """Read a socket until it is closed."""
    with suppress(ConnectionClosed):
        while True:
            socket.recv(timeout=10)


def test_a_socket_carries_what_a_stream_carries(site: Site, world: World) -> None:
    world.ngo("Open Doors", 0)
    address = feed.address(world.hearing.id, feed.ENTRIES)
    listener = Listener(f"{site.url}{address}")
    events = listener.take(3)
    listener.close()
    with opened(site, address) as socket:
        text = b""
        while text.count(b"\n\n") < 4:
            block = socket.recv(timeout=10)
            assert isinstance(block, bytes)
            text += block
    greeting, *blocks = text.decode().split("\n\n")
    assert greeting.startswith("retry: ")
    assert [block.split("\n")[0] for block in blocks[:3]] == [f"id: {event.id}" for event in events]


def test_a_refusal_is_told_by_its_status(site: Site, world: World) -> None:
    hearing = world.hearing.id.hex
    assert closed(opened(site, f"/feed/{hearing}/entries?token=garbage")) == 4403
    assert closed(opened(site, f"/feed/{hearing}/nobody")) == 4404
    assert closed(opened(site, f"/media/session/{uuid4().hex}/events")) == 4503


@pytest.mark.parametrize("path", ["/", "/office/", "/time", "/media/health"])
def test_other_addresses_open_no_socket(site: Site, path: str) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        opened(site, path)


def test_a_page_of_another_site_opens_no_socket(site: Site, world: World) -> None:
    address = feed.address(world.hearing.id, feed.ENTRIES)
    with pytest.raises(InvalidStatus, match="403"):
        opened(site, address, origin="https://elsewhere.example")


def test_a_site_that_is_stopped_closes_its_sockets(site: Site, world: World) -> None:
    with opened(site, feed.address(world.hearing.id, feed.ENTRIES)) as socket:
        socket.recv(timeout=10)
        site.stop()
        drain(socket)
    assert "ERROR" not in site.log.read_text()


def test_whoever_says_too_much_is_cut_off_and_the_site_lives(site: Site, world: World) -> None:
    address = feed.address(world.hearing.id, feed.ENTRIES)
    with opened(site, address) as socket:
        socket.recv(timeout=10)
        socket.send("x" * 10_000)
        drain(socket)
    assert closed(opened(site, f"/feed/{world.hearing.id.hex}/nobody")) == 4404


def test_whoever_hangs_up_in_the_middle_of_an_answer_is_no_fault() -> None:
    told: list[str] = []

    async def streams(_scope: Message, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(3):
            await send({"type": "http.response.body", "body": b"news", "more_body": True})

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        told.append(message["type"])
        if message["type"] == "websocket.send":
            raise ConnectionError  # the visitor has gone

    scope = {"path": "/feed/x", "scheme": "ws", "headers": [(b"host", b"h"), (b"origin", b"//h")]}
    asyncio.run(websocket_streams.app(streams, scope, receive, send))
    assert told == ["websocket.accept", "websocket.send"]
