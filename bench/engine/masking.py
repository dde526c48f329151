"""A masked voice: its additional delay, and its cost."""

import asyncio
import time
from statistics import quantiles
from typing import Any

import numpy as np

from hemicycle.engine.audio.audio_engine import AudioEngine
from hemicycle.engine.masking.voice import MaskedVoice
from hemicycle.engine.streams import FLOOR, SOUND_RATE, AudioSource, Samples
from hemicycle.engine.synthetic.voices import Babble

NAME = "masking"
VOICES = 8
SECONDS = 10.0
TICKS = 1500
MOST_MS = 200
"""The delay is looked for up to here."""


def run() -> dict[str, Any]:
    """Return `added_ms`: the shift at which the loudness curves fit best, and a tick's time (p99).

    `core_percent`: of an audio engine with eight masked voices, less one with the unmasked voices,
    per voice.
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
    """A voice that is kept as it is read."""

    def __init__(self, seed: int) -> None:
        self._voice = Babble(seed)
        self.blocks: list[Samples] = []

    def read(self) -> Samples:
        """The next 20 ms."""
        self.blocks.append(self._voice.read())
        return self.blocks[-1]


def alone() -> tuple[float, float]:
    """The shift of one voice in ms, and the 99th percentile of what a tick takes, in ms."""
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
    """The loudness of each ms, over 10 ms, around its mean."""
    each = np.abs(np.concatenate(blocks)).reshape(-1, SOUND_RATE // 1000).mean(axis=1)
    smooth = np.convolve(each, np.ones(10) / 10, "same")
    return smooth - smooth.mean()


async def on_air(is_masked: bool) -> float:
    """Percent of a core that an audio engine takes with the voices open."""
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
