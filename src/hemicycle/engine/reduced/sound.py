"""Sound with fewer bits, decoded from an output and encoded again."""

from collections.abc import Iterable

import av
import numpy as np

from hemicycle.engine.audio.opus import OpusEncoder
from hemicycle.engine.streams import SOUND_RATE, TICK_SAMPLES, Packet, Samples

EXPECTED_LOSS_PERCENT = 20


class SlimSound:
    """Speech at `bit_rate` bits per second, made for a link that loses packets."""

    def __init__(self, bit_rate: int) -> None:
        decoder = av.CodecContext.create("libopus", "r")
        assert isinstance(decoder, av.AudioCodecContext)
        decoder.sample_rate, decoder.layout = SOUND_RATE, "mono"
        self._decoder = decoder
        self._encoder = OpusEncoder(bit_rate, EXPECTED_LOSS_PERCENT)

    def reduced(self, packet: Packet, *, key: bool) -> Iterable[Packet]:
        """Return the 20 ms of a packet with fewer bits."""
        heard = [frame.to_ndarray()[0] for frame in self._decoder.decode(av.Packet(packet.data))]
        block: Samples = np.concatenate(heard).astype(np.float32) / 32768.0
        if len(block) == TICK_SAMPLES:
            yield self._encoder.encode(block, packet.pts)
