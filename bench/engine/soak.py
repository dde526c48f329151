"""A long hearing in which people join and leave all the time: does the engine stay stable?

`SOAK_MINUTES=60 make bench ONLY=soak` makes the decisive run.
"""

import asyncio
import gc
import json
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from bench.sizes import size
from hemicycle.procedure import Listed, Rules
from hemicycle.procedure import commands as c
from tests.engine.aired import HEARING, SECRET, Aired, on_air

FIGURES = (
    *("minutes", "mb_start", "mb_end", "leaked", "places_leaked", "did", "empty_before"),
    *("empty_after", "curve"),
)
MINUTES = size(1.0, 0.1, "SOAK_MINUTES")
SEATS = size(44, 4)
"""The number of seats, besides four publishers and two interpreters."""

TURN_S = 20.0
LISTED_AHEAD = 4
SETTLE_S = size(12.0, 2.0)
"""How long to wait after all have left, in seconds; the engine notices lost clients within 5 s."""

WARM_SHARE, WARM_MOST_S = 0.25, 300.0
PATIENCE_S = 300.0
FOLDER = Path(tempfile.gettempdir())


def run() -> dict[str, Any]:
    """Return the figures after the warm-up and at the end, and the curve between them."""
    folder = Path(tempfile.mkdtemp(prefix="hemicycle-soak-", dir=FOLDER))
    try:
        return asyncio.run(_soak(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _soak(folder: Path) -> dict[str, Any]:
    async with on_air(folder, languages=["en", "fr", "ar"]) as engine:
        hall = Hall(engine, folder)
        await hall.open()
        before = await hall.sample()
        async with _crowd(engine, hall.since) as did:
            curve = await hall.watch(MINUTES * 60)
        await asyncio.sleep(SETTLE_S)
        after = await hall.sample()
    return {
        "minutes": round(MINUTES, 1),
        "mb_start": curve[0]["mb"],
        "mb_end": curve[-1]["mb"],
        "leaked": sum(max(0, after[key] - before[key]) for key in ("tasks", "threads", "files")),
        "places_leaked": before["places_free"] - after["places_free"],
        "did": did,
        "empty_before": before,
        "empty_after": after,
        "curve": curve,
    }


class Hall:
    """The meeting, and the resources that the engine's process uses during it."""

    def __init__(self, engine: Aired, folder: Path) -> None:
        self.engine, self.folder = engine, folder
        self.since = 0.0
        self._turn = -1
        self._listed = 0

    async def open(self) -> None:
        """Open the meeting, and start the threads that every process starts at some time."""
        rules = Rules(time_limit_ms=60_000, warning_ms=5_000, at_limit="cut")
        ends_at = self.engine.script.now_ms() + 7_200_000
        self.engine.script.do(
            c.OpenMeeting("0" * 31 + "2"),
            c.OpenSegment("panel", "panel", ends_at, rules, ()),
        )
        self.since = time.time()
        await asyncio.gather(*(asyncio.to_thread(time.sleep, 0.2) for _ in range(64)))
        await asyncio.sleep(5)

    async def watch(self, seconds: float) -> list[dict[str, Any]]:
        """Give the floor to one speaker after the other; return the samples after the warm-up."""
        over = time.monotonic() + seconds
        sample_at = time.monotonic() + min(WARM_MOST_S, WARM_SHARE * seconds)
        every = min(60.0, seconds / 12)
        curve = []
        while time.monotonic() < over:
            await asyncio.sleep(1)
            self._go_on()
            if time.monotonic() >= sample_at:
                curve.append(await self.sample())
                print(json.dumps(curve[-1]), file=sys.stderr, flush=True)
                sample_at += every
        return [*curve, await self.sample()]

    def _go_on(self) -> None:
        turn = int((time.time() - self.since) / TURN_S)
        do = self.engine.script.do
        while self._listed < turn + LISTED_AHEAD:
            slot = f"s{self._listed}"
            do(c.AddSlot(Listed(slot, "floor", f"person-{slot}", languages=("en",))))
            self._listed += 1
        if turn > self._turn:
            do(c.GiveFloor(f"s{turn}"))
            self._turn = turn
        self.engine.facts.commands.clear()
        self.engine.script.meeting.entries.clear()

    async def sample(self) -> dict[str, Any]:
        """Return the resources that this process uses now."""
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"{self.engine.base}/media/health") as answer,
        ):
            health = await answer.json()
        await asyncio.sleep(0.1)
        gc.collect()
        return {
            "minute": round((time.time() - self.since) / 60, 1),
            "mb": rss_mb(),
            "webcast_mb": _size_mb(self.folder),
            "tasks": len(asyncio.all_tasks()),
            "threads": threading.active_count(),
            "files": open_files(),
            "places_free": health["places_free"],
            "sessions": sum(health["sessions"].values()),
            "core_percent": health["core_percent"],
            "loop_lag_p99_ms": health["loop_lag_p99_ms"],
        }


def _size_mb(folder: Path) -> float:
    return round(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6, 1)


def rss_mb(process: int | str = "self") -> float:
    """Return the memory that a process uses (RSS), in MB of 1,000,000 bytes."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)


def open_files() -> int:
    """Return how many file descriptors this process has open."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@asynccontextmanager
async def _crowd(engine: Aired, since: float) -> AsyncIterator[dict[str, int]]:
    """Run the crowd's process; the dictionary has its report when the context has ended."""
    door = {"base": engine.base, "hearing": HEARING, "secret": SECRET}
    told = json.dumps({"door": door, "seats": SEATS, "since": since, "turn_s": TURN_S})
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.engine.soak_crowd", told,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    did: dict[str, int] = {}
    try:
        assert await process.stdout.readline() == b"here\n", "the crowd did not come"
        yield did
        process.stdin.close()
        did |= json.loads(await asyncio.wait_for(process.stdout.readline(), PATIENCE_S))
    finally:
        if process.returncode is None:
            process.stdin.close()
        await asyncio.wait_for(process.wait(), PATIENCE_S)
