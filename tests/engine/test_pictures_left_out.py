"""Pictures that the engine leaves out: voices are heard, and people who can act are notified."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bench.engine.crowd import Door, Look, Mouth
from hemicycle.engine.audio.analysis import tones
from hemicycle.engine.control.sessions import MediaSession
from hemicycle.procedure import Rules
from hemicycle.procedure import commands as c
from tests.engine.aired import HEARING, SECRET, SMALL_PICTURE, Aired, Ear, on_air, until
from tests.engine.rtc import clients
from tests.engine.rtc.test_offers import with_picture
from tests.procedure.meeting import segment, speaker

pytestmark = pytest.mark.usefixtures("virtual_time")

ANA = 600


def told(engine: Aired, seat: str, use: str, event: str) -> list[Any]:
    """Return the data of all events of a kind that a session has got, the oldest first."""
    (session,) = (
        one
        for one in engine.hearing.roster.sessions.values()
        if (one.pass_.seat, one.kind) == (seat, use)
    )
    kept = session.events.handed()
    written = sorted([*kept.states.values(), *kept.others])
    head = f"event: {event}\ndata: "
    return [
        json.loads(text.partition(head)[2]) for _, raw in written if head in (text := raw.decode())
    ]


def sends(engine: Aired, use: str) -> MediaSession:
    """Return the only session of a kind."""
    (found,) = (one for one in engine.hearing.roster.sessions.values() if one.kind == use)
    return found


def run(
    folder: Path, scene: Callable[[Aired, Ear, aiohttp.ClientSession], Awaitable[None]]
) -> None:
    """Play a scene with a speaker who has the floor and a page, a technician, and another seat."""

    async def play() -> None:
        ear = Ear()
        async with (
            on_air(folder, languages=["en"], environ=SMALL_PICTURE) as engine,
            aiohttp.ClientSession() as http,
            engine.listener(Ear(), role="speaker", seat="a", slot="a"),
            engine.listener(Ear(), role="technician", seat="tec"),
            engine.listener(ear, seat="other"),
        ):
            engine.script.do(c.OpenMeeting("meeting"), segment(speaker("a"), rules=Rules()))
            engine.script.do(c.GiveFloor())
            await scene(engine, ear, http)

    asyncio.run(play())


async def is_heard_and_told(engine: Aired, ear: Ear, code: str) -> None:
    """Assert that the voice is heard, and that only the seat and the technician are notified."""
    sending = sends(engine, "publish")
    await until(lambda: sending.picture_trouble == code, "the picture is left out")
    await until(
        lambda: len(ear.last(0.3)) == 14_400 and tones(ear.last(0.3), [ANA]) == {ANA}, "it is heard"
    )
    one = {"session": sending.id, "use": "publish", "trouble": code}
    await until(lambda: told(engine, "a", "listen", "pictures")[-1:] == [[one]], "the seat is told")
    assert told(engine, "other", "listen", "pictures") == [[]]
    await until(lambda: bool(told(engine, "tec", "listen", "notice")), "the technician is told")
    notices = told(engine, "tec", "listen", "notice")
    assert [(notice["code"], notice["values"]) for notice in notices] == [
        (code, {"name": "speaker"})
    ]
    assert told(engine, "other", "listen", "notice") == []


def test_an_encoder_with_a_codec_that_we_do_not_read_is_heard(tmp_path: Path) -> None:
    async def scene(engine: Aired, ear: Ear, http: aiohttp.ClientSession) -> None:
        client = clients.sender(hertz=ANA)
        offer = with_picture(await clients.offer(client), "H265", "sendonly")
        token = engine.token("publish", "speaker", "a", slot="a")
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
        address = f"{engine.base}/media/whip/{HEARING}"
        async with http.post(address, data=offer, headers=headers) as answer:
            assert answer.status == 201
            await clients.accept(client, (await answer.text()).split("m=video ")[0])
        await is_heard_and_told(engine, ear, "no_picture_codec")
        await client.close()

    run(tmp_path, scene)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every camera's picture too large, and keep all connections on loopback."""
    monkeypatch.setattr("hemicycle.engine.rtc.video_decoder.MOST_PIXELS", 320 * 175)
    monkeypatch.setattr("aioice.ice.get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])


LARGE = Look(320, 176, 15, 200_000)
DOOR = (HEARING, SECRET)


@pytest.mark.usefixtures("small")
def test_a_picture_that_is_too_large_takes_no_voice_with_it(tmp_path: Path) -> None:
    async def scene(engine: Aired, ear: Ear, http: aiohttp.ClientSession) -> None:
        token = engine.token("publish", "speaker", "a", slot="a")
        mouth = await Mouth(http, Door(engine.base, *DOOR), token, ANA, LARGE).start()
        await is_heard_and_told(engine, ear, "too_large")
        await mouth.leave()

    run(tmp_path, scene)


@pytest.mark.usefixtures("small")
def test_a_screen_that_is_too_large_is_not_in_the_program(tmp_path: Path) -> None:
    async def scene(engine: Aired, ear: Ear, http: aiohttp.ClientSession) -> None:
        async with engine.publisher("a", ANA, slot="a"):
            token = engine.token("screen", "speaker", "a", slot="a")
            screen = await Mouth(http, Door(engine.base, *DOOR), token, 900, LARGE).start()
            sending = sends(engine, "screen")
            await until(lambda: bool(sending.picture_trouble), "the screen is left out")
            one = {"session": sending.id, "use": "screen", "trouble": "too_large"}
            await until(
                lambda: told(engine, "a", "screen", "pictures")[-1:] == [[one]], "it is told"
            )
            await until(lambda: sending.id not in engine.hearing.seen, "it is not shown")
            assert sends(engine, "publish").id in engine.hearing.seen
            await screen.leave()

    run(tmp_path, scene)
