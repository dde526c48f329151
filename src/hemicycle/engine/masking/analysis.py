"""Reduces a voice to its level, its voicing, and the shape of its bands without the speaker's."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from hemicycle.engine.masking.bands import (
    BANDS,
    CENTRES,
    FRAME,
    MEASURE,
    PADDED,
    RATE,
    REFERENCE_DB,
    Values,
)

SILENT_DB = -62.0
"""The level (dBFS) below which a frame is not used to learn the speaker's mean."""

LEARNT_FRAMES = 400
"""Frames over which a speaker's mean is taken in the long run: 4 s of speech."""

FIRST_FRAMES = 15
"""The weight of the common values at the start, in frames (0.15 s of speech)."""

LONGEST_LAG, SHORTEST_LAG = RATE // 60, RATE // 420
COMMON_PLACE = float(np.log(1250.0))
"""The mean frequency of the vowels' energy that every voice gets (natural logarithm of Hz)."""

MOST_MOVED = 0.28
"""The largest shift of a speaker's resonances to the common place (logarithm of the factor)."""

SPREAD_DB = 8.0
"""The variation that every voice's bands get (standard deviation, dB)."""

STEP_DB = 1.5
"""The step to which bands are rounded, in dB."""

_PERIODIC = (np.fft.rfftfreq(PADDED, 1 / RATE) < 1500.0).astype(np.float64)
_WINDOW: Values = np.hanning(FRAME + 1)[:-1]
_OWN = np.fft.irfft(np.abs(np.fft.rfft(_WINDOW, PADDED)) ** 2)[: LONGEST_LAG + 1]
_OWN = np.maximum(_OWN / _OWN[0], 0.05)
_VOWELS = (CENTRES > 250) & (CENTRES < 3800)
_PLACES = np.log(CENTRES[_VOWELS])


class Look(NamedTuple):
    """10 ms of a voice: `shape` is the difference of the bands (dB) from the speaker's own mean.

    `moved` is the shift of frequencies to the common place (logarithm of the factor), `level` is in
    dBFS, and `voiced` is from 0 to 1.
    """

    shape: Values
    moved: float
    level: float
    voiced: float


@dataclass(frozen=True, slots=True)
class HandedAnalysis:
    """What was learnt about a voice, for another process.

    `mean` and `variance` hold a 64-bit float for each band.
    """

    mean: bytes
    variance: bytes
    place: float
    learnt: int
    placed: int


class Analysis:
    """Analyses one voice, and removes what identifies the speaker."""

    def __init__(self) -> None:
        self._mean = REFERENCE_DB.copy()
        self._variance = np.full(BANDS, SPREAD_DB**2)
        self._place = COMMON_PLACE
        self._learnt = self._placed = FIRST_FRAMES

    def handed(self) -> HandedAnalysis:
        """Return what was learnt, for another process."""
        return HandedAnalysis(
            self._mean.tobytes(),
            self._variance.tobytes(),
            self._place,
            self._learnt,
            self._placed,
        )

    def resume(self, handed: HandedAnalysis) -> None:
        """Continue with what another process has learnt. Raises ValueError if it does not fit."""
        self._mean = np.frombuffer(handed.mean).reshape(BANDS).copy()
        self._variance = np.frombuffer(handed.variance).reshape(BANDS).copy()
        self._place = handed.place
        self._learnt, self._placed = handed.learnt, handed.placed

    def look(self, frame: Values) -> Look:
        """Analyse a frame (30 ms), and learn from it."""
        power = np.abs(np.fft.rfft(frame * _WINDOW, PADDED)) ** 2
        bands = 10 * np.log10(power @ MEASURE + 1e-9)
        level = 10 * np.log10(float(np.dot(frame, frame)) / FRAME + 1e-12)
        voiced = self._voicing(power)
        shape = bands - bands.mean()
        if level > SILENT_DB:
            self._learn(shape, voiced)
        evened = (shape - self._mean) * (SPREAD_DB / np.sqrt(self._variance))
        kept = np.round(evened / STEP_DB) * STEP_DB
        moved = float(np.clip(COMMON_PLACE - self._place, -MOST_MOVED, MOST_MOVED))
        return Look(kept, moved, level, voiced)

    def _learn(self, shape: Values, voiced: float) -> None:
        self._learnt = min(self._learnt + 1, LEARNT_FRAMES)
        away = shape - self._mean
        self._mean += away / self._learnt
        self._variance += (away**2 - self._variance) / self._learnt
        if voiced > 0.7:
            self._placed = min(self._placed + 1, LEARNT_FRAMES)
            weight = 10 ** (shape[_VOWELS] / 20)
            place = float(np.dot(weight, _PLACES) / weight.sum())
            self._place += (place - self._place) / self._placed

    def _voicing(self, power: Values) -> float:
        alike = np.fft.irfft(power * _PERIODIC)[: LONGEST_LAG + 1]
        if alike[0] <= 1e-9:
            return 0.0
        peak = float((alike / alike[0] / _OWN)[SHORTEST_LAG:].max())
        return float(np.clip((peak - 0.45) / 0.25, 0.0, 1.0))
