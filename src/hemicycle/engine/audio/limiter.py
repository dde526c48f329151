"""The limiter of each channel: no sample leaves above the ceiling.

It looks ahead, so the gain is down before a loud sound arrives, without a click. The gain is
computed in three steps: the gain that each sample needs; the lowest of these within the look-ahead;
and a mean over as many samples, which is never higher than any of them needs. Afterwards the gain
rises by `RELEASE_DB_S`.

The ceiling is −6 dBFS and not the −1 dBFS that keeps a converter from clipping. Interpreters wear
headphones for hours, and the sounds that hurt are the sudden ones (a knocked microphone, a howl).
Opus does not keep the shape of a wave and adds to its peaks: up to 4 dB to an overdriven voice, 6
dB to a square wave.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hemicycle.engine.streams import SOUND_RATE, TICK_SAMPLES, Samples

LOOK_AHEAD = SOUND_RATE * 25 // 10_000
"""Samples by which a channel leaves later than it was mixed: 2.5 ms."""

CEILING_DB = -6.0
CEILING = 10 ** (CEILING_DB / 20)
"""The highest sample that leaves; 1.0 is full scale."""

RELEASE_DB_S = 60.0
"""How fast the gain returns, in dB per second."""

type Gains = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class HandedLimiter:
    """The sound that a limiter holds back (32-bit floats), and its gains (64-bit floats)."""

    tail: bytes
    before: bytes


class Limiter:
    """One limiter for each of some channels, each a row."""

    def __init__(self, rows: int) -> None:
        self._tail = np.zeros((rows, LOOK_AHEAD), np.float32)
        self._before: Gains = np.zeros((rows, LOOK_AHEAD))
        self.reduced: Gains = np.zeros(rows)
        """The most dB by which each channel was turned down within the last block."""

    def handed(self) -> HandedLimiter:
        """Return the limiters' state for another process."""
        return HandedLimiter(self._tail.tobytes(), self._before.tobytes())

    def resume(self, handed: HandedLimiter) -> None:
        """Take over the state of another process. Raises ValueError for an invalid state."""
        shape = self._tail.shape
        self._tail = np.frombuffer(handed.tail, np.float32).reshape(shape).copy()
        self._before = np.frombuffer(handed.before, np.float64).reshape(shape).copy()

    def take(self, blocks: Samples) -> Samples:
        """Return the next 20 ms of each channel, `LOOK_AHEAD` samples after they came in."""
        held = np.hstack([self._tail, blocks])
        self._tail = held[:, TICK_SAMPLES:]
        out = held[:, :TICK_SAMPLES].copy()
        self.reduced = np.zeros(len(blocks))
        # Most channels need no limiting most of the time: only loud rows, and rows whose gain has
        # not returned yet, are computed.
        loud = np.abs(held).max(axis=1) > CEILING
        rows = np.flatnonzero(loud | (self._before.min(axis=1) < -1e-6))
        if len(rows):
            gains = self._gains(rows, held[rows])
            # The clip catches what rounding leaves above the ceiling.
            out[rows] = np.clip(out[rows] * 10 ** (gains / 20), -CEILING, CEILING)
            self.reduced[rows] = -gains.min(axis=1)
        return out

    def _gains(self, rows: NDArray[np.intp], held: Samples) -> Gains:
        """Return the gain of each sample that leaves, in dB."""
        needed = np.minimum(CEILING_DB - 20 * np.log10(np.maximum(np.abs(held), 1e-6)), 0.0)
        wanted = np.hstack([self._before[rows], _lowest(needed, LOOK_AHEAD + 1)])
        released = _release(wanted)
        self._before[rows] = released[:, TICK_SAMPLES:]
        return _mean(released, LOOK_AHEAD + 1)


def _lowest(values: Gains, width: int) -> Gains:
    """Return the lowest of each `width` neighbours."""
    have = 1
    while have < width:
        step = min(have, width - have)
        values = np.minimum(values[:, :-step], values[:, step:])
        have += step
    return values


def _release(wanted: Gains) -> Gains:
    """Return the wanted gains, rising no faster than the release allows."""
    # Subtracting the slope turns "rise by at most this much per sample" into a running minimum,
    # which numpy computes without a loop over samples.
    slope = RELEASE_DB_S / SOUND_RATE * np.arange(wanted.shape[1])
    rising: Gains = np.minimum.accumulate(wanted - slope, axis=1)
    return rising + slope


def _mean(values: Gains, width: int) -> Gains:
    """Return the mean of each `width` neighbours."""
    sums = np.cumsum(np.pad(values, ((0, 0), (1, 0))), axis=1)
    return (sums[:, width:] - sums[:, :-width]) / width
