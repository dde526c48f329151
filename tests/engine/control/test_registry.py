"""When an engine ends, `web` learns at once which hearings another machine may run."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hemicycle.engine.control.lease_keeper import LeaseKeeper
from hemicycle.engine.control.registry import HearingRegistry

HEARING = "0" * 31 + "1"
ANSWER: dict[str, Any] = {
    "hearings": {HEARING: 1},
    "lease_s": 2.5,
    "elsewhere": [],
    "peers": {},
    "listed_ms": 1,
}


class _Web:
    """A stand-in for the engine's client of `web`."""

    def __init__(self, last_answer: dict[str, Any]) -> None:
        self.epochs: dict[str, int] = {}
        self.requests: list[dict[str, Any]] = []
        self.was_asked = asyncio.Event()
        self._last_answer = last_answer

    async def hearings(self, request: dict[str, Any], within_s: float) -> dict[str, Any]:
        self.requests.append(request)
        self.was_asked.set()
        return self._last_answer if request["leaving"] else ANSWER


async def requests_until_the_end(last_answer: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the requests of an engine that gets a hearing and ends before it may run it.

    It runs nothing at first, since the previous process may have promised not to.
    """
    web = _Web(last_answer)
    client: Any = web
    chosen: Any = SimpleNamespace(machine="a", url="http://a.example", segments=Path("/a"))
    leases = LeaseKeeper(chosen, client, monotonic=lambda: 500.0)
    registry = HearingRegistry(chosen, client, leases)
    keeping = asyncio.create_task(registry.keep())
    await web.was_asked.wait()
    keeping.cancel()
    with suppress(asyncio.CancelledError):
        await keeping
    assert registry.running() == ()
    return web.requests


def test_an_engine_that_ends_before_its_first_lease_counts_returns_it() -> None:
    *_others, last = asyncio.run(requests_until_the_end(ANSWER))
    assert (last["leaving"], last["running"]) == (True, [])


def test_an_odd_last_answer_does_not_keep_an_engine_from_ending(
    caplog: pytest.LogCaptureFixture,
) -> None:
    asyncio.run(requests_until_the_end({"odd": True}))
    assert "web gave an odd answer to an engine that ends" in caplog.text
