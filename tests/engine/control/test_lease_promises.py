"""Over HTTP, media machines ask each other for promises not to take hearings."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient, TestServer

from hemicycle.engine.control import lease_promises, passes
from hemicycle.engine.control.admission import refusals
from hemicycle.engine.control.lease_promises import PROMISE_S, LeasePromises, PeerClient
from hemicycle.engine.settings import Settings, read

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

SECRET = "k" * 40
HEARING, OTHER = "a" * 32, "b" * 32


class Giver:
    """An engine that runs the hearing `runs`, and that `web` does not answer."""

    def __init__(self, runs: str = "") -> None:
        self.runs = runs
        self.asked: list[frozenset[str]] = []

    def promise(self, hearings: frozenset[str]) -> float | None:
        self.asked.append(hearings)
        return None if self.runs in hearings else PROMISE_S


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    given = {"HEMICYCLE_MEDIA_SECRET": SECRET, "HEMICYCLE_MEDIA_MACHINE": "b"}
    return read({"HEMICYCLE_DATA_DIR": str(tmp_path), **given})


def at(
    giver: Giver,
    settings: Settings,
    act: Callable[[TestClient[web.Request, web.Application]], Awaitable[None]],
) -> None:
    """Run `act` with a client of the machine "b", to make requests as another machine does."""

    async def run() -> None:
        made = web.Application(middlewares=[refusals])
        made.add_routes(lease_promises.routes(giver, settings))
        async with TestClient(TestServer(made)) as client:
            await act(client)

    asyncio.run(run())


def signed(use: passes.Use = "service", secret: str = SECRET) -> dict[str, str]:
    given = passes.Pass(hearing="", use=use, role="technician", seat="engine")
    return {"Authorization": f"Bearer {passes.sign(given, secret)}"}


def test_a_machine_gets_a_promise_of_the_one_that_it_asked(settings: Settings) -> None:
    giver = Giver(runs=OTHER)

    async def ask(client: TestClient[web.Request, web.Application]) -> None:
        url = str(client.make_url("")).rstrip("/")
        async with ClientSession() as http:
            peers = PeerClient(settings, http)
            assert await peers.promise_s("b", url, {HEARING}) == PROMISE_S
            assert await peers.promise_s("c", url, {HEARING}) is None, "another one answers"
            assert await peers.promise_s("b", url, {HEARING, OTHER}) is None, "it runs one of them"

    at(giver, settings, ask)
    assert giver.asked[0] == {HEARING}


def test_nobody_but_an_engine_gets_one(settings: Settings) -> None:
    giver = Giver()

    async def ask(client: TestClient[web.Request, web.Application]) -> None:
        for headers in ({}, signed("listen"), signed(secret="x" * 40)):
            body = {"hearings": [HEARING]}
            answer = await client.post(lease_promises.PATH, json=body, headers=headers)
            assert answer.status == 401

    at(giver, settings, ask)
    assert giver.asked == []


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b"\xff", b'{"hearings": "a"}', b'{"hearings": [1]}', b'{"hearings": ["a"]}',
     b'{"hearings": ' + b"[" * 20_000],
)  # fmt: skip
def test_what_is_no_list_of_hearings_is_refused(settings: Settings, body: bytes) -> None:
    giver = Giver()

    async def ask(client: TestClient[web.Request, web.Application]) -> None:
        answer = await client.post(lease_promises.PATH, data=body, headers=signed())
        assert (answer.status, (await answer.json())["code"]) == (400, "bad_promise")

    at(giver, settings, ask)
    assert giver.asked == []


def test_no_promise_is_given_while_web_answers() -> None:
    promises = LeasePromises()
    promises.renewed(1.0, {"c": "http://c.example:8090"}, 9)
    assert promises.give({HEARING}, 1.5) is None
    promises = LeasePromises()
    assert promises.give({HEARING}, 1.0) == PROMISE_S, "it has had no answer at all"
    assert promises.withholds(HEARING, 1.0 + PROMISE_S - 0.01)
    assert not promises.withholds(HEARING, 1.0 + PROMISE_S + 0.01)
