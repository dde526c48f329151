"""Takes feedback howls out of sources.

A howl is a pure tone that a microphone and its own loudspeaker keep up. It grows until the limiter
holds it, and then it is louder than any voice, since every voice is brought to the same loudness.
So a source is suspected if it is that loud and nearly all of its energy is at one frequency, and if
both last longer than a vowel is steady. Then a narrow filter removes that frequency from the
source: the rest of the voice stays, and the loop is broken. A loop that is so strong that it roars
at all frequencies is turned down as a whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import cos, pi, sin, sqrt

import numpy as np
from numpy.typing import NDArray

from hemicycle.engine.streams import SOUND_RATE, TICK_MS, TICK_SAMPLES, Samples

LOUD_DB = -12.5
"""A tone that is softer than this (root mean square of a tick, dBFS) is no howl."""

PURE = 0.9
"""The least share of a howl's energy that lies within 150 Hz of its frequency: a loop through a
network has many frequencies, a few Hz apart, of which the loudest are near each other.
"""

TICKS = 5
"""Ticks of a tone that make a howl, more than of anything else between them: 100 ms at least."""

STEADY_HZ = 60.0
"""A howl's frequency moves less than this from tick to tick."""

LOWEST_HZ = 400.0
"""Below this a voice can be nearly a pure tone itself."""

CUT_DB = 40.0
WIDTH = 8.0
"""The filter: how much it takes away at its frequency, and its quality (frequency by width)."""

MOST = 6
"""Filters of one source; one more replaces the oldest."""

HOLD_TICKS = 30_000 // TICK_MS
"""A filter stays for 30 s after its howl was last heard."""

ROAR_DB = -11.0
ROAR_TICKS = 10
"""A source that is louder than this for 200 ms without a pause is turned down …"""

DOWN_DB = -18.0
BACK_DB_S = 3.0
"""… by this at once, and comes back by so much a second."""

_STEP = 32
_WINDOW = np.hanning(TICK_SAMPLES)
_BIN_HZ = SOUND_RATE / TICK_SAMPLES
_AROUND = 3
_LEAST_POWER = 10 ** (LOUD_DB / 10)
_ROAR_POWER = 10 ** (ROAR_DB / 10)
_RISE = np.linspace(0.0, 1.0, TICK_SAMPLES)

type Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class HandedNotch:
    """A filter for another process; its states as 64-bit floats."""

    hertz: float
    left: int
    is_new: bool
    states: bytes


@dataclass(frozen=True, slots=True)
class HandedHowls:
    """What is known of one source, for another process."""

    hertz: float
    ticks: int
    loud: int
    gain_db: float
    notches: tuple[HandedNotch, ...]


class Notch:
    """A filter that takes one frequency out of a sound, in blocks of `TICK_SAMPLES`."""

    def __init__(
        self,
        hertz: float,
        left: int = HOLD_TICKS,
        states: bytes = bytes(16),
        *,
        is_new: bool = True,
    ) -> None:
        self.hertz = hertz
        self.left = left
        self._states = np.frombuffer(states).reshape(2).copy()
        self._is_new = is_new
        out, on = _run(_coefficients(hertz), np.eye(2 + _STEP))
        self._state_out, self._sound_out = out[:2], out[2:]
        self._state_on, self._sound_on = on[:2], on[2:]

    def handed(self) -> HandedNotch:
        """Return it for another process."""
        return HandedNotch(self.hertz, self.left, self._is_new, self._states.tobytes())

    @classmethod
    def resumed(cls, handed: HandedNotch) -> "Notch":
        """Return one that goes on where another process has stopped. Raises ValueError."""
        return cls(handed.hertz, handed.left, handed.states, is_new=handed.is_new)

    def take(self, block: Values) -> Values:
        """Return the next block without the frequency; the first one is cross-faded into it."""
        steps = block.reshape(-1, _STEP)
        pushes = steps @ self._sound_on
        states, now = np.empty((len(steps), 2)), self._states
        for at, push in enumerate(pushes):
            states[at] = now
            now = now @ self._state_on + push
        self._states = np.where(np.abs(now) < 1e-20, 0.0, now)
        made: Values = (steps @ self._sound_out + states @ self._state_out).reshape(-1)
        if self._is_new:
            self._is_new = False
            made = block + (made - block) * _RISE
        return made


@dataclass(slots=True)
class _Suspect:
    """What is known of one source."""

    hertz: float = 0.0
    ticks: int = 0
    loud: int = 0
    gain_db: float = 0.0
    notches: list[Notch] = field(default_factory=list)


