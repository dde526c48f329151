"""A real audio engine in real time with the load of a hearing, and a recorder of one channel."""

import asyncio
import time

from hemicycle.engine.audio import AudioEngine
from hemicycle.engine.audio.analysis import decoded, tone
from hemicycle.engine.streams import FLOOR, SOUND_RATE, TICK_SAMPLES, Packet, Samples

LANGUAGES = ("en", "fr", "es", "ru", "ar", "zh")
OTHERS = 28
"""How many more sources are read, metered and kept silent beside those that are measured."""


class Tone:
    """An endless tone; its frequency is a multiple of 50 Hz, so that all ticks are the same."""

    def __init__(self, frequency: float, amplitude: float = 0.1) -> None:
        self._block = tone(frequency, TICK_SAMPLES / SOUND_RATE, amplitude)

    def read(self) -> Samples:
        return self._block


class OnAir:
    """An engine with seven channels and about thirty sources, and the packets of one channel.

    `arrivals` are the times of the packets (monotonic s).
    """

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
        """Return the decoded sound of the packets; index 0 is the first sample of the first one."""
        return decoded(self.packets)

    def played_at(self, index: int) -> float:
        """Return when a sample of `heard` would sound for a listener who plays packets at once."""
        sample = self.packets[0].pts + index
        at = next(
            n for n, packet in enumerate(self.packets) if sample < packet.pts + packet.duration
        )
        return self.arrivals[at] + (sample - self.packets[at].pts) / SOUND_RATE

    def late_ms(self) -> list[float]:
        """Return how late each packet was by the program's clock, in ms."""
        both = zip(self.packets, self.arrivals, strict=True)
        return [(at - self.start - packet.pts / SOUND_RATE) * 1000 for packet, at in both]
