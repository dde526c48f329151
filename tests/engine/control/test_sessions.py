"""One live session for each seat and use, passes that are valid once, and a session's events."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from hemicycle.engine.control import event_queue, passes, sessions
from hemicycle.engine.control.event_queue import EventQueue
from hemicycle.engine.control.passes import InvalidPass, Pass
from hemicycle.engine.control.sessions import MediaSession, SessionRegistry
from tests.engine import engine
from tests.engine.engine import Air, Engine, error, events, token


def on_engine(test: Callable[[Engine], Awaitable[None]]) -> None:
    """Run a test with an engine."""

    async def run() -> None:
        async with engine.running() as running:
            await test(running)

    asyncio.run(run())


def test_who_attends_hears_news_and_is_heard() -> None:
    async def test(engine: Engine) -> None:
        answer = await engine.post("attend", token("attend"))
        session = engine.only()
        assert (answer.status, answer.headers["Location"]) == (201, session.address)
        session.send("you", {"state": "up"})
        session.send("you", {"state": "up", "heard": True})
        session.send("message", {"text": "Bonjour"})
        news = await engine.client.get(f"{session.address}/events")
        assert news.headers["Content-Type"] == "text/event-stream"
        assert news.headers["Cache-Control"] == "no-store"
        assert await events(news, 2) == [
            ("you", {"state": "up", "heard": True}),
            ("message", {"text": "Bonjour"}),
        ]
        asked = await engine.client.post(f"{session.address}/control", json={"do": "dance"})
        assert await error(asked) == (409, "not_listening")
        gone = await engine.client.delete(session.address)
        assert gone.status == 200
        left = {"reason": "left"}
        assert await events(news, 1) == [("closed", left)]
        assert engine.air.told == [("came", "attend"), ("went", "attend", "left")]

    on_engine(test)


def test_the_newest_of_a_seat_takes_its_place() -> None:
    async def test(engine: Engine) -> None:
        await engine.post("attend", token("attend"))
        first = engine.only()
        news = await engine.client.get(f"{first.address}/events")
        await engine.post("attend", token("attend", seat="2"))
        await engine.post("attend", token("attend"))
        closed = {"reason": "elsewhere"}
        assert await events(news, 1) == [("closed", closed)]
        assert engine.air.told == [
            ("came", "attend"),
            ("came", "attend"),
            ("went", "attend", "elsewhere"),
            ("came", "attend"),
        ]
        assert len(engine.registry.all()) == 2

    on_engine(test)


def test_a_session_ends_twice_with_the_same_answer_and_an_unknown_one_does_not() -> None:
    async def test(engine: Engine) -> None:
        await engine.post("attend", token("attend"))
        address = engine.only().address
        assert [(await engine.client.delete(address)).status for _ in range(2)] == [200, 200]
        other = await engine.client.delete(f"/media/session/{PASS.hearing}/{'0' * 32}")
        assert await error(other) == (404, "unknown_session")
        late = await engine.client.post(f"{address}/control", json={"do": "listen"})
        assert await error(late) == (404, "ended")
        why = await engine.client.get(f"{address}/events")
        assert await events(why, 1) == [("closed", {"reason": "left"})]

    on_engine(test)


def test_a_page_says_why_nothing_gets_through() -> None:
    async def test(engine: Engine) -> None:
        for network in ("blocked", "relay_refused", "slow", ""):
            await engine.post("attend", token("attend"))
            address = f"{engine.only().address}?network={network}"
            assert (await engine.client.delete(address)).status == 200
        faults = [kind for kind, *_ in engine.air.told if kind not in {"came", "went"}]
        assert faults == ["blocked", "relay_refused"]

    on_engine(test)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 60_000, b"[]", b'{"do": 3}'])
def test_a_control_that_is_none_is_refused(body: bytes) -> None:
    async def test(engine: Engine) -> None:
        await engine.post("attend", token("attend"))
        asked = await engine.client.post(f"{engine.only().address}/control", data=body)
        assert await error(asked) == (400, "bad_control")

    on_engine(test)


def test_who_attends_no_more_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "UNATTENDED_S", 0.05)

    async def test(engine: Engine) -> None:
        await engine.post("attend", token("attend"))
        session = engine.only()
        news = await engine.client.get(f"{session.address}/events")
        session.send("you", {})
        await events(news, 1)
        await asyncio.sleep(0.1)
        await engine.registry.sweep()
        assert engine.registry.all() == (session,)
        news.close()
        for _ in range(50):
            session.send("you", {})
            await asyncio.sleep(0.02)
            await engine.registry.sweep()
        assert engine.registry.all() == ()
        assert engine.air.told == [("came", "attend"), ("went", "attend", "lost")]

    on_engine(test)


PASS = Pass(engine.HEARING, "attend", "speaker", seat="1")


def test_a_pass_is_good_once_for_as_long_as_it_is_good() -> None:
    now = time.time()
    registry = SessionRegistry(clock=lambda: now)
    signed = passes.sign(PASS, engine.SECRET, now=now, lasts_s=600)
    registry.use(PASS, signed)
    now += 590
    with pytest.raises(InvalidPass, match="used already"):
        registry.use(PASS, signed)


def test_a_session_that_was_never_let_in_leaves_without_a_word() -> None:
    async def run() -> None:
        air, registry = Air(), SessionRegistry()
        session = MediaSession(PASS, "none", air, registry)
        await session.close("over")
        await registry.enter(session)
        assert (air.told, registry.all()) == ([], ())

    asyncio.run(run())


def test_of_two_that_come_at_once_one_stays() -> None:
    async def run() -> None:
        air, registry = Air(), SessionRegistry()
        made = [MediaSession(PASS, "none", air, registry) for _ in range(3)]
        await registry.enter(made[0])
        await asyncio.gather(registry.enter(made[1]), registry.enter(made[2]))
        assert registry.all() == (made[2],)
        assert [session.state for session in made] == ["closed", "closed", "up"]

    asyncio.run(run())


def test_news_come_again_after_the_last_that_was_read() -> None:
    async def run() -> list[bytes]:
        box = EventQueue()
        for number in range(3):
            box.put("message", number)
        box.put("booths", {})
        box.end()
        box.put("message", "too late")
        return [written async for written in box.stream(after=2)]

    assert asyncio.run(run()) == [
        b"id: 3\nevent: message\ndata: 2\n\n",
        b"id: 4\nevent: booths\ndata: {}\n\n",
    ]


def test_a_reader_hears_that_all_is_well_while_nothing_happens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(event_queue, "HEARTBEAT_S", 0.01)

    async def run() -> list[bytes]:
        box = EventQueue()
        told = box.stream()
        beats = [await anext(told) for _ in range(2)]
        await told.aclose()
        assert len(box) == 0
        return beats

    assert asyncio.run(run()) == [b": here\n\n"] * 2


def test_a_reader_far_behind_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_queue, "MOST_WAITING", 5)

    async def run() -> int:
        box = EventQueue()
        told = box.stream()
        box.put("message", 0)
        await anext(told)
        for number in range(50):
            box.put("message", number)
        return len([written async for written in told])

    assert asyncio.run(run()) < 10
