"""The sound desk: microphones, booths and channels, mixed every 20 ms and encoded once a channel.

Every publisher's sound is read once a tick and kept as a row of one matrix. A source passes its
even gain (`evenness`), then reaches a bus: the floor's, where its microphone is open, or a booth's,
where it is the one who interprets. A channel is routed to one bus, passes its limiter (`limiter`)
and leaves as Opus (`opus`). What moves, moves by a `Fader`, on samples and never on ticks.

One clock: tick `k` runs at `start` + 20 ms · k and makes the packet with `pts` 960 · k, so that the
monotonic time `at` falls on sample (`at` − `start`) · 48000 of what leaves. The limiter looks
2.5 ms ahead; faders are planned in the time of what leaves, so a cut falls where it was told to.
"""

from hemicycle.engine.audio.audio_engine import AudioEngine
from hemicycle.engine.audio.levels import Level

__all__ = ["AudioEngine", "Level"]
