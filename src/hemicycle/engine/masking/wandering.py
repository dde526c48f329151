"""Figures that wander randomly around a middle: a pitch, a place of resonances."""

import math

import numpy as np


class Wandering:
    """A value that drifts (an Ornstein–Uhlenbeck process, one step each 10 ms).

    `spread` is its standard deviation in the long run, `seconds` its time constant, and `most` its
    largest distance from `middle`.
    """

    def __init__(
        self, chance: np.random.Generator, middle: float, spread: float, seconds: float, most: float
    ) -> None:
        self._chance, self._middle, self._most = chance, middle, most
        self._keeps = math.exp(-0.01 / seconds)
        self._step = spread * math.sqrt(1 - self._keeps**2)
        self._away = float(np.clip(chance.normal(0, spread), -most, most))

    @property
    def stands(self) -> tuple[float, float]:
        """The middle, and the distance of the value from it."""
        return self._middle, self._away

    def resume(self, stands: tuple[float, float]) -> None:
        """Continue from the `stands` of another value."""
        self._middle = stands[0]
        self._away = min(max(stands[1], -self._most), self._most)

    def next(self) -> float:
        """Return the value for the next 10 ms."""
        moved = self._keeps * self._away + self._step * float(self._chance.standard_normal())
        self._away = min(max(moved, -self._most), self._most)
        return self._middle + self._away
