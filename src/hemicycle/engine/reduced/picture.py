"""A smaller picture, decoded from an output and encoded again."""

from collections.abc import Iterable
from fractions import Fraction

import av
from av.video.reformatter import VideoReformatter

from hemicycle.engine.streams import PICTURE_RATE, Packet
from hemicycle.engine.video.encoder import H264Encoder
from hemicycle.engine.video.geometry import Size, even


class SmallerPicture:
    """Reduces each `every`-th picture to at most `height` lines, at `bit_rate` bits per second."""

    def __init__(self, height: int, bit_rate: int, every: int) -> None:
        self._height, self._bit_rate, self._every = height, bit_rate, every
        decoder = av.CodecContext.create("h264", "r")
        assert isinstance(decoder, av.VideoCodecContext)
        decoder.thread_count = 1  # more threads would delay pictures
        self._decoder = decoder
        self._reformatter = VideoReformatter()
        self._encoder: H264Encoder | None = None
        self._size = Size(0, 0)
        self._count = self._number = 0

    def reduced(self, packet: Packet, *, key: bool) -> Iterable[Packet]:
        """Return the picture of a packet, if it is one of those that are kept."""
        given = av.Packet(packet.data)
        given.pts, given.time_base = packet.pts, Fraction(1, PICTURE_RATE)
        for frame in self._decoder.decode(given):
            self._count += 1
            # A requested keyframe is made from the next picture, whatever its number.
            if key or self._count >= self._every:
                self._count = 0
                yield self._encoded(frame, packet, key=key)

    def _encoded(self, frame: av.VideoFrame, packet: Packet, *, key: bool) -> Packet:
        height = min(self._height, frame.height)
        size = Size(even(frame.width * height / frame.height), height)
        if self._encoder is None or size != self._size:
            fps = max(1, PICTURE_RATE // (packet.duration * self._every))
            self._encoder = H264Encoder(size, fps, self._bit_rate)
            self._size = size
        small = self._reformatter.reformat(frame, size.width, size.height, "yuv420p")
        made = self._encoder.encode(small, self._number, key=key)
        self._number += 1
        # The encoder numbers its own pictures; the packet has the time of the program's clock.
        return Packet(made.data, packet.pts, packet.duration * self._every, made.keyframe)
