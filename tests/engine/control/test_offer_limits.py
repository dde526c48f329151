"""Limits on offers: for each seat, in total, and for people who only practise."""

import asyncio

import pytest

from hemicycle.engine.control import offer_limits
from tests.engine.control.test_whip import on_engine
from tests.engine.engine import Engine, error, token
from tests.engine.rtc import clients

pytestmark = pytest.mark.usefixtures("virtual_time")


def test_those_who_practise_leave_places_to_the_seats() -> None:
    async def test(engine: Engine) -> None:
        crowd = [clients.sender() for _ in range(6)]
        answers = [
            await engine.post("whip", token("practice", seat=str(n)), await clients.offer(client))
            for n, client in enumerate(crowd, start=1)
        ]
        assert [answer.status for answer in answers] == [201, 201, 503, 503, 503, 503]
        assert await error(answers[2]) == (503, "full")
        seats = [clients.sender() for _ in range(6)]
        for n, client in enumerate(seats, start=1):
            offer = await clients.offer(client)
            assert (await engine.post("whip", token("publish", seat=str(n)), offer)).status == 201
        await asyncio.gather(*(client.close() for client in (*crowd, *seats)))

    on_engine(test, places=8)


def test_a_seat_that_asks_again_and_again_is_told_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offer_limits, "PER_SEAT", 3)

    async def test(engine: Engine) -> None:
        statuses = [
            (await engine.post("whip", token("publish", seat="1"), "v=0")).status for _ in range(4)
        ]
        assert statuses == [400, 400, 400, 429]
        other = await engine.post("whip", token("publish", seat="2"), "v=0")
        assert await error(other) == (400, "bad_offer")

    on_engine(test)


def test_offers_that_do_not_connect_keep_only_some_of_those_who_practise_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(offer_limits, "PRACTICE_CONNECTING", 1)

    async def test(engine: Engine) -> None:
        one, two, seat = (clients.sender() for _ in range(3))
        first = await engine.post("whip", token("practice", seat="1"), await clients.offer(one))
        second = await engine.post("whip", token("practice", seat="2"), await clients.offer(two))
        third = await engine.post("whip", token("publish", seat="3"), await clients.offer(seat))
        assert (first.status, second.status, third.status) == (201, 503, 201)
        assert await error(second) == (503, "too_many_offers")
        await asyncio.gather(one.close(), two.close(), seat.close())

    on_engine(test)
