"""Audio: microphones, booths and channels, mixed every 20 ms and encoded once per channel.

`audio_engine` runs the thread; `mixer` decides what is heard where. Each source is read once per
tick and is a row of one matrix. A source passes its automatic gain (`automatic_gain`), then reaches
a bus: the floor's while its microphone is open, or a booth's while it interprets. A channel is
routed to one bus, passes its limiter (`limiter`) and leaves as Opus (`opus`). Every change of gain
is a move of a `Fader`, which counts samples and not ticks; the cross-fade from one interpreter to
the next is `fader.CROSS_FADE_MS`.

One clock: tick `k` runs at `start` + 20 ms · k and makes the packet with `pts` 960 · k, so the
monotonic time `at` falls on sample (`at` − `start`) · 48000 of the output. The limiter looks 2.5 ms
ahead; faders are planned in output time, so a cut falls on the exact sample that was ordered.
"""

from hemicycle.engine.audio.audio_engine import AudioEngine
from hemicycle.engine.audio.levels import Level

__all__ = ["AudioEngine", "Level"]
