"""How far the delay of the public feed is from the chosen one, and how fast a stop ends the feed.

The voice is a tone that is muted and unmuted. The engine reports exactly when the microphone was
opened, and a client that fetches every part of the webcast records when the tone is available.
"""

import asyncio
import contextlib
import itertools
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import aiohttp
import numpy as np

from bench.sizes import size
from hemicycle.engine.audio.analysis import amplitude
from hemicycle.engine.streams import SOUND_RATE
from hemicycle.procedure import Listed, Rules
from hemicycle.procedure import commands as c
from tests.engine.aired import HEARING, MEETING, Aired, on_air
from tests.engine.fetched import Public, decoded, in_public

FIGURES = ("error_s", "delay_s", "stop_s", "rounds")
DELAY_S = size(10, 2)
ROUNDS = size(6, 2)
ROUND_S = 2.0
TONE = 1000
BLOCK = SOUND_RATE // 50
HEARD = 0.02


def run() -> dict[str, Any]:
    """Return `error_s`, the largest difference between the delay of the sound and the chosen one.

    `stop_s` is the time from a stop to the last part with sound, in a feed without a delay.
    """
    delays = asyncio.run(_delays())
    stop_s = asyncio.run(_stop())
    error_s = max(abs(delay - DELAY_S) for delay in delays)
    return {
        "error_s": round(error_s, 3),
        "delay_s": round(median(delays), 3),
        "stop_s": round(stop_s, 3),
        "rounds": len(delays),
    }


@contextlib.asynccontextmanager
async def _scene(delay_s: int) -> Any:
    folder = Path(tempfile.mkdtemp(prefix="hemicycle-delay-"))
    try:
        async with (
            on_air(folder, languages=["en"], public_delay={"s": delay_s}) as engine,
            engine.publisher("s0", TONE, slot="s0"),
            in_public(engine, TONE) as public,
        ):
            listed = (Listed("s0", "floor", "person-s0", languages=("en",)),)
            ends_at = engine.script.now_ms() + 7_200_000
            rules = Rules(time_limit_ms=3_600_000)
            engine.script.do(
                c.OpenMeeting(MEETING),
                c.OpenSegment("panel", "panel", ends_at, rules, listed),
                c.GiveFloor("s0"),
            )
            yield engine, public
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _delays() -> list[float]:
    """Return after how many seconds the public could hear each opening of the microphone."""
    async with _scene(DELAY_S) as (engine, public):
        await asyncio.sleep(DELAY_S + 4)
        for _ in range(ROUNDS):
            engine.script.do(c.Mute("s0"))
            await asyncio.sleep(ROUND_S)
            engine.script.do(c.Unmute("s0"))
            await asyncio.sleep(ROUND_S)
        await asyncio.sleep(DELAY_S + 1)
        opened = [fact.at_ms / 1000 for fact in engine.facts.of(c.ReportMicrophone) if fact.open]
        heard = list(_onsets(public))
    pairs = [(at, min(heard, key=lambda onset: abs(onset - at - DELAY_S))) for at in opened[1:]]
    return [onset - at for at, onset in pairs]


def _onsets(public: Public) -> Iterator[float]:
    """Yield the times at which the public could hear the tone begin after silence."""
    blocks = list(_blocks(public))
    for (_, before), (at, now) in itertools.pairwise(blocks):
        if now and not before:
            yield at


def _blocks(public: Public) -> Iterator[tuple[float, bool]]:
    """Yield the time at which each 20 ms could be heard, and whether they contain the tone.

    A part is played as soon as it is available.
    """
    for at, data in list(public.parts.values()):
        sound = decoded(public.init, data) if data else np.zeros(0, np.float32)
        count = len(sound) // BLOCK
        for number in range(count):
            block = sound[number * BLOCK : (number + 1) * BLOCK]
            yield at - (count - number) * BLOCK / SOUND_RATE, amplitude(block, TONE) > HEARD


async def _stop() -> float:
    """Return after how many seconds from the press the last part with the room's sound arrived."""
    async with _scene(0) as (engine, public):
        await asyncio.sleep(6)
        desk = await _desk(engine)
        pressed = time.time()
        await engine.control(desk, do="stop_feed")
        await asyncio.sleep(4)
        parts = [
            at
            for at, data in public.parts.values()
            if data and amplitude(decoded(public.init, data), TONE) > HEARD
        ]
    return max(0.0, max(parts) - pressed)


async def _desk(engine: Aired) -> str:
    headers = {"Authorization": f"Bearer {engine.token('attend', 'technician', 'desk')}"}
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{engine.base}/media/attend/{HEARING}", headers=headers) as answer,
    ):
        return engine.base + answer.headers["Location"]
