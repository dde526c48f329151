"""The additional delay and the cost of a masked voice."""

import asyncio
import time
from statistics import quantiles
from typing import Any

import numpy as np

from bench.sizes import size
from hemicycle.engine.audio.audio_engine import AudioEngine
from hemicycle.engine.masking.voice import MaskedVoice
from hemicycle.engine.streams import FLOOR, SOUND_RATE, AudioSource, Samples
from hemicycle.engine.synthetic.voices import Babble

FIGURES = ("added_ms", "shift_ms", "tick_p99_ms", "core_percent", "voices")
VOICES = 8
SECONDS = size(10.0, 1.0)
TICKS = size(1500, 150)
MOST_MS = 200
"""The longest delay that can be found, in ms."""


def run() -> dict[str, Any]:
    """Return the figures.

    `added_ms` is the sum of the shift at which the loudness curves match best and the time of a
    tick (99th percentile). `core_percent` is the cost for each voice: an audio engine with eight
    masked voices, minus one with the same voices unmasked, divided by eight.
    """
    shift_ms, took_ms = alone()
    plain, masked = (asyncio.run(on_air(is_masked)) for is_masked in (False, True))
    return {
        "added_ms": round(shift_ms + took_ms, 1),
        "shift_ms": round(shift_ms, 1),
        "tick_p99_ms": round(took_ms, 2),
        "core_percent": round((masked - plain) / VOICES, 2),
        "voices": VOICES,
    }


class Heard:
    """A voice that keeps the blocks that were read."""

    def __init__(self, seed: int) -> None:
        self._voice = Babble(seed)
        self.blocks: list[Samples] = []

    def read(self) -> Samples:
        """Return the next 20 ms, and keep them."""
        self.blocks.append(self._voice.read())
        return self.blocks[-1]


def alone() -> tuple[float, float]:
    """Return the shift of one voice, and the 99th percentile of the time for a tick, both in ms."""
    heard = Heard(1)
    voice = MaskedVoice(heard)
    changed, took = [], []
    for _ in range(TICKS):
        began = time.perf_counter()
        block = voice.read()
        took.append(1000 * (time.perf_counter() - began))
        assert block is not None
        changed.append(block)
    before, after = loudness(heard.blocks), loudness(changed)
    fits = [float(np.dot(before[: len(before) - ms], after[ms:])) for ms in range(MOST_MS)]
    return float(np.argmax(fits)), quantiles(took, n=100)[-1]


def loudness(blocks: list[Samples]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the loudness at each ms, averaged over 10 ms, minus its mean."""
    each = np.abs(np.concatenate(blocks)).reshape(-1, SOUND_RATE // 1000).mean(axis=1)
    smooth = np.convolve(each, np.ones(10) / 10, "same")
    return smooth - smooth.mean()


async def on_air(is_masked: bool) -> float:
    """Return the percentage of a core that an audio engine uses with all voices open."""
    engine = AudioEngine((FLOOR,), asyncio.get_running_loop(), time.monotonic())
    for seed in range(VOICES):
        source: AudioSource = MaskedVoice(Babble(seed)) if is_masked else Babble(seed)
        engine.add(str(seed), source)
        engine.open(str(seed))
    await asyncio.sleep(1.0)
    used, begun = time.process_time(), time.monotonic()
    await asyncio.sleep(SECONDS)
    percent = 100 * (time.process_time() - used) / (time.monotonic() - begun)
    engine.shut_down()
    return percent
