"""AAC of a channel, for players that cannot play Opus: decoded from its packets, encoded again."""

from collections.abc import Iterator

import av
import numpy as np

from hemicycle.media.hls.fragments import Sample
from hemicycle.media.streams import SOUND_RATE, Packet, Samples

BIT_RATE = 64_000
FRAME = 1024
LONGEST_FILL = SOUND_RATE
"""A hole in the packets up to this many samples is filled with silence; after a longer one the
clock jumps."""


class Encoder:
    """One channel's AAC-LC, mono, 48 kHz. Of one thread only."""

    def __init__(self) -> None:
        self._decoder = av.CodecContext.create("opus", "r")
        assert isinstance(self._decoder, av.AudioCodecContext)
        self._decoder.sample_rate = SOUND_RATE
        self._decoder.layout = "mono"
        self._encoder = av.CodecContext.create("aac", "w")
        assert isinstance(self._encoder, av.AudioCodecContext)
        self._encoder.sample_rate = SOUND_RATE
        self._encoder.layout = "mono"
        self._encoder.format = av.AudioFormat("fltp")
        self._encoder.bit_rate = BIT_RATE
        self._encoder.open()
        self._held: Samples = np.zeros(0, np.float32)
        self._at = 0

    def encode(self, packet: Packet) -> Iterator[Sample]:
        """The AAC frames that an Opus packet completes; they lag behind it a little."""
        self._hold(packet)
        while len(self._held) >= FRAME:
            block, self._held = self._held[:FRAME], self._held[FRAME:]
            frame = av.AudioFrame.from_ndarray(block[np.newaxis], format="fltp", layout="mono")
            frame.sample_rate = SOUND_RATE
            frame.pts = self._at
            self._at += FRAME
            for made in self._encoder.encode(frame):
                assert made.pts is not None
                yield Sample(bytes(made), made.pts, FRAME)

    def _hold(self, packet: Packet) -> None:
        missing = packet.pts - (self._at + len(self._held))
        if 0 < missing <= LONGEST_FILL:
            self._held = np.concatenate((self._held, np.zeros(missing, np.float32)))
        elif missing:
            self._held, self._at = self._held[:0], packet.pts
        self._held = np.concatenate((self._held, *self._decoded(packet)))

    def _decoded(self, packet: Packet) -> Iterator[Samples]:
        for frame in self._decoder.decode(av.Packet(packet.data)):
            yield frame.to_ndarray().reshape(-1).astype(np.float32, copy=False)
