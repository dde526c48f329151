"""Requests wait during a handover; then this engine or its successor answers them."""

import asyncio
from contextlib import ExitStack

from hemicycle.engine.control.event_queue import EventQueue
from hemicycle.engine.control.request_gate import RequestGate
from tests.engine.engine import running, token


def test_a_request_waits_until_the_engine_goes_on() -> None:
    async def test() -> None:
        gate = RequestGate()
        with ExitStack() as under_way:
            assert await gate.enter(under_way, counts=True)
            closing = asyncio.create_task(gate.close())
            await asyncio.sleep(0)
            assert not closing.done()
        await closing
        with ExitStack() as later:
            entering = asyncio.create_task(gate.enter(later, counts=True))
            await asyncio.sleep(0)
            assert not entering.done()
            gate.open()
            assert await entering

    asyncio.run(test())


def test_a_request_is_sent_on_to_the_process_that_took_over() -> None:
    async def test() -> None:
        async with running() as engine:
            assert (await engine.post("attend", token("attend"))).status == 201
            engine.gate.move()
            answer = await engine.post("attend", token("attend", "2"), allow_redirects=False)
            assert answer.status == 307
            assert answer.headers["Location"] == f"/media/attend/{engine.air.hearing}"
            assert answer.headers["Connection"] == "close"
            engine.gate.has_moved = False  # the session ends as usual

    asyncio.run(test())


def test_events_go_on_with_their_numbers_in_another_process() -> None:
    async def test() -> None:
        before, after = EventQueue(), EventQueue()
        before.put("you", {"level": 1})
        before.put("notice", {"code": "late"})
        reading = before.stream()
        first = [await anext(reading), await anext(reading)]
        before.pause()
        assert b"event: restart" in await anext(reading)
        assert [event async for event in reading] == []
        after.resume(before.handed())
        after.put("notice", {"code": "limiter"})
        again = after.stream(2)
        assert [await anext(again), await anext(again)] == [
            first[0],
            b'id: 3\nevent: notice\ndata: {"code":"limiter"}\n\n',
        ]

    asyncio.run(test())
