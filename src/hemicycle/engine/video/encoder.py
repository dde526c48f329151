"""H.264 of the program picture: one pass, no delay, keyframes on request."""

from fractions import Fraction

import av
from av.video.frame import PictureType

from hemicycle.engine.streams import PICTURE_RATE, Packet
from hemicycle.engine.video.geometry import SMALL, Size

SMALL_BIT_RATE = 800_000
"""Bits per second at 640x360."""

KEY_EVERY_S = 2
BUFFER_S = 0.4
"""The share of a second's bits that one picture may take: this limits the burst of a keyframe."""


def bit_rate_for(size: Size) -> int:
    """Return the bits per second for a size.

    A larger picture needs fewer bits for each pixel: the usual power of three quarters gives 0.8
    Mb/s for 640x360 and 2.3 Mb/s for 1280x720.
    """
    share = (size.width * size.height) / (SMALL.width * SMALL.height)
    return round(SMALL_BIT_RATE * float(share**0.75))


class H264Encoder:
    """One encoder. For one thread only."""

    def __init__(self, size: Size, fps: int, bit_rate: int) -> None:
        self._step = PICTURE_RATE // fps
        context = av.CodecContext.create("libx264", "w")
        assert isinstance(context, av.VideoCodecContext)
        context.width, context.height, context.pix_fmt = size.width, size.height, "yuv420p"
        context.framerate = Fraction(fps)
        context.time_base = Fraction(1, PICTURE_RATE)
        context.bit_rate = bit_rate
        context.gop_size = KEY_EVERY_S * fps
        context.thread_count = 1
        # Written into the stream, because players guess differently for small and for large
        # pictures.
        context.color_range, context.colorspace = 1, 6  # studio range, ITU-R BT.601
        context.color_primaries = context.color_trc = 1  # ITU-R BT.709
        context.options = {
            # No B-frames and no look-ahead (zerolatency, baseline): every picture leaves at once. A
            # keyframe is always an IDR, so that a viewer or a segment can start there; a change of
            # scene makes none by itself, because keyframes are requested where segments begin.
            "preset": "veryfast",
            "tune": "zerolatency",
            "profile": "baseline",
            "forced-idr": "1",
            "sc_threshold": "0",
            "maxrate": str(bit_rate),
            "bufsize": str(round(bit_rate * BUFFER_S)),
        }
        self._context = context

    def encode(self, frame: av.VideoFrame, number: int, *, key: bool) -> Packet:
        """Return the access unit (Annex B) of picture `number`, counted from the program's
        start.
        """
        frame.pts = number * self._step
        frame.time_base = Fraction(1, PICTURE_RATE)
        frame.pict_type = PictureType.I if key else PictureType.NONE
        (packet,) = self._context.encode(frame)
        return Packet(bytes(packet), number * self._step, self._step, bool(packet.is_keyframe))
