"""Listeners in a relay process hear the same as others, and can connect again after it dies."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest

from hemicycle.engine.rtc.errors import BadOffer, NoCodec
from hemicycle.engine.rtc.media_port import MediaPort
from hemicycle.engine.rtc.peer import PeerState
from hemicycle.engine.rtc.peer_factory import PeerFactory
from hemicycle.engine.rtc.relay import RemoteListener
from hemicycle.engine.streams import Output
from tests.engine.rtc import clients
from tests.engine.rtc.test_listener import heard

pytestmark = pytest.mark.real_time


class Scene:
    """An exchange with one relay, two channels and a picture."""

    def __init__(self, exchange: PeerFactory) -> None:
        self.exchange = exchange
        self.floor, self.french = Output("floor", "sound"), Output("fr", "sound")
        self.program = Output("program", "picture")
        self.feed = clients.Feed({self.floor: 500, self.french: 900}, self.program)
        self.states: list[tuple[PeerState, str]] = []

    async def listen(self, client: Any, sdp: str = "") -> RemoteListener:
        """Connect a client that hears the floor; `sdp` replaces its own offer."""
        offer = await clients.offer(client)
        one, answer = await self.exchange.listener(
            sdp or offer,
            lambda state, reason: self.states.append((state, reason)),
            self.floor,
            self.program,
        )
        assert isinstance(one, RemoteListener)
        await clients.accept(client, answer)
        return one

    @property
    def taken(self) -> tuple[int, int, int]:
        """Return how many listeners take the floor, French and the picture."""
        return len(self.floor), len(self.french), len(self.program)


@contextlib.asynccontextmanager
async def relaying() -> AsyncIterator[Scene]:
    """Yield a scene whose outputs are fed."""
    exchange = PeerFactory(MediaPort(clients.PORT, ["127.0.0.1"]), relays=1, places=20)
    await exchange.start()
    scene = Scene(exchange)
    feeding = asyncio.create_task(scene.feed.run())
    try:
        yield scene
    finally:
        feeding.cancel()
        await exchange.stop()


def test_a_listener_over_there_hears_switches_and_goes() -> None:
    async def test() -> None:
        async with relaying() as scene:
            client = clients.receiver("audio", "video")
            one = await scene.listen(client)
            assert abs(clients.strongest((await heard(client, 40))[-24_000:]) - 500) <= 2
            frame: Any = await asyncio.wait_for(client.getReceivers()[1].track.recv(), 5)
            assert (frame.width, frame.height) == (320, 180)
            assert scene.taken == (1, 0, 1)
            one.hear(scene.french)
            assert scene.taken == (0, 1, 1)
            assert abs(clients.strongest((await heard(client, 60))[-24_000:]) - 900) <= 2
            await clients.until(lambda: scene.exchange.packets_sent > 50)
            assert scene.exchange.places_free == 19
            await client.close()
            await clients.until(lambda: one.state == "closed")
            assert scene.states == [("up", ""), ("closed", "left")]
            assert scene.taken == (0, 0, 0)
            await clients.until(lambda: scene.exchange.places_free == 20)

    asyncio.run(test())


def test_a_refusal_over_there_is_the_same_refusal() -> None:
    async def test() -> None:
        async with relaying() as scene:
            client = clients.receiver("audio", "video")
            with pytest.raises(BadOffer, match="neither sound nor picture"):
                await scene.listen(client, "v=0")
            offer = (await clients.offer(client)).replace("opus", "speex")
            with pytest.raises(NoCodec, match="H264, opus"):
                await scene.listen(client, offer)
            assert scene.taken == (0, 0, 0)
            await client.close()

    asyncio.run(test())


def test_when_it_dies_its_listeners_are_lost_and_the_next_are_heard() -> None:
    async def test() -> None:
        async with relaying() as scene:
            first, second = clients.receiver("audio", "video"), clients.receiver("audio", "video")
            await scene.listen(first)
            relay = scene.exchange._relays[0]
            assert relay._process is not None
            os.kill(relay._process.pid, signal.SIGKILL)
            await clients.until(lambda: ("closed", "lost") in scene.states)
            assert scene.taken == (0, 0, 0)
            await clients.until(lambda: relay.up)
            await scene.listen(second)
            assert np.abs(await heard(second, 20)).max() > 0
            await asyncio.gather(first.close(), second.close())

    asyncio.run(test())
