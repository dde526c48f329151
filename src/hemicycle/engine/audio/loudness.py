"""Loudness after Recommendation ITU-R BS.1770-5, for many sounds at once.

The K-weighting is a recursion over samples, for which numpy has no fast operation. It is linear, so
it is run over a basis once, and then 32 samples are one product of matrices: the same figures, a
thousand times faster. (32: longer steps are no faster, and the linear algebra would start threads.)
"""

from collections import deque
from dataclasses import dataclass
from math import log10
from typing import Self

import numpy as np
from numpy.typing import NDArray

from hemicycle.engine.streams import TICK_SAMPLES

type SoundValues = NDArray[np.float64]
"""One number per sound."""

type SoundBlocks = NDArray[np.float32]
"""One row of `TICK_SAMPLES` per sound."""

SILENCE = -100.0
"""The level, in dB, that is reported for silence."""

MOMENT = 20
"""Ticks in a momentary loudness: 400 ms."""

_HEAD = (
    (1.53512485958697, -2.69169618940638, 1.19839281085285),
    (-1.69065929318241, 0.73248077421585),
)
_HIGH_PASS = ((1.0, -2.0, 1.0), (-1.99004745483398, 0.99007225036621))
_STEP = 32
_STATES = 4


def lufs(energy: SoundValues) -> SoundValues:
    """Return mean squares of K-weighted sound as loudness, in LUFS, never below `SILENCE`."""
    loudness: SoundValues = np.maximum(10 * np.log10(np.maximum(energy, 1e-12)) - 0.691, SILENCE)
    return loudness


def dbfs(peak: SoundValues) -> SoundValues:
    """Return peaks (1.0 is full scale) as dBFS, never below `SILENCE`."""
    levels: SoundValues = 20 * np.log10(np.maximum(peak, 1e-5))
    return levels


def _recur(states: SoundValues, blocks: SoundValues) -> tuple[SoundValues, SoundValues]:
    """Run the filter sample by sample, as the Recommendation defines it; return the weighted blocks
    and the new states.
    """
    s, out = states.copy(), np.empty_like(blocks)
    for n in range(blocks.shape[1]):
        x = blocks[:, n]
        for at, ((b0, b1, b2), (a1, a2)) in ((0, _HEAD), (2, _HIGH_PASS)):
            y = b0 * x + s[:, at]
            s[:, at] = b1 * x - a1 * y + s[:, at + 1]
            s[:, at + 1] = b2 * x - a2 * y
            x = y
        out[:, n] = x
    return out, s


_BASIS = np.eye(_STATES + _STEP)
_OUT, _ON = _recur(_BASIS[:, :_STATES], _BASIS[:, _STATES:])
_STATE_ON, _STATE_OUT = _ON[:_STATES], _OUT[:_STATES].astype(np.float32)
_SOUND_ON, _SOUND_OUT = _ON[_STATES:].astype(np.float32), _OUT[_STATES:].astype(np.float32)


class Weighting:
    """The K-weighting of some sounds, one row each; its states continue from block to block."""

    def __init__(self) -> None:
        self.states = np.zeros((0, _STATES))

    def grow(self) -> None:
        """Add a sound as the last row."""
        self.states = np.vstack([self.states, np.zeros((1, _STATES))])

    def drop(self, row: int) -> None:
        """Remove a sound; the rows after it move up."""
        self.states = np.delete(self.states, row, axis=0)

    def take(self, blocks: SoundBlocks) -> SoundBlocks:
        """Return the weighted blocks, in the same shape."""
        count = blocks.shape[1] // _STEP
        steps = blocks.reshape(-1, _STEP)
        pushes = (steps @ _SOUND_ON).reshape(-1, count, _STATES)
        states = np.empty(pushes.shape, np.float32)
        now = self.states
        for at in range(count):
            states[:, at] = now
            now = now @ _STATE_ON + pushes[:, at]
        now[np.abs(now) < 1e-20] = 0.0  # denormal numbers would follow, which are slow
        self.states = now
        weighted = steps @ _SOUND_OUT + states.reshape(-1, _STATES) @ _STATE_OUT
        return weighted.reshape(blocks.shape)


@dataclass(frozen=True, slots=True)
class HandedMeters:
    """Meters for another process: 64-bit floats, a row for each sound."""

    tick: int
    states: bytes
    energies: bytes
    peaks: bytes


@dataclass(frozen=True, slots=True)
class HandedOpening:
    """What has been measured of an opening so far, for another process."""

    peak: float
    ticks: int
    sum: float
    blocks: tuple[float, ...]
    counts: bytes
    totals: bytes