class HowlGuard:
    """Guards some sources, each a row."""

    def __init__(self) -> None:
        self._rows: list[_Suspect] = []

    def handed(self) -> tuple[HandedHowls, ...]:
        """Return it for another process."""
        return tuple(
            HandedHowls(
                suspect.hertz,
                suspect.ticks,
                suspect.loud,
                suspect.gain_db,
                tuple(notch.handed() for notch in suspect.notches),
            )
            for suspect in self._rows
        )

    def resume(self, handed: Sequence[HandedHowls]) -> None:
        """Go on where another process has stopped. Raises ValueError."""
        self._rows = [
            _Suspect(
                source.hertz,
                source.ticks,
                source.loud,
                source.gain_db,
                [Notch.resumed(one) for one in source.notches],
            )
            for source in handed
        ]

    def grow(self) -> None:
        """Add a source as the last row."""
        self._rows.append(_Suspect())

    def drop(self, row: int) -> None:
        """Remove a source; the rows after it move up."""
        del self._rows[row]

    def take(self, voices: Samples) -> list[int]:
        """Remove howls from 20 ms of each source, in place; return the rows with a new one."""
        found = []
        for row, suspect in enumerate(self._rows):
            if suspect.notches:
                voices[row] = self._filtered(suspect, voices[row])
        powers = np.einsum("ij,ij->i", voices, voices) / TICK_SAMPLES
        for row, (suspect, power) in enumerate(zip(self._rows, powers.tolist(), strict=True)):
            # Nearly always no source is that loud, so that this costs nothing.
            hertz = tone_hz(voices[row]) if power > _LEAST_POWER else 0.0
            _suspect(suspect, hertz)
            if suspect.ticks >= TICKS:
                suspect.ticks = 0
                suspect.notches = [*suspect.notches[-MOST + 1 :], Notch(hertz)]
                voices[row] = suspect.notches[-1].take(voices[row].astype(np.float64))
                found.append(row)
            suspect.loud = suspect.loud + 1 if power > _ROAR_POWER else 0
            if suspect.loud >= ROAR_TICKS or suspect.gain_db:
                voices[row] *= _turned_down(suspect)
        return found

    @staticmethod
    def _filtered(suspect: _Suspect, voice: Samples) -> Values:
        made: Values = voice.astype(np.float64)
        for notch in suspect.notches:
            before = made
            made = notch.take(before)
            is_heard = float(np.dot(before - made, before - made)) > _LEAST_POWER * TICK_SAMPLES / 4
            notch.left = HOLD_TICKS if is_heard else notch.left - 1
        suspect.notches = [notch for notch in suspect.notches if notch.left > 0]
        return made


def _suspect(suspect: _Suspect, hertz: float) -> None:
    """Take what a tick was: a tone of that frequency, or none (0.0)."""
    # A loop comes and goes with its delay, so one tick that is no tone does not clear a source.
    is_same = hertz > 0.0 and abs(hertz - suspect.hertz) < STEADY_HZ
    suspect.ticks = suspect.ticks + 1 if is_same else max(0, suspect.ticks - 1)
    if is_same or (hertz and not suspect.ticks):
        suspect.ticks, suspect.hertz = max(1, suspect.ticks), hertz


def _turned_down(suspect: _Suspect) -> Values:
    """Return the gain of each sample of the next tick, and keep the last one."""
    before = suspect.gain_db
    is_roaring = suspect.loud >= ROAR_TICKS
    back = min(0.0, before + BACK_DB_S * TICK_MS / 1000)
    suspect.gain_db = DOWN_DB if is_roaring else back
    first, last = (10 ** (gain / 20) for gain in (before, suspect.gain_db))
    gains: Values = first + (last - first) * _RISE
    return gains


def tone_hz(block: Samples) -> float:
    """Return the frequency of a tick that is a pure tone; 0.0 if it is none."""
    power = np.abs(np.fft.rfft(block * _WINDOW)) ** 2
    top = int(power.argmax())
    near = power[max(0, top - _AROUND) : top + _AROUND + 1]
    if float(near.sum()) < PURE * float(power.sum()) or top * _BIN_HZ < LOWEST_HZ:
        return 0.0
    # The middle of the window's main lobe, from the two neighbours of its highest value.
    below, at, above = np.sqrt(power[top - 1 : top + 2]) if top + 1 < len(power) else (0, 1, 0)
    return (top + float((above - below) / (below + at + above))) * _BIN_HZ


def _coefficients(hertz: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """A peaking equalizer (R. Bristow-Johnson, Audio EQ Cookbook) that takes `CUT_DB` away."""
    amplitude = sqrt(10 ** (-CUT_DB / 20))
    turn = 2 * pi * hertz / SOUND_RATE
    alpha, middle = sin(turn) / (2 * WIDTH), -2 * cos(turn)
    first = 1 + alpha / amplitude
    above = ((1 + alpha * amplitude) / first, middle / first, (1 - alpha * amplitude) / first)
    return above, (middle / first, (1 - alpha / amplitude) / first)


def _run(
    coefficients: tuple[tuple[float, ...], tuple[float, ...]], basis: Values
) -> tuple[Values, Values]:
    """Run the filter over rows of two states and `_STEP` samples: what leaves, and new states."""
    (b0, b1, b2), (a1, a2) = coefficients
    one, two = basis[:, 0].copy(), basis[:, 1].copy()
    out = np.empty((len(basis), _STEP))
    for at in range(_STEP):
        x = basis[:, 2 + at]
        y = b0 * x + one
        one, two = b1 * x - a1 * y + two, b2 * x - a2 * y
        out[:, at] = y
    return out, np.stack([one, two], axis=1)
