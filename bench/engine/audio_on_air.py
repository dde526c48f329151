"""A real audio engine, in real time, with a hearing's load and a recorder at each channel."""

import asyncio
import time

from hemicycle.engine.audio import AudioEngine
from hemicycle.engine.audio.analysis import decoded, tone
from hemicycle.engine.streams import FLOOR, SOUND_RATE, TICK_SAMPLES, Packet, Samples

LANGUAGES = ("en", "fr", "es", "ru", "ar", "zh")
OTHERS = 28
"""Sources that are read, metered and kept silent beside the two that are measured."""


class Tone:
    """A tone without end; its frequency is a multiple of 50 Hz, so that each tick is the same."""

    def __init__(self, frequency: float, amplitude: float = 0.1) -> None:
        self._block = tone(frequency, TICK_SAMPLES / SOUND_RATE, amplitude)

    def read(self) -> Samples:
        return self._block


class OnAir:
    """Seven channels and thirty sources; `arrivals` are the monotonic times of the packets."""

    def __init__(self, channel: str, **sounds: Tone) -> None:
        self.start = time.monotonic()
        loop = asyncio.get_running_loop()
        self.engine = AudioEngine((FLOOR, *LANGUAGES), loop, self.start, automatic_gain=False)
        self.packets: list[Packet] = []
        self.arrivals: list[float] = []
        self.engine.outputs[channel].add(self._take)
        for name, sound in sounds.items():
            self.engine.add(name, sound)
        for n in range(OTHERS):
            self.engine.add(f"other {n}", Tone(2_000 + 50 * n))

    def _take(self, packet: Packet) -> None:
        self.packets.append(packet)
        self.arrivals.append(time.monotonic())

    def heard(self) -> Samples:
        """What a listener's decoder made of it; index 0 is the first packet's first sample."""
        return decoded(self.packets)

    def played_at(self, index: int) -> float:
        """Return when a sample of `heard` would sound for a listener who plays packets at once."""
        sample = self.packets[0].pts + index
        at = next(
            n for n, packet in enumerate(self.packets) if sample < packet.pts + packet.duration
        )
        return self.arrivals[at] + (sample - self.packets[at].pts) / SOUND_RATE

    def late_ms(self) -> list[float]:
        """By how much each packet was behind the program's clock when it was handed over."""
        both = zip(self.packets, self.arrivals, strict=True)
        return [(at - self.start - packet.pts / SOUND_RATE) * 1000 for packet, at in both]
