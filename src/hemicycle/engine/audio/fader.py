"""A gain that moves from one value to another, beginning at an exact sample."""

from bisect import insort
from dataclasses import dataclass
from math import asin, sqrt
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from hemicycle.engine.streams import SOUND_RATE, Samples

type Curve = Literal["cosine", "power"]
"""cosine: a raised cosine, for opening from silence and for falling silent. power: a quarter
of a sine, so that the sum of the power fading in and the power fading out is constant.
"""

RAMP = SOUND_RATE * 5 // 1000
"""Samples in which a microphone opens or falls silent: short enough for a cut, too long to
click.
"""

CROSS_FADE_MS = 80
"""The cross-fade from one interpreter of a booth to the next; both are heard during it.

Long enough that no listener notices a seam, short enough that two voices do not disturb each other.
The figure was chosen by ear: no standard gives one.
"""

CROSS_FADE = SOUND_RATE * CROSS_FADE_MS // 1000
"""The same in samples."""


@dataclass(frozen=True, slots=True, order=True)
class FaderMove:
    """A move to the gain `to` (0 or 1) within `length` samples, from sample `at` on."""

    at: int
    to: float
    length: int
    curve: Curve = "cosine"


@dataclass(frozen=True, slots=True)
class HandedFader:
    """A fader for another process: its gain, the gain before its move, and planned moves."""

    gain: float
    begin: float
    move: FaderMove | None
    coming: tuple[FaderMove, ...]


class Fader:
    """A gain between 0 and 1.

    `turned` lists, for the samples last taken, each sample at which the gain left silence (True) or
    reached it (False).
    """

    def __init__(self, gain: float = 0.0) -> None:
        self.gain = gain
        self.turned: list[tuple[bool, int]] = []
        self._from = gain
        self._move: FaderMove | None = None
        self._coming: list[FaderMove] = []

    def handed(self) -> HandedFader:
        """Return the fader's state for another process."""
        return HandedFader(self.gain, self._from, self._move, tuple(self._coming))

    def resume(self, handed: HandedFader) -> Self:
        """Take over the state of another process. Raises ValueError for an invalid gain."""
        if not (0.0 <= handed.gain <= 1.0 and 0.0 <= handed.begin <= 1.0):
            raise ValueError("A gain is not between 0 and 1.")
        self.gain, self._from = handed.gain, handed.begin
        self._move, self._coming = handed.move, list(handed.coming)
        return self

    @property
    def quiet(self) -> bool:
        """Whether the gain is 0 and no move is planned."""
        return self.gain == 0.0 and self._move is None and not self._coming

    def plan(self, move: FaderMove) -> None:
        """Plan a move at `move.at`; cancel all moves planned for that sample or later."""
        self._coming = [planned for planned in self._coming if planned.at < move.at]
        insort(self._coming, move)

    def take(self, first: int, count: int) -> float | Samples:
        """Return the gains of `count` samples from `first` on; one number without a move."""
        last = first + count
        self.turned.clear()
        # Almost every fader stands still in almost every tick: one number saves a product per
        # sample.
        if self._move is None and not (self._coming and self._coming[0].at < last):
            return self.gain
        gains = np.empty(count, np.float32)
        done = first
        while done < last:
            self._begin(done)
            until = min(last, self._coming[0].at) if self._coming else last
            gains[done - first : until - first] = self._go(done, until)
            done = until
        return gains

    def _begin(self, sample: int) -> None:
        while self._coming and self._coming[0].at <= sample:
            move = self._coming.pop(0)
            # A move to the gain that the fader already approaches must not restart the curve.
            if move.to == (self._move.to if self._move else self.gain):
                continue
            if self.gain == 0.0:
                self.turned.append((True, sample))
            self._from = self.gain
            self._move = FaderMove(sample, move.to, move.length, move.curve)

    def _go(self, done: int, until: int) -> float | Samples:
        move = self._move
        if move is None:
            return self.gain
        part = np.minimum(np.arange(done + 1 - move.at, until + 1 - move.at) / move.length, 1.0)
        gains = _curve(move.curve, self._from, move.to, part)
        self.gain = float(gains[-1])
        if until >= move.at + move.length:
            self.gain, self._move = move.to, None
            if move.to == 0.0:
                self.turned.append((False, move.at + move.length))
        return gains


def _curve(curve: Curve, before: float, after: float, part: NDArray[np.float64]) -> Samples:
    """Return the gains along the curve; `part` is how much of the move is done, from 0 to 1."""
    # A move may begin in the middle of another. The angle that belongs to the present gain is where
    # the new curve begins, so the gain never jumps.
    root = sqrt if curve == "cosine" else float
    begin, end = (asin(min(root(gain), 1.0)) for gain in (before, after))
    sines = np.sin(begin + (end - begin) * part)
    gains = sines * sines if curve == "cosine" else sines
    return gains.astype(np.float32)
