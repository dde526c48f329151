"""What the device check measures of a microphone: level, usable sound, and echo.

For the echo, a soft noise that the engine knows goes to the loudspeaker of the person who is
checked. If it comes back through their microphone, everyone in the hearing would hear an echo of
themselves. The noise is found by its own shape, whatever the person says meanwhile.
"""

import math
from dataclasses import dataclass

import numpy as np

from hemicycle.engine.streams import SOUND_RATE, TICK_MS, TICK_SAMPLES, Samples

SILENCE_DB = -99.0
GOOD_DB = (-38.0, -8.0)
"""The range of a level at which speech is good to hear, in dBFS (root mean square of a tick)."""

NOISE_TICKS = 75
NOISE_DB = -26.0
"""The length and level (dBFS) of the noise: 1.5 s, as loud as soft speech."""

LATEST_TICKS = 35
"""The check does not look for an echo that comes later than 0.7 s."""

FOUND_DB = -22.0
"""A weaker echo cannot be distinguished from speech, and is not heard beside it."""

_STEP = 6  # from 48 to 8 kHz, which keeps enough of the noise
_DISTINCT = 8.0  # times the median: about five standard deviations of sound without an echo


@dataclass(frozen=True, slots=True)
class SoundFigures:
    """What was measured: the loudest tick (dBFS), how long the level was good (ms), and the echo
    in dB against what was sent: `SILENCE_DB` for none, None until it was measured.
    """

    level_db: float = SILENCE_DB
    good_ms: int = 0
    echo_db: float | None = None


class SoundCheck:
    """Measures one microphone from its creation on. Call `take` in the mixer's thread; `figures`
    may be read in any thread.
    """

    def __init__(self) -> None:
        self.figures = SoundFigures()
        self._noise = _noise()
        self._came: list[Samples] = []

    def take(self, came: Samples | None) -> Samples | None:
        """Measure a tick of sound (None if nothing came); return the noise to send to its owner
        instead of their voice, None after the noise has ended.
        """
        tick = len(self._came)
        heard = np.zeros(TICK_SAMPLES, np.float32) if came is None else came
        level, before = decibels(heard), self.figures
        is_good = GOOD_DB[0] <= level <= GOOD_DB[1]
        echo = before.echo_db
        if tick < NOISE_TICKS + LATEST_TICKS:
            self._came.append(heard)
        elif echo is None:
            echo = echo_db(np.concatenate(self._came), self._noise)
        self.figures = SoundFigures(
            max(before.level_db, level), before.good_ms + is_good * TICK_MS, echo
        )
        if tick < NOISE_TICKS:
            return self._noise[tick * TICK_SAMPLES : (tick + 1) * TICK_SAMPLES]
        return None


def decibels(sound: Samples) -> float:
    """Return the root mean square of a sound in dBFS, at least `SILENCE_DB`."""
    power = float(np.mean(np.square(sound, dtype=np.float64))) if len(sound) else 0.0
    return max(SILENCE_DB, 10 * math.log10(power)) if power > 0 else SILENCE_DB


def echo_db(came: Samples, sent: Samples) -> float:
    """Return the level of `sent` within `came`, in dB; `SILENCE_DB` if it is not found.

    Both begin at the same time and have 48 kHz; `came` is longer by the longest delay that is
    searched.
    """
    coarse_came, coarse_sent = _coarse(came), _coarse(sent)
    follows = np.abs(np.correlate(coarse_came, coarse_sent, "valid"))
    strongest = float(follows.max())
    if strongest <= _DISTINCT * float(np.median(follows)):
        return SILENCE_DB
    return max(SILENCE_DB, 20 * math.log10(strongest / float(np.dot(coarse_sent, coarse_sent))))


def _noise() -> Samples:
    """Return the noise, which is always the same and fades in and out."""
    made = np.random.default_rng(3).standard_normal(NOISE_TICKS * TICK_SAMPLES // _STEP)
    made = np.repeat(made, _STEP)  # below 4 kHz, which microphones and codecs keep
    made *= 10 ** (NOISE_DB / 20) / float(np.sqrt(np.mean(made**2)))
    edge = np.linspace(0, 1, SOUND_RATE // 50)
    made[: len(edge)] *= edge
    made[-len(edge) :] *= edge[::-1]
    return made.astype(np.float32)


def _coarse(sound: Samples) -> Samples:
    """Return the sound at 8 kHz: means of six samples, which is filter enough for a comparison."""
    return sound[: len(sound) // _STEP * _STEP].reshape(-1, _STEP).mean(axis=1)
