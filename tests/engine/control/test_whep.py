"""Playback by WHEP: a standard client receives the program."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from hemicycle.engine.streams import Output
from tests.engine import engine
from tests.engine.engine import Engine, error, refusal, token
from tests.engine.rtc import clients
from tests.engine.rtc.test_listener import heard

pytestmark = pytest.mark.usefixtures("virtual_time")


def on_engine(test: Callable[[Engine], Awaitable[None]]) -> None:
    """Run a test with an engine."""

    async def run() -> None:
        async with engine.running() as running:
            await test(running)

    asyncio.run(run())


def test_a_channel_is_heard_and_another_one_on_demand() -> None:
    async def test(engine: Engine) -> None:
        outputs = engine.air.outputs
        feed = clients.Feed({outputs["en"]: 500, outputs["fr"]: 900}, outputs["program"])
        feeding = asyncio.create_task(feed.run())
        client = clients.receiver("audio", "video")
        answer = await engine.post(
            "whep", token("listen"), await clients.offer(client), params={"channel": "en"}
        )
        assert answer.status == 201
        await clients.accept(client, await answer.text())
        assert abs(clients.strongest((await heard(client, 40))[-24_000:]) - 500) <= 2
        control = f"{answer.headers['Location']}/control"
        asked = await engine.client.post(control, json={"do": "listen", "channel": "fr"})
        assert (asked.status, await asked.json()) == (200, {})
        assert abs(clients.strongest((await heard(client, 60))[-24_000:]) - 900) <= 2
        assert feed.keys >= 1
        feeding.cancel()
        await client.close()

    on_engine(test)


def test_an_unknown_channel_is_told_the_known_ones() -> None:
    async def test(engine: Engine) -> None:
        for channel in ("xx", "program"):
            answer = await engine.post("whep", token("listen"), params={"channel": channel})
            assert await refusal(answer) == (
                404,
                "no_channel",
                f"There is no channel “{channel}”. There are: floor, en, fr.",
            )

    on_engine(test)


def test_a_client_without_a_codec_for_the_picture_gets_the_sound() -> None:
    """aiortc cannot read the answer; `test_standard_clients` shows that browsers hear the sound."""

    async def test(engine: Engine) -> None:
        client = clients.receiver("audio", "video")
        offer = (await clients.offer(client)).replace("H264", "H265")
        answer = await engine.post("whep", token("listen"), offer)
        assert answer.status == 201
        lines = (await answer.text()).splitlines()
        assert "a=group:BUNDLE 0" in lines
        media = [line.split(" ")[:2] for line in lines if line.startswith("m=")]
        assert [kind for kind, _ in media] == ["m=audio", "m=video"]
        assert [port == "0" for _, port in media] == [False, True]
        assert engine.only().state == "connecting"
        await client.close()

    on_engine(test)


def test_a_picture_alone_that_would_need_another_codec_is_406() -> None:
    async def test(engine: Engine) -> None:
        client = clients.receiver("video")
        offer = (await clients.offer(client)).replace("H264", "H265")
        answer = await engine.post("whep", token("listen"), offer)
        assert await refusal(answer) == (
            406,
            "no_codec",
            "This offer has no codec that is spoken here (H264, opus).",
        )
        await client.close()

    on_engine(test)


def test_who_practises_hears_what_comes_back_to_their_own_seat() -> None:
    async def test(engine: Engine) -> None:
        nobody = await engine.post("whep", token("practice"))
        assert (await error(nobody))[0] == 404
        mine = Output("practice", "sound")
        engine.air.practising["1".rjust(32, "0")] = mine
        voice, ear = clients.sender(), clients.receiver("audio")
        await engine.post("whip", token("practice"), await clients.offer(voice))
        answer = await engine.post("whep", token("practice"), await clients.offer(ear))
        await clients.accept(ear, await answer.text())
        await clients.until(lambda: len(mine) == 1)
        assert len(engine.registry.all()) == 2
        await asyncio.gather(voice.close(), ear.close())

    on_engine(test)
