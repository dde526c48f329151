"""How far the public feed's delay is from the chosen one, and how fast a stop cuts it.

A voice is a tone, muted and opened again. The engine reports to the sample when a microphone was
opened; a client that fetches every part of the webcast notes when the tone is available.
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

from hemicycle.engine.audio.analysis import amplitude
from hemicycle.engine.streams import SOUND_RATE
from hemicycle.procedure import Listed, Rules
from hemicycle.procedure import commands as c
from tests.engine.aired import HEARING, MEETING, Aired, on_air
from tests.engine.fetched import Public, decoded, in_public

NAME = "public_delay"
DELAY_S = 10
ROUNDS = 6
ROUND_S = 2.0
TONE = 1000
BLOCK = SOUND_RATE // 50
HEARD = 0.02


def run() -> dict[str, Any]:
    """`error_s`: the delay of the sound against the chosen one; `stop_s`: the last that is heard
    after a stop, without a delay, where the room's own sound is cut off at once."""
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
    """Return how long after each opening of the microphone the public could hear it."""
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
    """Return when the public could hear the tone begin, after silence."""
    blocks = list(_blocks(public))
    for (_, before), (at, now) in itertools.pairwise(blocks):
        if now and not before:
            yield at


def _blocks(public: Public) -> Iterator[tuple[float, bool]]:
    """Yield for each 20 ms when it could be heard, if a part is played as soon as it exists."""
    for at, data in list(public.parts.values()):
        sound = decoded(public.init, data) if data else np.zeros(0, np.float32)
        count = len(sound) // BLOCK
        for number in range(count):
            block = sound[number * BLOCK : (number + 1) * BLOCK]
            yield at - (count - number) * BLOCK / SOUND_RATE, amplitude(block, TONE) > HEARD


async def _stop() -> float:
    """Return how long after the press the last part with sound of the room came."""
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
