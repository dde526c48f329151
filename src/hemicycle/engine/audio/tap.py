"""A microphone's sound as it arrives, kept for those who measure it beside the mixer."""

from collections import deque

import numpy as np

from hemicycle.engine.streams import TICK_MS, AudioSource, Samples

KEPT = 4_000 // TICK_MS
"""Ticks that are kept: 4 s."""


class Tap:
    """An `AudioSource` that keeps the last sound. One thread reads it; any may call `recent`."""

    def __init__(self, sound: AudioSource) -> None:
        self.last: Samples | None = None
        """The block of the last `read`; None if nothing came."""
        self._sound = sound
        # Blocks are never changed after they are read, so keeping them needs no copy.
        self._kept: deque[Samples] = deque(maxlen=KEPT)

    def read(self) -> Samples | None:
        """Return the next 20 ms."""
        self.last = self._sound.read()
        if self.last is not None:
            self._kept.append(self.last)
        return self.last

    def recent(self) -> Samples:
        """Return the last seconds of sound, or as much as there is."""
        # A copy first: the reader may add a block meanwhile.
        kept = list(self._kept.copy())
        return np.concatenate(kept) if kept else np.zeros(0, np.float32)
