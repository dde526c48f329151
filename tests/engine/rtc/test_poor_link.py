"""A seat behind a poor link, which later becomes wide.

The poor link has 256 kb/s, a round trip of 300 ms and a loss of 3 % in holes of 100 ms. It is a
real link in a network namespace where the machine allows one, and else a link of sockets
(`narrow_link`). The bounds are the same.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import aiohttp
import pytest

from bench.engine.crowd import Door
from bench.engine.poor_link import WHOLE_KBPS, speak
from hemicycle.engine.rtc.listener import ListenerPeer
from tests.engine import narrow_network as narrow
from tests.engine.aired import HEARING, SECRET, Aired, on_air, until
from tests.engine.rtc.far_listener import FarListener
from tests.engine.rtc.narrow_link import POOR, WIDE, LinkShape, NarrowLink
from tests.engine.rtc.poor_listener import PoorListener

pytestmark = pytest.mark.alone

SETTLES_S = 4.0
WATCHED_S = 8.0
LONGEST_GAP_MS = 60
FEWEST_PICTURES = 5
BACK_WITHIN_S = 10.0


class Seat(Protocol):
    """A seat behind a link."""

    async def observed(self) -> dict[str, Any]:
        """Return what the seat has heard and seen since the last call (`Observed.figures`)."""

    def reshape(self, up: LinkShape, down: LinkShape) -> None:
        """Change the seat's link in both directions."""


class _InNamespace:
    def __init__(self, listener: FarListener, network: narrow.NarrowNetwork) -> None:
        self.observed, self.reshape = listener.observed, network.shape


class _OnLoopback:
    def __init__(self, listener: PoorListener, link: NarrowLink) -> None:
        self._listener, self.reshape = listener, link.reshape

    async def observed(self) -> dict[str, Any]:
        seen = self._listener.now.figures()
        self._listener.observe()
        return {**seen, "redundant": self._listener.redundant}


@asynccontextmanager
async def poor_seat(folder: Path) -> AsyncIterator[tuple[Aired, Seat]]:
    """Yield a hearing in which somebody has the floor, and a seat behind a poor link."""
    if not narrow.is_possible():
        async with on_air(folder, languages=["en"]) as engine, aiohttp.ClientSession() as http:
            mouth = await speak(engine, http)
            link = NarrowLink(POOR.clear(), POOR)
            door, token = _door(engine)
            seat = await PoorListener(http, door, token, link).start()
            yield engine, _OnLoopback(seat, link)
            await seat.leave()
            await mouth.leave()
            link.close()
        return
    with narrow.narrow_network() as network:
        async with (
            on_air(folder, address=narrow.NEAR, languages=["en"]) as engine,
            aiohttp.ClientSession() as http,
        ):
            mouth = await speak(engine, http)
            network.shape(POOR.clear(), POOR)
            far = await FarListener.start(network.command(), http, *_door(engine))
            yield engine, _InNamespace(far, network)
            await far.end()
            await mouth.leave()


def _door(engine: Aired) -> tuple[Door, str]:
    return Door(engine.base, HEARING, SECRET), engine.token("listen", "listener", "poor")


def peer_of(engine: Aired) -> ListenerPeer:
    """Return the engine's end of the only listener's connection."""
    (session,) = (one for one in engine.parts.sessions.all() if one.kind == "listen")
    assert isinstance(session.peer, ListenerPeer)
    return session.peer


def test_a_poor_link_gets_all_of_the_sound_and_the_picture_again_when_it_is_wide(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    near = [narrow.NEAR if narrow.is_possible() else "127.0.0.1"]
    monkeypatch.setattr("aioice.ice.get_host_addresses", lambda use_ipv4, use_ipv6: near)

    async def test() -> None:
        async with poor_seat(tmp_path) as (engine, seat):
            ours = peer_of(engine)
            await until(lambda: ours.seen == "small", "it falls", 30)
            await asyncio.sleep(SETTLES_S)
            await seat.observed()
            await asyncio.sleep(WATCHED_S)
            seen = await seat.observed()
            assert seen["pieces"] > 0.9 * WATCHED_S * 50
            assert seen["speech_gap_ms"] <= LONGEST_GAP_MS, seen
            assert seen["pictures_per_s"] >= FEWEST_PICTURES, seen
            assert seen["redundant"] > 0
            assert ours.seen == "small"
            seat.reshape(WIDE, WIDE)
            assert await back_s(seat) <= BACK_WITHIN_S

    asyncio.run(test())


async def back_s(seat: Seat) -> float:
    """Return after how many seconds the seat has got the whole picture for half a second."""
    began = time.monotonic()
    await seat.observed()
    while time.monotonic() - began < 2 * BACK_WITHIN_S:
        await asyncio.sleep(0.5)
        seen = await seat.observed()
        if seen["pictures"] >= 11 and seen["picture_kbps"] >= WHOLE_KBPS:
            break
    return time.monotonic() - began
