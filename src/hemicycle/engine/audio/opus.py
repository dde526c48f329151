"""Opus, one encoder per channel.

A channel keeps its encoder for its whole life, also while it carries the same sound as the floor.
Using the floor's packets for it would save an encode (about half a percent of a core), but Opus is
stateful: each frame is predicted from those before it. At every change of route all decoders, of
seats and webcast alike, would get the frames of another encoder and crackle.
"""

import av
import numpy as np

from hemicycle.engine.streams import SOUND_RATE, TICK_MS, TICK_SAMPLES, Packet, Samples

BIT_RATE = 64_000
"""Full band for one voice, with room for music in a recorded video."""

EFFORT = 5
"""The complexity, from 0 to 10. The search for music and speech, which higher values add, decides
nothing at this bit rate: 5 is as intelligible, and takes less than half of the time (`make bench
ONLY=encoders`).
"""

DELAY = 312
"""Samples by which a decoder's sound is later than the encoder's input: the codec's look-ahead."""


class OpusEncoder:
    """Mono Opus at 48 kHz in packets of 20 ms, with in-band error correction.

    `bit_rate` is in bits per second, `loss_percent` the packet loss to prepare for, `effort` from 0
    to 10.
    """

    def __init__(
        self, bit_rate: int = BIT_RATE, loss_percent: int = 5, *, effort: int = EFFORT
    ) -> None:
        self._codec = av.CodecContext.create("libopus", "w")
        assert isinstance(self._codec, av.AudioCodecContext)
        self._codec.sample_rate = SOUND_RATE
        self._codec.layout = "mono"
        self._codec.format = av.AudioFormat("flt")
        self._codec.bit_rate = bit_rate
        # An expected loss also makes the encoder predict less from frame to frame, so a listener
        # who changes to this channel hears clean sound sooner.
        self._codec.options = {
            "application": "audio",
            "frame_duration": str(TICK_MS),
            "fec": "1",
            "packet_loss": str(loss_percent),
            "compression_level": str(effort),
        }
        self._codec.open()

    def encode(self, block: Samples, pts: int) -> Packet:
        """Return the packet of one block (`TICK_SAMPLES` values) at `pts` of the program's
        clock.
        """
        frame = av.AudioFrame.from_ndarray(block[np.newaxis], format="flt", layout="mono")
        frame.sample_rate = SOUND_RATE
        frame.pts = pts
        (packet,) = self._codec.encode(frame)
        return Packet(bytes(packet), pts, TICK_SAMPLES)
