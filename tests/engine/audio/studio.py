"""Sound sources that tests share, and a mixer that runs without a clock."""

from collections.abc import Sequence
from itertools import cycle

import numpy as np

from hemicycle.engine.audio.analysis import tone
from hemicycle.engine.audio.limiter import LOOK_AHEAD
from hemicycle.engine.audio.mixer import MicrophoneTurned, MixedTick, Mixer, SourceFailed
from hemicycle.engine.streams import SOUND_RATE, TICK_SAMPLES, AudioSource, Samples

SECOND = SOUND_RATE // TICK_SAMPLES
"""Ticks in a second."""


class Steady:
    """A source of a constant value, so that the output equals the gain."""

    def __init__(self, value: float = 0.25) -> None:
        self._block = np.full(TICK_SAMPLES, value, np.float32)

    def read(self) -> Samples:
        return self._block


class Tone:
    """An endless tone; its frequency is in Hz."""

    def __init__(self, frequency: float, amplitude: float = 0.1) -> None:
        self._frequency, self._amplitude, self._first = frequency, amplitude, 0

    def read(self) -> Samples:
        block = tone(self._frequency, 0.02, self._amplitude, self._first)
        self._first += TICK_SAMPLES
        return block


class Played:
    """A source that plays the given sound, and then nothing."""

    def __init__(self, sound: Samples) -> None:
        whole = len(sound) // TICK_SAMPLES * TICK_SAMPLES
        self._blocks = iter(sound[:whole].reshape(-1, TICK_SAMPLES))

    def read(self) -> Samples | None:
        return next(self._blocks, None)


class Speech:
    """A sound like speech of a loudness in LUFS: syllables and pauses over a quiet hiss."""

    def __init__(self, loudness: float, noise_db: float = -70.0) -> None:
        at = np.arange(2 * SOUND_RATE) / SOUND_RATE
        waves = [np.sin(2 * np.pi * 140 * n * at + n * n) / n for n in range(1, 20)]
        syllables = (at < 1.5) * (0.275 - 0.225 * np.cos(2 * np.pi * 4 * at))
        voice = 10 ** ((loudness + 12.6) / 20) * syllables * np.sum(waves, axis=0)
        self._blocks = cycle(voice.astype(np.float32).reshape(-1, TICK_SAMPLES))
        self._hiss = Noise(noise_db)

    def read(self) -> Samples:
        return next(self._blocks) + self._hiss.read()


class Noise:
    """A steady noise, as of a fan."""

    def __init__(self, level_db: float, seed: int = 1) -> None:
        self._random = np.random.default_rng(seed)
        self._amplitude = 10 ** (level_db / 20)

    def read(self) -> Samples:
        return self._random.normal(0.0, self._amplitude, TICK_SAMPLES).astype(np.float32)


class Nothing:
    """A publisher who sends no sound."""

    def read(self) -> None:
        return None


class Broken:
    """A source that fails after some blocks."""

    def __init__(self, error: Exception, blocks: int = 0) -> None:
        self._error, self._left = error, blocks

    def read(self) -> Samples:
        if not self._left:
            raise self._error
        self._left -= 1
        return np.full(TICK_SAMPLES, 0.25, np.float32)


class Studio:
    """A mixer with all of its output so far."""

    def __init__(self, channels: Sequence[str] = ("floor",)) -> None:
        self.mixer = Mixer(channels)
        self.ticks: list[MixedTick] = []

    def add(self, **sounds: AudioSource) -> None:
        """Add sources by name, without automatic gain."""
        for name, sound in sounds.items():
            self.mixer.add(name, sound, automatic_gain=False)

    def open(self, *names: str) -> None:
        """Open microphones at the next sample."""
        for name in names:
            self.mixer.microphone(name, self.now, on=True)

    def run(self, ticks: int) -> None:
        """Mix the next `ticks`."""
        for _ in range(ticks):
            self.ticks.append(self.mixer.tick(len(self.ticks) * TICK_SAMPLES))

    def heard(self, channel: str = "floor") -> Samples:
        """Return all output of a channel; index 0 is the program's sample 0."""
        row = self.mixer.channels.index(channel)
        return np.concatenate([tick.channels[row] for tick in self.ticks])

    @property
    def turned(self) -> list[MicrophoneTurned]:
        return [turned for tick in self.ticks for turned in tick.turned]

    @property
    def failed(self) -> list[SourceFailed]:
        return [failed for tick in self.ticks for failed in tick.failed]

    @property
    def now(self) -> int:
        """The first sample that can still be changed."""
        return len(self.ticks) * TICK_SAMPLES + LOOK_AHEAD
