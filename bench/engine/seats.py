"""How many seats one engine process can serve: its processor time and loop lag by number of seats.

`SEATS=10,50,100,200,300 make bench ONLY=seats` measures other numbers than the default.
"""

import asyncio
import json
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from bench.engine.crowd import stay_here
from bench.engine.stock import stock_on_air
from bench.sizes import size
from hemicycle.engine.load_meter import LoadMeter
from hemicycle.procedure import Listed, Rules
from hemicycle.procedure import commands as c
from tests.engine.aired import HEARING, SECRET, Aired, on_air

POINT = (
    *("seats", "core_percent", "loop_lag_p50_ms", "loop_lag_p99_ms", "kbps_each", "up"),
    "arrived_percent",
)
FIGURES = (
    *("seats_within_50_ms", *(f"curve.{name}" for name in POINT)),
    *(f"stock.{name}" for name in POINT if name != "arrived_percent"),
    *(f"relayed.{name}" for name in POINT),
)
SEATS = tuple(map(int, size("10,50,100,200", "1,2", "SEATS").split(",")))
STOCK = size(10, 1), size(50, 2)
SECONDS = size(8.0, 1.0)
SETTLE_S = size(2.0, 0.5)
LIMIT_MS = 50.0


def run() -> dict[str, Any]:
    """Return the curves of one process, of one with a relay, and of aiortc's own senders."""
    cores = sorted(os.sched_getaffinity(0))
    own, other = cores[:1], cores[1:2] or cores
    stay_here()
    os.sched_setaffinity(0, own)
    curve = asyncio.run(_engine(SEATS, other))
    stock = asyncio.run(_stock(STOCK, other))
    os.sched_setaffinity(0, cores)
    relayed = asyncio.run(_engine(SEATS[-1:], cores, relays=1))
    fit = [
        point["seats"]
        for point in curve
        if point["up"] == point["seats"] and point["loop_lag_p99_ms"] <= LIMIT_MS
    ]
    return {
        "curve": curve,
        "seats_within_50_ms": max(fit, default=0),
        "stock": stock,
        "relayed": relayed,
    }


async def _engine(
    stages: Sequence[int], cores: Sequence[int], relays: int = 0
) -> list[dict[str, Any]]:
    """Return the curve of a hearing with a speaker and a webcast; its first point has no seats."""
    folder = Path(tempfile.mkdtemp(prefix="hemicycle-seats-"))
    try:
        async with speaking(folder, relays) as engine:
            return await _measure(engine.base, [0, *stages], cores, speaker=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def speaking(folder: Path, relays: int = 0) -> AsyncIterator[Aired]:
    """Yield a hearing on air in which the speaker "s0" has the floor for an hour."""
    async with on_air(folder, languages=["en", "fr", "ar"], relays=relays) as engine:
        rules = Rules(time_limit_ms=3_600_000, warning_ms=5_000, at_limit="cut")
        listed = (Listed("s0", "floor", "person-s0", languages=("en",)),)
        ends_at = engine.script.now_ms() + 7_200_000
        engine.script.do(
            c.OpenMeeting("0" * 31 + "2"),
            c.OpenSegment("panel", "panel", ends_at, rules, listed),
            c.GiveFloor("s0"),
        )
        yield engine


async def _stock(stages: Sequence[int], cores: Sequence[int]) -> list[dict[str, Any]]:
    async with stock_on_air() as base:
        return await _measure(base, stages, cores, speaker=False)


async def _measure(
    base: str, stages: Sequence[int], cores: Sequence[int], *, speaker: bool
) -> list[dict[str, Any]]:
    curve = []
    async with crowd_at(base, cores, speaker=speaker) as crowd:
        for seats in stages:
            await crowd.ask(seats)
            await asyncio.sleep(SETTLE_S)
            await crowd.ask(seats)
            sent = await packets_sent(base)
            pulse = LoadMeter()
            beating = asyncio.create_task(pulse.run())
            await asyncio.sleep(SECONDS)
            beating.cancel()
            sent = await packets_sent(base) - sent
            got = await crowd.ask(seats)
            point = {
                "seats": seats,
                "core_percent": round(pulse.core_percent(), 1),
                "loop_lag_p50_ms": round(pulse.lag_ms(0.5), 1),
                "loop_lag_p99_ms": round(pulse.lag_ms(0.99), 1),
                "kbps_each": got["kbps_each"],
                "up": got["up"],
            }
            if sent:
                point["arrived_percent"] = round(100 * got["packets"] / sent, 1)
            print(json.dumps(point), file=sys.stderr, flush=True)
            curve.append(point)
    return curve


async def packets_sent(base: str) -> int:
    """Return how many packets the engine reports as sent to listeners; 0 without a report."""
    async with aiohttp.ClientSession() as http, http.get(f"{base}/media/health") as answer:
        return int((await answer.json())["packets_sent"]) if answer.status == 200 else 0


class Crowd:
    """The process of the crowd (`seats_crowd`)."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def ask(self, seats: int) -> dict[str, Any]:
        """Set the number of seats; return the figures of what they received since the last call."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{seats}\n".encode())
        figures: dict[str, Any] = json.loads(await self.process.stdout.readline())
        return figures


@asynccontextmanager
async def crowd_at(base: str, cores: Sequence[int], *, speaker: bool) -> AsyncIterator[Crowd]:
    door = {"base": base, "hearing": HEARING, "secret": SECRET}
    told = json.dumps({"door": door, "cores": list(cores), "speaker": speaker})
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.engine.seats_crowd", told,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield Crowd(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await asyncio.wait_for(process.wait(), 30)
