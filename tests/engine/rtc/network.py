"""A network that loses, delays and reorders packets of a tone, and a mixer that reads it."""

import random
from dataclasses import dataclass, field

import numpy as np

from hemicycle.engine.rtc.jitter_buffer import JitterBuffer
from hemicycle.engine.streams import SOUND_RATE, TICK_SAMPLES, Samples

TONE_HZ = 440


def tone(start: int, count: int = TICK_SAMPLES) -> Samples:
    """Return a tone of half scale, beginning at the tone's sample `start`."""
    at = np.arange(start, start + count)
    return (0.5 * np.sin(2 * np.pi * TONE_HZ * at / SOUND_RATE)).astype(np.float32)


def decode(payload: bytes) -> Samples:
    """Decode instead of Opus: a payload is the number of its first sample."""
    return tone(int.from_bytes(payload))


@dataclass
class Run:
    """The result of a run of the jitter buffer."""

    pieces: list[Samples] = field(default_factory=list)
    depths: list[float] = field(default_factory=list)

    @property
    def sound(self) -> Samples:
        """All pieces in one array."""
        return np.concatenate(self.pieces)

    @property
    def longest_gap_ms(self) -> float:
        """The longest stretch below a tenth of the tone's strength, in steps of 5 ms."""
        windows = self.sound[: len(self.sound) // 240 * 240].reshape(-1, 240)
        longest = now = 0
        for quiet in np.sqrt((windows**2).mean(axis=1)) < 0.035:
            now = now + 1 if quiet else 0
            longest = max(longest, now)
        return longest * 5.0


def run(
    buffer_of: type[JitterBuffer] = JitterBuffer,
    *,
    seconds: float = 30,
    loss: float = 0,
    jitter_s: float = 0,
    drift: float = 1,
    hole: tuple[float, float] = (0, 0),
    first_timestamp: int = 0,
    seed: int = 1,
) -> tuple[Run, JitterBuffer]:
    """Send a tone through the network; return what the mixer read, and the jitter buffer.

    `drift` is the speed of the sender's clock. What would arrive in `hole` (from, to, in seconds)
    arrives all at once after it.
    """
    dice = random.Random(seed)
    now = 0.0
    buffer = buffer_of(decode, clock=lambda: now)
    arrivals: list[tuple[float, int]] = []
    for number in range(int(seconds * 50 * drift)):
        sent = number * 0.02 / drift
        if dice.random() >= loss:
            arrives = sent + 0.005 + dice.random() * jitter_s
            arrivals.append((hole[1] if hole[0] <= arrives < hole[1] else arrives, number))
    arrivals.sort()
    result, waiting = Run(), iter(arrivals)
    arrival = next(waiting, None)
    for tick in range(int(seconds * 50)):
        now = tick * 0.02 + 0.003
        while arrival is not None and arrival[0] <= now:
            start = arrival[1] * TICK_SAMPLES
            buffer.put((first_timestamp + start) & 0xFFFFFFFF, start.to_bytes(4))
            arrival = next(waiting, None)
        piece = buffer.read()
        if piece is not None:
            result.pieces.append(piece)
            result.depths.append(buffer.depth_ms)
    return result, buffer
