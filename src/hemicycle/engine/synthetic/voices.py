"""What synthetic participants say: babble with the rhythm of speech, or a tone for measurements.

The babble is made as a voice makes it: harmonics of a pitch, weighted by the resonances (formants)
of a mouth that moves from vowel to vowel, with noise for the consonant before. A voice makes its
syllables once and then joins them to words, so that speech costs almost nothing.
"""

from collections.abc import Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hemicycle.engine.streams import SOUND_RATE, TICK_SAMPLES, Samples

WORDS_A_MINUTE = 120
"""The pace that interpreters ask of speakers."""

SYLLABLES = 20
STEPS = 24
"""Steps of a mouth's movement within a syllable."""

PEAK = 0.35

# First three formants in Hz of five vowels, as phonetics textbooks give them for a man's voice.
_VOWELS = np.array(
    [[730, 1090, 2440], [530, 1840, 2480], [270, 2290, 3010], [570, 840, 2410], [300, 870, 2240]]
)
_WIDTHS = np.array([80.0, 110.0, 170.0])
_STRENGTHS = np.array([1.0, 0.5, 0.25])
_HIGHEST_HZ = 5000


class Voice(Protocol):
    """Sound without end, 20 ms at a time."""

    level: float
    """How loud the last 20 ms were, 0 to 1: how far a mouth is open."""

    def read(self) -> Samples:
        """Return the next 20 ms."""


class Tone:
    """A pure tone, by which a test recognizes a source: Hz, and amplitude 0 to 1."""

    def __init__(self, frequency: float, amplitude: float = 0.25) -> None:
        self.frequency, self.level = frequency, amplitude
        self._first = 0

    def read(self) -> Samples:
        """Return the next 20 ms, continuous with the previous ones."""
        at = np.arange(self._first, self._first + TICK_SAMPLES, dtype=np.float64)
        self._first += TICK_SAMPLES
        wave: Samples = (self.level * np.sin(2 * np.pi * self.frequency * at / SOUND_RATE)).astype(
            np.float32
        )
        return wave


class Silence:
    """An open microphone at which nobody speaks."""

    level = 0.0

    def read(self) -> Samples:
        """Return 20 ms of silence."""
        return np.zeros(TICK_SAMPLES, np.float32)


class Babble:
    """Speech without sense; equal seeds give equal speech."""

    def __init__(self, seed: int = 0, words_a_minute: int = WORDS_A_MINUTE) -> None:
        self._random = np.random.default_rng(seed)
        self._word_s = 60 / words_a_minute
        self._pitch = float(self._random.uniform(95, 210))
        self._syllables = [self._syllable() for _ in range(SYLLABLES)]
        self._said = self._speech()
        self._waiting: Samples = np.zeros(0, np.float32)
        self.level = 0.0

    def read(self) -> Samples:
        """Return the next 20 ms."""
        while len(self._waiting) < TICK_SAMPLES:
            self._waiting = np.concatenate([self._waiting, next(self._said)])
        tick, self._waiting = self._waiting[:TICK_SAMPLES], self._waiting[TICK_SAMPLES:]
        self.level = min(1.0, float(np.abs(tick).max()) / PEAK)
        return tick

    def _speech(self) -> Iterator[Samples]:
        """Yield word after word; each begins on the beat, and the end of a sentence takes
        three beats.
        """
        while True:
            length = int(self._random.integers(6, 12))
            for number in range(length):
                yield self._word(1 - 0.3 * number / length)
            yield _silence(self._word_s * 2)

    def _word(self, strength: float) -> Samples:
        count = int(self._random.choice([1, 2, 2, 3]))
        picked = self._random.integers(0, SYLLABLES, count)
        sounds = [self._syllables[number] * strength for number in picked]
        word = np.concatenate(sounds)
        rest = round(self._word_s * SOUND_RATE) - len(word)
        return np.concatenate([word, _silence(max(0, rest) / SOUND_RATE)])

    def _syllable(self) -> Samples:
        """Return a consonant's noise and a vowel that glides into another; 130 to 160 ms."""
        count = int(self._random.uniform(0.13, 0.16) * SOUND_RATE)
        glide = np.linspace(0, 1, STEPS)[:, None]
        first, second = self._random.integers(0, len(_VOWELS), 2)
        formants = _VOWELS[first] * (1 - glide) + _VOWELS[second] * glide
        sound = self._voiced(count, formants) * _bow(count)
        noise = self._random.standard_normal(count) * np.exp(-np.linspace(0, 14, count))
        sound = sound / np.abs(sound).max() + 0.06 * noise
        syllable: Samples = (PEAK * 0.9 * sound / np.abs(sound).max()).astype(np.float32)
        return syllable

    def _voiced(self, count: int, formants: NDArray[np.float64]) -> NDArray[np.float64]:
        pitch = self._pitch * (1 + 0.08 * np.sin(np.linspace(0, np.pi, count)))
        phase = 2 * np.pi * np.cumsum(pitch) / SOUND_RATE
        at, steps = np.arange(count), np.linspace(0, count, STEPS)
        sound = np.zeros(count)
        for harmonic in range(1, int(_HIGHEST_HZ / self._pitch)):
            away = (self._pitch * harmonic - formants) / _WIDTHS
            weight = (_STRENGTHS / (1 + away**2)).sum(axis=1)
            sound += np.interp(at, steps, weight) * np.sin(harmonic * phase)
        return sound


def _bow(count: int) -> NDArray[np.float64]:
    """Return an envelope that is soft at both ends."""
    bow: NDArray[np.float64] = np.minimum(1, 4 * np.sin(np.linspace(0, np.pi, count)))
    return bow


def _silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * SOUND_RATE), np.float32)
