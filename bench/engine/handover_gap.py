"""The longest silence in a channel when interpreters hand over to each other."""

import asyncio
import time
from random import Random
from statistics import quantiles
from typing import Any

import numpy as np

from bench.engine.audio_on_air import OnAir, Tone
from bench.sizes import size
from hemicycle.engine.audio.analysis import amplitude, longest_gap_ms
from hemicycle.engine.streams import SOUND_RATE, Samples

FIGURES = ("worst_ms", "worst_dip_db", "packet_late_p99_ms", "handovers")
HANDOVERS = size(80, 4)
ROUTES = size(40, 2)
EVERY_S = 0.25
VOICES = (600, 1000)
AMPLITUDE = 0.1


def run() -> dict[str, Any]:
    """Return `worst_ms`, the longest time without either voice when partners or routes change."""
    air, handed = asyncio.run(interpret())
    sound = air.heard()
    gaps = [longest_gap_ms(piece(air, sound, at), *VOICES) for at in handed]
    dips = [dip_db(piece(air, sound, at)) for at in handed]
    return {
        "worst_ms": max(gaps),
        "worst_dip_db": round(max(dips), 1),
        "packet_late_p99_ms": round(quantiles(air.late_ms(), n=100)[-1], 1),
        "handovers": len(handed),
    }


async def interpret() -> tuple[OnAir, list[float]]:
    """Let partners take over from each other; then switch the channel to the floor and back.

    The floor has the second partner's tone, so that one of two tones must be heard at any moment.
    Return the engine, and the times of the changes in seconds from its start.
    """
    random = Random(2)
    air = OnAir("fr", one=Tone(VOICES[0]), two=Tone(VOICES[1]), speaker=Tone(VOICES[1]))
    air.engine.open("speaker")
    air.engine.booth("fr", "one")
    air.engine.route("fr", "fr")
    await asyncio.sleep(1)
    handed = []
    for n in range(HANDOVERS + ROUTES):
        handed.append(time.monotonic() - air.start)
        if n < HANDOVERS:
            air.engine.booth("fr", ("two", "one")[n % 2])
        else:
            air.engine.route("fr", ("floor", "fr")[n % 2])
        await asyncio.sleep(EVERY_S * random.uniform(0.9, 1.1))
    air.engine.shut_down()
    return air, handed


def piece(air: OnAir, sound: Samples, at: float) -> Samples:
    """Return the sound from 100 ms before a handover to 150 ms after it."""
    middle = round(at * SOUND_RATE) - air.packets[0].pts
    return sound[middle - SOUND_RATE // 10 : middle + SOUND_RATE * 3 // 20]


def dip_db(sound: Samples) -> float:
    """Return by how many dB both voices together were softer than one voice, in the worst 10 ms."""
    blocks = np.split(sound[: len(sound) // 480 * 480], len(sound) // 480)
    powers = [sum(amplitude(block, voice) ** 2 for voice in VOICES) for block in blocks]
    return float(-10 * np.log10(min(powers) / AMPLITUDE**2))
