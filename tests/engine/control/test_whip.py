"""Publishing by WHIP (RFC 9725): the answers to a standard client, and each refusal."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from hemicycle.engine.control import admission, passes
from hemicycle.engine.control.admission import SDP
from hemicycle.engine.control.passes import Pass
from tests.engine import engine
from tests.engine.engine import (
    HEARING,
    SECRET,
    Engine,
    error,
    events,
    refusal,
    token,
)
from tests.engine.rtc import clients

pytestmark = pytest.mark.usefixtures("virtual_time")


def on_engine(test: Callable[[Engine], Awaitable[None]], **more: Any) -> None:
    """Run a test with an engine."""

    async def run() -> None:
        async with engine.running(**more) as running:
            await test(running)

    asyncio.run(run())


def test_a_tone_published_is_what_the_mixer_reads() -> None:
    async def test(engine: Engine) -> None:
        client = clients.sender(hertz=660)
        answer = await engine.post("whip", token("publish"), await clients.offer(client))
        session = engine.only()
        assert answer.status == 201
        assert answer.content_type == "application/sdp"
        assert answer.headers["Location"] == f"/media/session/{HEARING}/{session.id}"
        assert answer.headers["ETag"].strip('"')
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        await clients.accept(client, await answer.text())
        assert session.sound is not None
        heard = await clients.read(session.sound, 50)
        assert abs(clients.strongest(heard[-24_000:]) - 660) <= 2
        assert (session.picture, session.state) == (None, "up")
        await clients.until(lambda: session.stats.level > -30)
        assert (await engine.client.delete(answer.headers["Location"])).status == 200
        await clients.until(lambda: engine.exchange.places_free == 100)
        await client.close()
        assert engine.air.told == [
            ("came", "publish"),
            ("changed", "publish", "up"),
            ("went", "publish", "left"),
        ]

    on_engine(test)


def test_a_second_connection_of_a_seat_takes_the_first_ones_place() -> None:
    async def test(engine: Engine) -> None:
        one, two = clients.sender(), clients.sender()
        await engine.post("whip", token("publish"), await clients.offer(one))
        first = engine.only()
        news = await engine.client.get(f"/media/session/{HEARING}/{first.id}/events")
        garbage = await engine.post("whip", token("publish"), "v=0")
        assert garbage.status == 400
        assert engine.only() is first
        await engine.post("whip", token("publish"), await clients.offer(two))
        closed = {"reason": "elsewhere"}
        assert await events(news, 1) == [("closed", closed)]
        assert engine.only() is not first
        await asyncio.gather(one.close(), two.close())

    on_engine(test)


def test_a_screen_and_a_camera_of_one_seat_go_together() -> None:
    async def test(engine: Engine) -> None:
        one, two = clients.sender(), clients.sender()
        await engine.post("whip", token("publish"), await clients.offer(one))
        await engine.post("whip", token("screen"), await clients.offer(two))
        assert {session.kind for session in engine.registry.all()} == {"publish", "screen"}
        await asyncio.gather(one.close(), two.close())

    on_engine(test)


def _bad_tokens() -> dict[str, tuple[str, str]]:
    old = passes.sign(Pass(HEARING, "publish", "speaker", seat="1"), SECRET, now=1_000_000)
    foreign = passes.sign(Pass(HEARING, "publish", "speaker", seat="1"), "x" * 40)
    return {
        "none": ("", "pass_needed"),
        "expired": (old, "expired"),
        "foreign": (foreign, "no_pass"),
        "of another hearing": (token("publish", hearing="b" * 32), "other_hearing"),
        "for another use": (token("listen"), "other_use"),
        "garbage": ("é.é.é", "no_pass"),
    }


@pytest.mark.parametrize("name", _bad_tokens())
def test_a_pass_that_opens_nothing_is_told_why(name: str) -> None:
    async def test(engine: Engine) -> None:
        pass_, code = _bad_tokens()[name]
        answer = await engine.post("whip", pass_, "v=0")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert await error(answer) == (401, code)

    on_engine(test)


def test_a_pass_opens_one_connection() -> None:
    async def test(engine: Engine) -> None:
        client, pass_ = clients.sender(), token("publish")
        offer = await clients.offer(client)
        assert (await engine.post("whip", pass_, offer)).status == 201
        again = await engine.post("whip", pass_, offer)
        assert await error(again) == (401, "used")
        assert len(engine.registry.all()) == 1
        await client.close()

    on_engine(test)


def test_a_machine_that_can_begin_no_hearing_lets_nobody_wait() -> None:
    async def test(engine: Engine) -> None:
        began, other = time.monotonic(), "c" * 32
        answer = await engine.post("whip", token("publish", hearing=other), hearing=other)
        assert await error(answer) == (503, "off_air")
        assert time.monotonic() - began < admission.PATIENCE_S / 2

    on_engine(test, may_begin=False)


@pytest.mark.parametrize(
    ("body", "kind", "status", "code", "detail"),
    [
        (
            b"v=0",
            "text/plain",
            415,
            "not_sdp",
            "An offer is sent as application/sdp, and this is text/plain.",
        ),
        (
            b"\xff\xfe",
            "application/sdp",
            400,
            "bad_offer",
            "An offer is text in UTF-8, and this is not.",
        ),
        (
            b"v=0" * 30_000,
            "application/sdp",
            413,
            "too_long",
            "The body is too long: at most 64 kB are taken.",
        ),
        (
            b"v=0",
            SDP,
            400,
            "bad_offer",
            "This offer has neither sound nor picture: add an audio or a video line.",
        ),
    ],
)
def test_a_body_that_is_no_offer_is_told_so(
    body: bytes, kind: str, status: int, code: str, detail: str
) -> None:
    async def test(engine: Engine) -> None:
        answer = await engine.post("whip", token("publish"), body, headers={"Content-Type": kind})
        assert (await error(answer)) == (status, code)
        assert (await refusal(answer))[2].startswith(detail)
        assert (engine.registry.all(), engine.exchange.places_free) == ((), 100)

    on_engine(test)


def test_no_codec_of_ours_is_406() -> None:
    async def test(engine: Engine) -> None:
        client = clients.sender()
        offer = (await clients.offer(client)).replace("opus", "speex")
        answer = await engine.post("whip", token("publish"), offer)
        assert await refusal(answer) == (
            406,
            "no_codec",
            "This offer has no codec that is spoken here (H264, VP8, opus).",
        )
        await client.close()

    on_engine(test)


def test_when_every_place_is_taken_it_is_503_and_the_meeting_goes_on() -> None:
    async def test(engine: Engine) -> None:
        one, two = clients.sender(), clients.sender()
        await engine.post("whip", token("publish", seat="1"), await clients.offer(one))
        full = await engine.post("whip", token("publish", seat="2"), await clients.offer(two))
        assert full.headers["Retry-After"] == "10"
        status, code, detail = await refusal(full)
        assert (status, code) == (503, "full")
        assert detail.startswith("All 1 places of this server are taken.")
        assert engine.only().pass_.seat.endswith("1")
        await asyncio.gather(one.close(), two.close())

    on_engine(test, places=1)


def test_a_hearing_that_is_not_on_the_air_is_503() -> None:
    async def test(engine: Engine) -> None:
        other = "c" * 32
        answer = await engine.post("whip", token("publish", hearing=other), hearing=other)
        assert await error(answer) == (503, "off_air")

    on_engine(test)


@pytest.mark.parametrize(
    ("method", "address", "allowed"),
    [
        ("GET", f"/media/whip/{HEARING}", "OPTIONS,POST"),
        ("PUT", f"/media/whip/{HEARING}", "OPTIONS,POST"),
        ("PATCH", "/media/session/a/1", "DELETE,OPTIONS"),
        ("GET", "/media/session/a/1", "DELETE,OPTIONS"),
        ("POST", "/media/session/a/1", "DELETE,OPTIONS"),
    ],
)
def test_other_methods_are_405(method: str, address: str, allowed: str) -> None:
    async def test(engine: Engine) -> None:
        answer = await engine.client.request(method, address)
        assert answer.headers["Allow"] == allowed
        assert await error(answer) == (405, "wrong_method")

    on_engine(test)


def test_who_asks_beforehand_is_told_what_may_be_posted() -> None:
    async def test(engine: Engine) -> None:
        answer = await engine.client.options(f"/media/whip/{HEARING}")
        assert answer.status == 204
        assert answer.headers["Accept-Post"] == "application/sdp"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Access-Control-Allow-Headers"] == "Authorization, Content-Type"

    on_engine(test)


def test_figures_are_for_this_machine_and_the_service() -> None:
    async def test(engine: Engine) -> None:
        await engine.post("attend", token("attend"))
        here = await (await engine.client.get("/media/health")).json()
        assert here["sessions"] == {"attend": 1}
        assert here["places_free"] == 100
        passed_on = {"X-Forwarded-For": "192.0.2.1"}
        refused = await engine.client.get("/media/health", headers=passed_on)
        assert refused.status == 401
        service = passed_on | {"Authorization": f"Bearer {token('service')}"}
        assert (await engine.client.get("/media/health", headers=service)).status == 200

    on_engine(test)
