"""How long after the time limit a microphone is silent, in the decoded sound of the floor."""

import asyncio
import time
from random import Random
from statistics import median, quantiles
from typing import Any

import numpy as np

from bench.engine.audio_on_air import OnAir, Tone
from bench.sizes import size
from hemicycle.engine.streams import SOUND_RATE

FIGURES = (
    *("worst_ms", "p50_ms", "earliest_ms", "pressed_worst_ms", "pressed_p50_ms"),
    *("packet_late_p99_ms", "core_percent", "cuts"),
)
TURNS = size(40, 3)
"""The number of cuts of each kind: ordered ahead for the limit, and made at the limit."""

SILENT = 0.003
"""The amplitude below which a sample is silent: −50 dBFS, for a tone of −20 dBFS."""


def run() -> dict[str, Any]:
    """Return `worst_ms` of the cuts ordered ahead, as is usual; `pressed_…` of the others."""
    used = time.process_time()
    begun = time.monotonic()
    air, limits = asyncio.run(speak())
    percent = 100 * (time.process_time() - used) / (time.monotonic() - begun)
    sound = np.abs(air.heard()) > SILENT
    delays = [delay_ms(air, sound, limit) for limit in limits]
    ahead, pressed = delays[::2], delays[1::2]
    return {
        "worst_ms": round(max(ahead), 1),
        "p50_ms": round(median(ahead), 1),
        "earliest_ms": round(min(ahead), 1),
        "pressed_worst_ms": round(max(pressed), 1),
        "pressed_p50_ms": round(median(pressed), 1),
        "packet_late_p99_ms": round(quantiles(air.late_ms(), n=100)[-1], 1),
        "core_percent": round(percent, 1),
        "cuts": len(delays),
    }


async def speak() -> tuple[OnAir, list[float]]:
    """Let a speaker speak in turns with short pauses; return the limits (monotonic s).

    Even turns are cut by an order ahead of the limit, odd ones by an order at the limit.
    """
    random = Random(1)
    air = OnAir("floor", speaker=Tone(1000), moderator=Tone(500))
    limits = []
    for turn in range(2 * TURNS):
        air.engine.open("speaker")
        limit = time.monotonic() + random.uniform(0.15, 0.25)
        if turn % 2 == 0:
            air.engine.close("speaker", limit)
        await asyncio.sleep(max(0.0, limit - time.monotonic()))
        if turn % 2:
            limit = time.monotonic()
            air.engine.close("speaker")
        limits.append(limit)
        await asyncio.sleep(random.uniform(0.25, 0.3))
    air.engine.shut_down()
    return air, limits


def delay_ms(air: OnAir, sound: np.ndarray[Any, np.dtype[np.bool_]], limit: float) -> float:
    """Return the time from a limit to the last audible sample of the turn, in ms.

    It is negative if the microphone was closed too early.
    """
    around = round((limit - air.start) * SOUND_RATE) - air.packets[0].pts
    before = max(0, around - SOUND_RATE // 10)
    window = sound[before : around + SOUND_RATE // 5]
    last = before + int(np.flatnonzero(window)[-1])
    return (air.played_at(last) - limit) * 1000
