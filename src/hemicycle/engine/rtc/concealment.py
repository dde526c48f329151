"""Conceals missing sound, and removes or inserts a little of it without being heard.

All of it needs one figure: the distance at which a piece of sound is most like itself. For a voice,
that is a few periods of its pitch; if sound is repeated or cut there, the seam is not heard.
"""

import numpy as np

from hemicycle.engine.streams import SOUND_RATE, Samples

SEAM = 240
"""Samples over which one sound cross-fades into another (5 ms)."""

KEPT = SOUND_RATE * 60 // 1000
"""Samples of past sound that concealment uses (60 ms)."""

HOLD = SOUND_RATE * 20 // 1000
"""Samples for which missing sound is replaced at full strength (20 ms)."""

FADE = SOUND_RATE * 100 // 1000
"""Samples over which the replacement then fades to silence (100 ms)."""

LEAST = SOUND_RATE * 30 // 1000
"""The fewest samples that `shorter` and `longer` accept (30 ms)."""

_NEAREST, _FARTHEST = 120, 960
_COMPARED = 480

_rise = np.linspace(0.0, 1.0, SEAM, endpoint=False, dtype=np.float32)


def seam(before: Samples, after: Samples) -> Samples:
    """Return `before` cross-faded into `after`, both `SEAM` long."""
    joined: Samples = (before * (1.0 - _rise) + after * _rise).astype(np.float32)
    return joined


def likeness(piece: Samples, place: Samples) -> int:
    """Return where in `place` the samples most like `piece` begin."""
    products = np.correlate(place, piece, "valid")
    energy = np.convolve(place * place, np.ones(len(piece), np.float32), "valid")
    return int(np.argmax(products / np.sqrt(energy + 1e-6)))


class Concealer:
    """Continues a sound that stopped, and cross-fades back into it when it returns."""

    def __init__(self) -> None:
        self.past = np.zeros(KEPT, np.float32)
        self._cycle = np.zeros(_NEAREST, np.float32)
        self.hidden = 0
        """Samples made up since the last received one."""

    def resume(self, past: Samples, hidden: int) -> None:
        """Continue after the sound `past` and `hidden` samples made up since.

        Raises ValueError if `past` has a wrong length.
        """
        if len(past) != KEPT:
            raise ValueError("The sound before a gap has a wrong length.")
        self.past = past.copy()
        if hidden:
            self._cycle = self.past[-_pitch(self.past) :]
        self.hidden = hidden

    def keep(self, true: Samples) -> Samples:
        """Return received sound, cross-faded from what was made up before it, if anything was."""
        if self.hidden and len(true) >= SEAM:
            true = np.concatenate((seam(self._made(SEAM), true[:SEAM]), true[SEAM:]))
        self.hidden = 0
        self.past = np.concatenate((self.past, true))[-KEPT:]
        return true

    def more(self, count: int) -> Samples:
        """Return `count` samples in place of missing ones."""
        # The past does not change during a gap, so its pitch is computed once.
        if not self.hidden:
            distance = _pitch(self.past)
            self._cycle = self.past[-distance:]
        made = self._made(count)
        self.hidden += count
        return made

    def _made(self, count: int) -> Samples:
        at = np.arange(self.hidden, self.hidden + count)
        strength = np.clip((HOLD + FADE - at) / FADE, 0.0, 1.0)
        return (self._cycle[at % len(self._cycle)] * strength).astype(np.float32)


def _pitch(past: Samples) -> int:
    """Return the distance (samples) at which the end of `past` is most like what came before it."""
    place = past[-_COMPARED - _FARTHEST : -_NEAREST]
    return _FARTHEST - likeness(past[-_COMPARED:], place)


def shorter(sound: Samples) -> Samples:
    """Return `sound` (30 ms or more) without 5 to 20 ms near its beginning."""
    farthest = min(_FARTHEST, len(sound) - SEAM)
    at = SEAM + likeness(sound[:SEAM], sound[SEAM : farthest + SEAM])
    return np.concatenate((seam(sound[:SEAM], sound[at : at + SEAM]), sound[at + SEAM :]))


def longer(sound: Samples) -> Samples:
    """Return `sound` (30 ms or more) with 5 to 20 ms near its beginning repeated."""
    farthest = min(_FARTHEST, len(sound) - SEAM)
    at = SEAM + likeness(sound[:SEAM], sound[SEAM : farthest + SEAM])
    again = seam(sound[at : at + SEAM], sound[:SEAM])
    return np.concatenate((sound[:at], again, sound[SEAM:]))
