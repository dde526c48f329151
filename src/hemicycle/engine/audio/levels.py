"""How loud each source and each channel is."""

from dataclasses import dataclass

from hemicycle.engine.audio.loudness import SILENCE


@dataclass(frozen=True, slots=True)
class Level:
    """The last 400 ms of a source as it came in, or of a channel as it leaves.

    `loudness` is in LUFS and `peak` in dBFS; both are `SILENCE` (−100) for silence. `gain` is what
    the automatic gain adds to a source, in dB.
    """

    loudness: float = SILENCE
    peak: float = SILENCE
    gain: float = 0.0