class Meters:
    """Momentary loudness and peak of some sounds, over the last 400 ms."""

    def __init__(self, rows: int = 0) -> None:
        self._weighting = Weighting()
        self._energies = np.zeros((0, MOMENT))
        self._peaks = np.zeros((0, MOMENT))
        self._tick = 0
        for _ in range(rows):
            self.grow()

    def grow(self) -> None:
        """Add a sound as the last row."""
        self._weighting.grow()
        self._energies = np.vstack([self._energies, np.zeros((1, MOMENT))])
        self._peaks = np.vstack([self._peaks, np.zeros((1, MOMENT))])

    def drop(self, row: int) -> None:
        """Remove a sound; the rows after it move up."""
        self._weighting.drop(row)
        self._energies = np.delete(self._energies, row, axis=0)
        self._peaks = np.delete(self._peaks, row, axis=0)

    def handed(self) -> HandedMeters:
        """Return the meters' state for another process."""
        return HandedMeters(
            self._tick,
            self._weighting.states.astype(np.float64).tobytes(),
            self._energies.tobytes(),
            self._peaks.tobytes(),
        )

    def resume(self, handed: HandedMeters, rows: int) -> None:
        """Take over `rows` sounds of another process. Raises ValueError for an invalid state."""
        self._tick = handed.tick % MOMENT
        self._weighting.states = np.frombuffer(handed.states).reshape(rows, _STATES).copy()
        self._energies = np.frombuffer(handed.energies).reshape(rows, MOMENT).copy()
        self._peaks = np.frombuffer(handed.peaks).reshape(rows, MOMENT).copy()

    def take(self, blocks: SoundBlocks) -> None:
        """Measure the next 20 ms of each sound."""
        weighted = self._weighting.take(blocks)
        at = self._tick = (self._tick + 1) % MOMENT
        self._energies[:, at] = np.einsum("ij,ij->i", weighted, weighted) / TICK_SAMPLES
        self._peaks[:, at] = np.abs(blocks).max(axis=1, initial=0.0)

    def energies(self, ticks: int = MOMENT) -> SoundValues:
        """Return the mean square of each weighted sound over the last `ticks` (1 to 20)."""
        recent = (self._tick - np.arange(ticks)) % MOMENT
        return self._energies[:, recent].mean(axis=1)

    def peaks(self, ticks: int = MOMENT) -> SoundValues:
        """Return the highest sample of each sound over the last `ticks` (1 to 20); 1.0 is full
        scale.
        """
        recent = (self._tick - np.arange(ticks)) % MOMENT
        return self._peaks[:, recent].max(axis=1)


class OpeningLoudness:
    """Integrated loudness and peak of one opening of a microphone, in constant memory.

    The gating follows BS.1770-5: of blocks of 400 ms, one every 100 ms, it keeps those above −70
    LUFS, and of these only those that are no more than 10 LU below their mean. The loudness of an
    opening without such a block is its plain mean.
    """

    _EVERY = 5
    _BINS = 760
    _LOWEST = -70.0

    def __init__(self) -> None:
        self.peak = 0.0
        self._ticks = 0
        self._sum = 0.0
        self._blocks: deque[float] = deque(maxlen=MOMENT)
        self._counts = np.zeros(self._BINS, np.int64)
        self._totals = np.zeros(self._BINS)

    def handed(self) -> HandedOpening:
        """Return the state of the measurement for another process."""
        return HandedOpening(
            self.peak,
            self._ticks,
            self._sum,
            tuple(self._blocks),
            self._counts.tobytes(),
            self._totals.tobytes(),
        )

    def resume(self, handed: HandedOpening) -> Self:
        """Take over the measurement of another process. Raises ValueError for an invalid state."""
        self.peak, self._ticks, self._sum = handed.peak, handed.ticks, handed.sum
        self._blocks.extend(handed.blocks)
        self._counts = np.frombuffer(handed.counts, np.int64).reshape(self._BINS).copy()
        self._totals = np.frombuffer(handed.totals).reshape(self._BINS).copy()
        return self

    def take(self, energy: float, peak: float) -> None:
        """Add a tick: its mean square after weighting, and its highest sample."""
        self.peak = max(self.peak, peak)
        self._ticks += 1
        self._sum += energy
        self._blocks.append(energy)
        if self._ticks >= MOMENT and self._ticks % self._EVERY == 0:
            self._gate(sum(self._blocks) / MOMENT)

    def _gate(self, energy: float) -> None:
        loudness = 10 * log10(max(energy, 1e-12)) - 0.691
        if loudness > self._LOWEST:
            # The relative gate depends on the mean of all blocks, so it is known only at the end. A
            # histogram in steps of 0.1 LU keeps what it needs, and an opening of three hours takes
            # no more memory than one of a minute.
            at = min(int((loudness - self._LOWEST) * 10), self._BINS - 1)
            self._counts[at] += 1
            self._totals[at] += energy

    def measured(self) -> tuple[float, float]:
        """Return the loudness in LUFS and the peak in dBFS so far."""
        energy = self._sum / max(self._ticks, 1)
        if count := self._counts.sum():
            gate = 10 * log10(self._totals.sum() / count) - 0.691 - 10
            kept = slice(max(0, round((gate - self._LOWEST) * 10)), None)
            energy = self._totals[kept].sum() / self._counts[kept].sum()
        return float(lufs(np.array(energy))), float(dbfs(np.array(self.peak)))
