"""Connections move to another port and factory, over UDP and TCP, unnoticed by their clients."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator

import pytest
from aioice import ice

from hemicycle.engine.rtc.listener import ListenerPeer
from hemicycle.engine.rtc.media_port import HandedPort, MediaPort
from hemicycle.engine.rtc.peer_factory import PeerFactory
from hemicycle.engine.rtc.publisher import PublisherPeer
from tests.engine.rtc import clients
from tests.engine.rtc.networks_between import Router, TcpRouter
from tests.engine.rtc.test_listener import heard
from tests.engine.rtc.test_media_port import HOST, hearing_by, is_heard, speaking_by
from tests.support.ports import free_port

pytestmark = [pytest.mark.test_all("upgrades"), pytest.mark.real_time]


class Before:
    """A port with its factory, before others take their place."""

    def __init__(self) -> None:
        number = free_port()
        self.port = MediaPort(number, [HOST], tcp=number)
        self.exchange = PeerFactory(self.port)

    async def give_port(self) -> PeerFactory:
        """Hand the port's sockets over to a new factory and return that factory."""
        return await give_port(self.port, self.exchange)


async def give_port(port: MediaPort, exchange: PeerFactory) -> PeerFactory:
    """Hand the sockets of a port over to a new factory and return that factory."""
    exchange.rest()
    grouped, udp, tcp = port.handed()
    handed = HandedPort(grouped, tuple(map(_copied, udp)), tuple(map(_copied, tcp)))
    port.close()
    after = PeerFactory(MediaPort(port.number, [HOST], tcp=port.tcp, inherited=handed))
    await after.start()
    await after.go_on()
    return after


async def give_publisher(peer: PublisherPeer, after: PeerFactory) -> PublisherPeer:
    """Hand a publisher over to another factory; return the peer that continues there."""
    descriptors: list[int] = []
    peer.rest()
    handed = peer.handed(descriptors)
    assert handed is not None
    sockets = [_copied(number) for number in descriptors]
    peer.let_go()
    moved = await after.resume_publisher(handed, lambda *_: None, sockets)
    moved.go_on()
    return moved


async def give_listener(peer: ListenerPeer, after: PeerFactory) -> ListenerPeer:
    """Hand a listener over to another factory; return the peer that continues there."""
    descriptors: list[int] = []
    peer.rest()
    handed = peer.handed(descriptors)
    assert handed is not None
    sockets = [_copied(number) for number in descriptors]
    peer.let_go()
    sound, picture = peer._outputs["audio"], peer._outputs["video"]
    assert sound is not None
    moved = await after.resume_listener(handed, lambda *_: None, sound, picture, sockets)
    moved.go_on()
    return moved


def _copied(descriptor: int) -> socket.socket:
    """Return a socket of a copied descriptor, as another process receives it."""
    return socket.socket(fileno=os.dup(descriptor))


@contextlib.asynccontextmanager
async def before() -> AsyncIterator[Before]:
    """Yield an open port with its factory."""
    made = Before()
    await made.exchange.start()
    try:
        yield made
    finally:
        await made.exchange.stop()


def test_a_speaker_by_tcp_is_heard_on_and_leaves_with_the_connection() -> None:
    async def test() -> None:
        async with before() as scene:
            router = TcpRouter(scene.port.number)
            async with speaking_by(router, scene.exchange) as (_, ours):
                assert await is_heard(ours)
                after = await scene.give_port()
                moved = await give_publisher(ours, after)
                assert await is_heard(moved)
                await asyncio.sleep(5)
                await clients.until(lambda: moved.state == "up", 1)
                router.cut()
                await clients.until(lambda: moved.state == "closed", 1)
            await after.stop()

    asyncio.run(test())


def test_a_listener_by_tcp_hears_and_sees_on() -> None:
    async def test() -> None:
        async with before() as scene:
            async with hearing_by(TcpRouter(scene.port.number), scene.exchange) as (client, ours):
                await heard(client, 20)
                assert isinstance(ours, ListenerPeer)
                after = await scene.give_port()
                moved = await give_listener(ours, after)
                await heard(client, 30)
                assert abs(clients.strongest((await heard(client, 60))[-24_000:]) - 500) <= 2
                track = client.getReceivers()[1].track
                for _ in range(20):
                    frame = await asyncio.wait_for(track.recv(), 5)
                assert (frame.width, frame.height) == (320, 180)  # type: ignore[union-attr]
                await moved.close("over")
            await after.stop()

    asyncio.run(test())


def test_a_router_that_renumbers_later_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ice, "CONSENT_INTERVAL", 2)  # clients ask as often as browsers do

    async def test() -> None:
        async with before() as scene:
            router = Router(scene.port.number)
            async with speaking_by(router, scene.exchange) as (_, ours):
                assert await is_heard(ours)
                after = await scene.give_port()
                moved = await give_publisher(ours, after)
                await router.renumber()
                await asyncio.sleep(6)
                assert moved.state == "up"
                assert await is_heard(moved)
                await moved.close("over")
            await after.stop()

    asyncio.run(test())


def test_a_peer_that_falls_silent_later_is_lost() -> None:
    async def test() -> None:
        async with before() as scene:
            async with speaking_by(Router(scene.port.number), scene.exchange) as (client, ours):
                assert await is_heard(ours)
                after = await scene.give_port()
                moved = await give_publisher(ours, after)
                await client.close()
                await clients.until(lambda: moved.state == "closed", 8)
            await after.stop()

    asyncio.run(test())
