"""Find out what is heard in a piece of sound in which each source has its own tone.

For tests and benchmarks: they give every publisher a tone, and find with these functions who was
heard, from when to when, and with what gap. Times are in ms from the piece's first sample.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

import av
import numpy as np
from numpy.typing import NDArray

from hemicycle.engine.streams import SOUND_RATE, Packet, Samples

WINDOW_MS = 5
"""The length of the analysis window, in ms. Tones whose distance is a multiple of 200 Hz do not
disturb each other in it; a silence shorter than half of it is not detected.
"""

LEAST = 0.003
"""An amplitude that counts as heard, where 1.0 is full scale: −50 dBFS."""


class ToneSpan(NamedTuple):
    """The start and end of the time in which a tone was heard."""

    begin_ms: int
    end_ms: int


def tone(frequency: float, seconds: float, amplitude: float = 0.1, first: int = 0) -> Samples:
    """Return a sine of `frequency` Hz. `first` is the number of its first sample, so that one piece
    can continue another.
    """
    at = np.arange(first, first + round(seconds * SOUND_RATE))
    return (amplitude * np.sin(2 * np.pi * frequency * at / SOUND_RATE)).astype(np.float32)


def amplitude(sound: Samples, frequency: float) -> float:
    """Return the amplitude of a tone over the piece; exact if the piece holds whole periods."""
    turns = np.exp(-2j * np.pi * frequency * np.arange(len(sound)) / SOUND_RATE)
    return float(2 * abs(np.mean(sound * turns)))


def tones(sound: Samples, expected: Iterable[float], least: float = LEAST) -> frozenset[float]:
    """Return the expected tones that have at least the amplitude `least` in the piece."""
    return frozenset(frequency for frequency in expected if amplitude(sound, frequency) >= least)


AROUND_MS = 500
"""A tone's level is compared with its loudest level within this time around each moment, since its
gain may change.
"""

FAINTEST = 1 / 8
"""A level below this share of the tone's loudest one in the whole piece does not count as heard:
the automatic gain can make one voice four times as loud.
"""


def spans(sound: Samples, *frequencies: float) -> list[ToneSpan]:
    """Return the spans in which any of the tones was heard, to 1 ms.

    A tone is heard where it has at least half of its loudest level around that moment. A span
    shorter than two windows is the click of another tone's edge, and is left out.
    """
    heard = np.any([_present(sound, frequency) for frequency in frequencies], axis=0)
    edges = np.flatnonzero(np.diff(np.pad(heard.astype(np.int8), 1))).tolist()
    found = [ToneSpan(begin, end) for begin, end in zip(edges[::2], edges[1::2], strict=True)]
    return [span for span in found if span.end_ms - span.begin_ms >= 2 * WINDOW_MS]


def longest_gap_ms(sound: Samples, *frequencies: float) -> int:
    """Return the longest time without any of the tones, between the first and the last."""
    heard = spans(sound, *frequencies)
    return max((after.begin_ms - before.end_ms for before, after in pairwise(heard)), default=0)


def decoded(packets: Sequence[Packet]) -> Samples:
    """Return the sound that a listener's decoder makes of a channel's packets.

    The sound is later by the codec's look-ahead (`opus.DELAY`), as it is for a listener. Missing
    packets are silence.
    """
    decoder = av.CodecContext.create("libopus", "r")
    assert isinstance(decoder, av.AudioCodecContext)
    decoder.sample_rate = SOUND_RATE
    decoder.layout = "mono"
    last = packets[-1].pts + packets[-1].duration if packets else 0
    sound = np.zeros(last - packets[0].pts if packets else 0, np.float32)
    for packet in packets:
        at = packet.pts - packets[0].pts
        for frame in decoder.decode(av.Packet(packet.data)):
            sound[at : at + packet.duration] = frame.to_ndarray().reshape(-1) / _full_scale(frame)
    return sound


def _full_scale(frame: av.AudioFrame) -> float:
    return 32_768.0 if frame.format.name.startswith("s16") else 1.0


def _present(sound: Samples, frequency: float) -> NDArray[np.bool_]:
    """Return for each ms whether the tone has at least half of its loudest level around it."""
    width, step = SOUND_RATE * WINDOW_MS // 1000, SOUND_RATE // 1000
    turns = np.exp(-2j * np.pi * frequency * np.arange(len(sound)) / SOUND_RATE)
    sums = np.cumsum(np.pad(sound * turns, (width // 2 + 1, width // 2)))
    levels = 2 * np.abs(sums[width:] - sums[:-width])[::step] / width
    least = max(LEAST, levels.max(initial=0.0) * FAINTEST)
    return levels >= np.maximum(least, _loudest_around(levels) / 2)


def _loudest_around(levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each ms the loudest level within `AROUND_MS`, to a tenth of a second."""
    reach = 5
    block = AROUND_MS // reach
    blocks = np.pad(levels, (0, -len(levels) % block)).reshape(-1, block).max(axis=1)
    around = np.lib.stride_tricks.sliding_window_view(np.pad(blocks, reach), 2 * reach + 1)
    return np.repeat(around.max(axis=1), block)[: len(levels)]
