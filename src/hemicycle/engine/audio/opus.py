"""Opus, one encoder a channel.

A channel keeps its encoder for as long as it lives, also while it carries the very same sound as
the floor. Handing the floor's packets to it would save an encode (about half a percent of a core),
but Opus is stateful: each frame is predicted from those before it, and at every change of route all
decoders, of seats and webcast alike, would be fed the frames of another encoder and crackle.
"""

import av
import numpy as np

from hemicycle.engine.streams import SOUND_RATE, TICK_MS, TICK_SAMPLES, Packet, Samples

BIT_RATE = 64_000
"""Full band for one voice, with room for music in a recorded video."""

DELAY = 312
"""Samples by which a decoder's sound comes later than the encoder's: the codec's own look-ahead."""


class OpusEncoder:
    """Mono Opus at 48 kHz in packets of 20 ms, in-band error correction on."""

    def __init__(self) -> None:
        self._codec = av.CodecContext.create("libopus", "w")
        assert isinstance(self._codec, av.AudioCodecContext)
        self._codec.sample_rate = SOUND_RATE
        self._codec.layout = "mono"
        self._codec.format = av.AudioFormat("flt")
        self._codec.bit_rate = BIT_RATE
        # An expected loss also makes the encoder predict less from frame to frame, which is what a
        # listener needs who changes to this channel.
        self._codec.options = {
            "application": "audio",
            "frame_duration": str(TICK_MS),
            "fec": "1",
            "packet_loss": "5",
        }
        self._codec.open()

    def encode(self, block: Samples, pts: int) -> Packet:
        """The packet of one block (`TICK_SAMPLES` values) at `pts` of the program's clock."""
        frame = av.AudioFrame.from_ndarray(block[np.newaxis], format="flt", layout="mono")
        frame.sample_rate = SOUND_RATE
        frame.pts = pts
        (packet,) = self._codec.encode(frame)
        return Packet(bytes(packet), pts, TICK_SAMPLES)
