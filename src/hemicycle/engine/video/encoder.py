"""H.264 of the program picture: one pass, no delay, keyframes on request."""

from fractions import Fraction

import av
from av.video.frame import PictureType
from av.video.reformatter import VideoReformatter

from hemicycle.engine.streams import PICTURE_RATE, Packet
from hemicycle.engine.video.bit_rates import REDUCED_BIT_RATE, reduced_size
from hemicycle.engine.video.geometry import Size

KEY_EVERY_S = 2
PRESET = "superfast"
"""The preset of x264. A slower one takes half as much time again, without a visible difference at
these bit rates (`make bench ONLY=encoders`). The fastest one does not hide the edges of blocks.
"""
BUFFER_S = 0.4
"""The share of a second's bits that one picture may take, which limits the burst of a keyframe."""


class H264Encoder:
    """An encoder of H.264. For one thread only."""

    def __init__(self, size: Size, fps: int, bit_rate: int, *, preset: str = PRESET) -> None:
        self._step = PICTURE_RATE // fps
        context = av.CodecContext.create("libx264", "w")
        assert isinstance(context, av.VideoCodecContext)
        context.width, context.height, context.pix_fmt = size.width, size.height, "yuv420p"
        context.framerate = Fraction(fps)
        context.time_base = Fraction(1, PICTURE_RATE)
        context.bit_rate = bit_rate
        context.gop_size = KEY_EVERY_S * fps
        context.thread_count = 1
        # The colours are written into the stream, because players guess differently for small and
        # for large pictures.
        context.color_range, context.colorspace = 1, 6  # studio range, ITU-R BT.601
        context.color_primaries = context.color_trc = 1  # ITU-R BT.709
        context.options = {
            # No B-frames and no look-ahead (zerolatency, baseline): every picture leaves at once. A
            # keyframe is always an IDR, so that a viewer or a segment can start there. A change of
            # scene causes no keyframe, because keyframes are requested where segments begin.
            "preset": preset,
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


class ReducedEncoder:
    """The same pictures with fewer bits, each a keyframe where the whole picture is one.

    For one thread only. It begins at a keyframe.
    """

    def __init__(self, size: Size, fps: int) -> None:
        self._size = reduced_size(size)
        self._encoder = H264Encoder(self._size, fps, REDUCED_BIT_RATE)
        self._reformatter = VideoReformatter()
        self._begun = False

    def encode(self, frame: av.VideoFrame, number: int, *, key: bool) -> bytes:
        """Return the access unit of picture `number`; b"" before the first keyframe."""
        self._begun = self._begun or key
        if not self._begun:
            return b""
        small = self._reformatter.reformat(frame, self._size.width, self._size.height, "yuv420p")
        return self._encoder.encode(small, number, key=key).data
