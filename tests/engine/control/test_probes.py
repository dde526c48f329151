"""The engine's `/healthz` and `/readyz`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast, override

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from hemicycle.engine.control import probes
from hemicycle.engine.control.web_client import WebClient, WebUnavailable
from hemicycle.readiness import Readiness

if TYPE_CHECKING:
    from pathlib import Path

    from hemicycle.engine.rtc.peer_factory import PeerFactory


class Pages(WebClient):
    """A client of `web`, which either answers or is unavailable."""

    def __init__(self, *, answers: bool) -> None:
        self._answers = answers

    @override
    async def time_ms(self) -> int:
        if not self._answers:
            raise WebUnavailable("/time: connection refused at 10.0.0.7")
        return 1


class Peers:
    """The part of the peer factory that the checks use."""

    def __init__(self, places_free: int) -> None:
        self.places_free = places_free


def missing(folder: Path, *, answers: bool = True, places_free: int = 1) -> list[str]:
    peers = cast("PeerFactory", Peers(places_free))
    return asyncio.run(probes.EngineChecks(folder, Pages(answers=answers), peers).missing())


def test_it_is_ready_and_leaves_nothing_behind(tmp_path: Path) -> None:
    assert missing(tmp_path / "segments") == []
    assert list((tmp_path / "segments").iterdir()) == []


def test_each_thing_that_is_missing_has_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert missing(tmp_path / "file") == [probes.NO_FOLDER]
    assert missing(tmp_path, places_free=0) == [probes.NO_PLACE]
    assert missing(tmp_path, answers=False) == [probes.NO_WEB]
    assert len(missing(tmp_path / "file", places_free=0, answers=False)) == 3


@pytest.mark.parametrize(("answers", "status"), [(True, 200), (False, 503)])
def test_it_is_alive_and_says_whether_it_is_ready(
    tmp_path: Path, answers: bool, status: int
) -> None:
    async def ask() -> None:
        peers = cast("PeerFactory", Peers(1))
        checks = probes.EngineChecks(tmp_path, Pages(answers=answers), peers)
        made = web.Application()
        made.add_routes(probes.routes(Readiness(checks.missing)))
        async with TestClient(TestServer(made)) as client:
            alive = await client.get("/healthz")
            assert (alive.status, await alive.text()) == (200, "ok\n")
            ready = await client.get("/readyz", headers={"X-Forwarded-For": "192.0.2.1"})
            text = "ready\n" if answers else f"{probes.NO_WEB}\n"
            assert (ready.status, await ready.text()) == (status, text)
            assert ready.headers["Cache-Control"] == "no-store"
            assert (await client.post("/readyz")).status == 405

    asyncio.run(ask())
