"""A gentle gain for each source, so that all voices, and all channels, are about equally loud.

It learns from speech only. Pauses distinguish speech from noise: speech rises 8 dB and more above
the quietest tenth of a second within the last eight seconds, and a steady noise never does, however
loud it is. Anything louder than the target counts as speech, to protect the listeners' ears. The
gain moves during speech and stays where it is between words, so a pause does not amplify noise.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hemicycle.engine.audio.loudness import SoundValues, lufs
from hemicycle.engine.streams import TICK_MS

TARGET = -23.0
"""The loudness to which each voice is brought, in LUFS (EBU R 128)."""

BOUND_DB = 12.0
"""The largest gain and the largest attenuation, in dB."""

UP_DB_S = 3.0
DOWN_DB_S = 6.0
"""How fast the gain rises (`UP`) and falls (`DOWN`), in dB per second."""

GATE = -50.0
"""Sound below this, in LUFS, is not a voice."""

ABOVE_NOISE_DB = 8.0
MEMORY_S = 3.0
NOISE_S = 8

type Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class HandedGains:
    """The gains and estimates for another process: 64-bit floats, one or a row per source."""

    tick: int
    wanted: tuple[bool, ...]
    gains: bytes
    learnt: bytes
    heard: bytes
    noise: bytes


class AutomaticGain:
    """The gains of some sources, each a row, in dB."""

    def __init__(self) -> None:
        self.gains: SoundValues = np.zeros(0)
        self._wanted: Flags = np.zeros(0, np.bool_)
        self._learnt = np.zeros(0)
        self._heard = np.zeros(0)
        self._noise = np.zeros((0, NOISE_S))
        self._tick = 0

    def handed(self) -> HandedGains:
        """Return the gains for another process."""
        return HandedGains(
            self._tick,
            tuple(self._wanted.tolist()),
            self.gains.tobytes(),
            self._learnt.tobytes(),
            self._heard.tobytes(),
            self._noise.tobytes(),
        )

    def resume(self, handed: HandedGains) -> None:
        """Take over the gains of another process. Raises ValueError for an invalid state."""
        rows = len(handed.wanted)
        self._tick = handed.tick
        self._wanted = np.array(handed.wanted, np.bool_)
        self.gains = np.frombuffer(handed.gains).reshape(rows).copy()
        self._learnt = np.frombuffer(handed.learnt).reshape(rows).copy()
        self._heard = np.frombuffer(handed.heard).reshape(rows).copy()
        self._noise = np.frombuffer(handed.noise).reshape(rows, NOISE_S).copy()
        if not (np.abs(self.gains) <= BOUND_DB).all():
            raise ValueError("A gain is out of range.")

    def grow(self, *, automatic_gain: bool) -> None:
        """Add a source as the last row; without `automatic_gain` its level stays as it is."""
        self.gains = np.append(self.gains, 0.0)
        self._wanted = np.append(self._wanted, automatic_gain)
        self._learnt = np.append(self._learnt, TARGET)
        self._heard = np.append(self._heard, 0.0)
        self._noise = np.vstack([self._noise, np.full((1, NOISE_S), np.inf)])

    def drop(self, row: int) -> None:
        """Remove a source; the rows after it move up."""
        self.gains = np.delete(self.gains, row)
        self._wanted = np.delete(self._wanted, row)
        self._learnt = np.delete(self._learnt, row)
        self._heard = np.delete(self._heard, row)
        self._noise = np.delete(self._noise, row, axis=0)

    def take(self, momentary: SoundValues, short: SoundValues, heard: Flags) -> None:
        """Move each gain by one tick.

        `momentary` and `short` are mean squares of the weighted sound over 400 and 100 ms. The gain
        learns only from sources that are `heard`, since sound at a closed microphone is another
        person's voice.
        """
        speaks = heard & self._wanted & self._speaks(lufs(momentary), self._floor(short))
        self._heard += speaks
        # A plain mean at first, so that a new voice is known after a few words; a mean over
        # `MEMORY_S` later, so that it follows a speaker who moves away from the microphone.
        pace = np.maximum(1 / np.maximum(self._heard, 1), TICK_MS / 1000 / MEMORY_S)
        # The mean is of energies, as in integrated loudness: the more lively a voice is, the
        # further a mean of decibels differs from it, and channels would differ by up to 1 LU.
        learnt = 10 ** ((self._learnt + 0.691) / 10)
        self._learnt = lufs(learnt + np.where(speaks, pace * (momentary - learnt), 0.0))
        missing = np.clip(TARGET - self._learnt, -BOUND_DB, BOUND_DB) - self.gains
        step = np.clip(missing, -DOWN_DB_S * TICK_MS / 1000, UP_DB_S * TICK_MS / 1000)
        self.gains = self.gains + np.where(speaks, step, 0.0)

    def _floor(self, short: SoundValues) -> SoundValues:
        """Return the quietest level of the last `NOISE_S` seconds, in LUFS; digital silence does
        not count as noise.
        """
        # One column for each second, overwritten in turn: a minimum over eight seconds without
        # keeping every tick.
        second, first = divmod(self._tick, 1000 // TICK_MS)
        self._tick += 1
        column = self._noise[:, second % NOISE_S]
        if first == 0:
            column[:] = np.inf
        # Digital silence, as of a muted microphone, would put the noise floor at its lowest, and
        # every noise after it would pass for speech.
        np.minimum(column, np.where(short > 1e-9, short, np.inf), out=column)
        return lufs(self._noise.min(axis=1, initial=np.inf))

    @staticmethod
    def _speaks(loudness: SoundValues, floor: SoundValues) -> Flags:
        voice = (loudness > GATE) & (loudness > floor + ABOVE_NOISE_DB)
        return voice | (loudness > TARGET)
