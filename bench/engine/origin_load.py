"""The requests that reach the engine while 10, 200 and 2,000 players play a webcast through nginx.

A hearing is on air with picture, sound and six languages. A real nginx has the configuration in
`deploy/`, without TLS, which would load the players more than the engine. Light players send the
same requests as hls.js: each list when its next part is due, and each part, of the picture and one
channel.
"""

import asyncio
import os
import shutil
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import quantiles
from typing import Any, override

import aiohttp

from bench.sizes import size
from hemicycle.procedure import Listed, Rules
from hemicycle.procedure import commands as c
from tests.deploy.proxies import Behind, Nginx
from tests.engine.aired import HEARING, MEETING, Aired, on_air
from tests.engine.hls.players import OriginCount, Server, counted, play
from tests.support.ports import free_port

FIGURES = ("requests_per_s", "answers_per_s", "failed", "late_p95_ms")
PLAYERS = tuple(map(int, size("10,200,2000", "2,4", "ORIGIN_PLAYERS").split(",")))
SECONDS = size(20.0, 4.0, "ORIGIN_SECONDS")
BEGIN_S = SECONDS / 2
"""For how long players are still starting, in seconds."""
TRACKS = ("video", "floor.aac")
PATH = f"/media/hls/{HEARING}/{MEETING}"


class PlainNginx(Nginx):
    """An nginx without TLS that allows as many connections as the players need."""

    @override
    def write(self, behind: Behind) -> list[str]:
        command = super().write(behind)
        for name, before, after in (
            ("site.conf", f":{self.port} ssl;", f":{self.port};"),
            (
                "nginx.conf",
                "events {}",
                "worker_rlimit_nofile 65536; events { worker_connections 30000; }",
            ),
        ):
            file = self.folder / name
            file.write_text(self._adapted(file.read_text(), {before: after}))
        return command


def run() -> dict[str, Any]:
    """Return the requests per second at the engine, and figures of players, by their number."""
    return asyncio.run(_measured())


async def _measured() -> dict[str, Any]:
    folder = Path(tempfile.mkdtemp(prefix="hemicycle-origin-"))
    languages = ["ar", "zh", "en", "fr", "ru", "es"]
    try:
        (folder / "nginx").mkdir()
        proxy = PlainNginx(folder / "nginx", free_port())
        with counted() as origin:
            async with on_air(folder / "data", languages=languages) as engine:
                _open(engine)
                port = int(engine.base.rpartition(":")[2])
                nowhere = folder / "nowhere"
                proxy.start(Behind(port, port, nowhere / "static", nowhere))
                try:
                    await _begun(f"http://127.0.0.1:{proxy.port}{PATH}/master.m3u8")
                    found = [await _watched(proxy.port, count, origin) for count in PLAYERS]
                finally:
                    proxy.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {
        name: {str(count): figures[name] for count, figures in zip(PLAYERS, found, strict=True)}
        for name in found[0]
    }


def _open(engine: Aired) -> None:
    rules = Rules(time_limit_ms=3_600_000, warning_ms=5_000, at_limit="cut")
    listed = (Listed("s0", "floor", "person-s0", languages=("en",)),)
    ends_at = engine.script.now_ms() + 7_200_000
    engine.script.do(
        c.OpenMeeting(MEETING),
        c.OpenSegment("panel", "panel", ends_at, rules, listed),
        c.GiveFloor("s0"),
    )


async def _begun(master: str) -> None:
    async with aiohttp.ClientSession() as asks, asyncio.timeout(60):
        while True:
            async with asks.get(master) as answer:
                if answer.status == 200:
                    return
            await asyncio.sleep(0.2)


async def _watched(port: int, players: int, origin: OriginCount) -> dict[str, Any]:
    """Play the webcast in another process; return its figures, and the requests at the engine."""
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        playing = loop.run_in_executor(pool, _play, port, players)
        begun, asked = loop.time(), 0
        while not playing.done():
            await asyncio.wait([playing], timeout=1)
            if loop.time() - begun < BEGIN_S:
                origin.asked.clear()
                counted_from = loop.time()
        asked, lasted_s = origin.asked.total(), loop.time() - counted_from
        got = await playing
    return {"requests_per_s": round(asked / lasted_s, 1), **got}


def _play(port: int, players: int) -> dict[str, Any]:
    """Play the webcast with this many players, in a separate process; return their figures."""
    os.nice(5)  # real players run on other machines
    tally = asyncio.run(play(Server(port, PATH), TRACKS, players, SECONDS))
    late = quantiles(tally.late_s(), n=20)[-1] if tally.parts else 0.0
    return {
        "answers_per_s": round(tally.answers / SECONDS),
        "failed": tally.failed.total(),
        "late_p95_ms": round(late * 1000),
    }
