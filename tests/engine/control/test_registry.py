"""When an engine ends, `web` learns at once which hearings another machine may run."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from hemicycle.engine.control.lease_keeper import LeaseKeeper
from hemicycle.engine.control.registry import HearingRegistry

HEARING = "0" * 31 + "1"


class _Web:
    """A stand-in for the engine's client of `web`, which gives the engine a hearing at once."""

    def __init__(self) -> None:
        self.epochs: dict[str, int] = {}
        self.requests: list[dict[str, Any]] = []
        self.was_asked = asyncio.Event()

    async def hearings(self, request: dict[str, Any], within_s: float) -> dict[str, Any]:
        self.requests.append(request)
        self.was_asked.set()
        lease = {"hearings": {HEARING: 1}, "lease_s": 2.5}
        return {**lease, "elsewhere": [], "peers": {}, "listed_ms": 1}


def test_an_engine_that_ends_before_its_first_lease_counts_returns_it() -> None:
    """It runs nothing at first, since the previous process may have promised not to."""

    async def ended() -> list[dict[str, Any]]:
        web: Any = _Web()
        chosen: Any = SimpleNamespace(machine="a", url="http://a.example", segments=Path("/a"))
        leases = LeaseKeeper(chosen, web, monotonic=lambda: 500.0)
        registry = HearingRegistry(chosen, web, leases)
        keeping = asyncio.create_task(registry.keep())
        await web.was_asked.wait()
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        assert registry.running() == ()
        return web.requests  # type: ignore[no-any-return]

    *_others, last = asyncio.run(ended())
    assert (last["leaving"], last["running"]) == (True, [])
