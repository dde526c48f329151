"""The bands in which a voice is measured and resynthesized, and the filters between two rates.

The bands are as coarse as speech allows. None is narrower than the distance between two harmonics
of a high voice, so their energies do not follow the pitch.
"""

import numpy as np
from numpy.typing import NDArray

from hemicycle.engine.streams import SOUND_RATE

RATE = 16_000
"""The sample rate at which a voice is analysed; what is above 8 kHz is dropped."""

DOWN = SOUND_RATE // RATE
HOP = RATE // 100
"""Samples between two analyses of the voice: 10 ms."""

FRAME = 3 * HOP
"""Samples of one analysis: 30 ms."""

PADDED = 2 * FRAME
"""A frame is padded to this, so that its autocorrelation does not wrap."""

LOWEST_HZ, HIGHEST_HZ = 120.0, 7200.0
NARROWEST_HZ = 220.0
BANDS = 20

TAPS = 97
"""The length of each filter between 48 and 16 kHz, in samples at 48 kHz; its delay is 1 ms."""

type Values = NDArray[np.float64]


def _centres() -> Values:
    """Return the centres of the bands in Hz, evenly spaced in Bark (Traunmüller's formula)."""
    low, high = (26.81 * hz / (1960 + hz) - 0.53 for hz in (LOWEST_HZ, HIGHEST_HZ))
    bark = np.linspace(low, high, BANDS)
    centres: Values = 1960 * (bark + 0.53) / (26.28 - bark)
    return centres


CENTRES: Values = _centres()


def _weights(size: int) -> Values:
    """Return the weights of the bins of a transform of `size` in overlapping triangular bands: a
    row for each bin, and a column for each band.
    """
    bins = np.fft.rfftfreq(size, 1 / RATE)[:, np.newaxis]
    width = np.maximum(np.gradient(CENTRES), NARROWEST_HZ)
    rising = 1 - np.abs(bins - CENTRES) / width
    weights: Values = np.maximum(0, rising)
    return weights / weights.sum(axis=0)


def _spread(size: int) -> Values:
    """Return the matrix that interpolates values of bands linearly to the bins of a transform of
    `size`.
    """
    bins = np.fft.rfftfreq(size, 1 / RATE)
    return np.stack([np.interp(bins, CENTRES, row) for row in np.eye(BANDS)])


MEASURE: Values = _weights(PADDED)
SPREAD: Values = _spread(FRAME)

REFERENCE_DB: Values = -9.0 * np.log2(np.maximum(CENTRES, 500.0) / 500.0) / 1.5
"""The mean spectrum that every voice gets: flat up to 500 Hz, then falling by 6 dB per octave.

It belongs to no speaker, and is roughly the long-term spectrum of speech.
"""

REFERENCE_DB -= REFERENCE_DB.mean()


def low_pass() -> Values:
    """Return a filter at 48 kHz that passes what a sample rate of 16 kHz can represent."""
    at = np.arange(TAPS) - (TAPS - 1) / 2
    cut = 2 * 7400.0 / SOUND_RATE
    taps: Values = cut * np.sinc(cut * at) * np.hamming(TAPS)
    return taps / taps.sum()
