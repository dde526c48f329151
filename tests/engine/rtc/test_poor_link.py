"""A seat behind a narrow link that loses packets, and then behind a wide one."""

import asyncio
from pathlib import Path

import aiohttp
import pytest

from bench.engine.crowd import Door
from bench.engine.poor_link import speak
from hemicycle.engine.rtc.listener import ListenerPeer
from tests.engine.aired import HEARING, SECRET, Aired, on_air, until
from tests.engine.rtc.narrow_link import POOR, WIDE, NarrowLink
from tests.engine.rtc.poor_listener import PoorListener

pytestmark = pytest.mark.alone

SETTLES_S = 8.0
WATCHED_S = 8.0


def peer_of(engine: Aired) -> ListenerPeer:
    """The engine's end of the only listener."""
    (session,) = (one for one in engine.parts.sessions.all() if one.kind == "listen")
    assert isinstance(session.peer, ListenerPeer)
    return session.peer


def test_a_poor_link_gets_sound_first_and_all_of_it_again_when_it_is_wide(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aioice.ice.get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])

    async def test() -> None:
        async with on_air(tmp_path, languages=["en"]) as engine, aiohttp.ClientSession() as http:
            mouth = await speak(engine, http)
            link = NarrowLink(POOR.clear(), POOR)
            token = engine.token("listen", "listener", "poor")
            seat = await PoorListener(http, Door(engine.base, HEARING, SECRET), token, link).start()
            ours = peer_of(engine)
            await until(lambda: ours.seen != "whole", "it falls", 15)
            await asyncio.sleep(SETTLES_S)
            seen = seat.observe()
            await until(lambda: ours.seen == "small" and bool(seen.pictures), "it sees", 30)
            await asyncio.sleep(WATCHED_S)
            assert seat.redundant > 0
            # Without the ladder, half of the sound is lost here; the bench has the exact figures.
            assert len(seen.gaps) < 0.1 * seen.pieces
            link.reshape(WIDE, WIDE)
            await until(lambda: ours.seen == "whole", "it rises", 30)
            await seat.leave()
            await mouth.leave()
            link.close()

    asyncio.run(test())
