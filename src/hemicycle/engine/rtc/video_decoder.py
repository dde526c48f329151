"""Decodes a publisher's video in its own thread, and keeps the newest frame."""

import queue
import threading
import time
from collections.abc import Callable
from fractions import Fraction

import av

from hemicycle.engine.rtc.frame_assembly import EncodedFrame
from hemicycle.engine.streams import PICTURE_RATE

STALE_S = 2.0
"""A frame older than this is not shown."""

MOST_PIXELS = 2560 * 1600
"""The most pixels that are decoded: more would cost a core, and shared screens are not larger."""

MOST_WAITING = 30
"""Frames that may wait for the decoder; above this all are dropped, up to the next keyframe."""

MOST_UNREADABLE = 5
"""Undecodable keyframes in a row from which on the picture counts as too large."""

_DECODERS = {"H264": "h264", "VP8": "vp8"}


class VideoDecoder:
    """A `VideoSource` of `streams`: frames are put in as they come, and the newest can be read.

    `on_trouble` is called in the decoder's thread with "broken" (a keyframe is needed) or
    "too_large" (see `MOST_PIXELS`).
    """

    def __init__(
        self, on_trouble: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.frames = 0
        self._on_trouble = on_trouble
        self._clock = clock
        self._frame: av.VideoFrame | None = None
        self._at = 0.0
        self._waiting: queue.SimpleQueue[EncodedFrame | None] = queue.SimpleQueue()
        self._skipping = False
        self._shut = False
        # The thread is started with the first frame: a start blocks until the thread runs, and
        # while connections are taken over from another process, nobody is heard.
        self._thread: threading.Thread | None = None

    def put(self, whole: EncodedFrame) -> None:
        """Add a frame to decode, unless the decoder is far behind."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="picture-decoder", daemon=True)
            self._thread.start()
        if self._waiting.qsize() > MOST_WAITING:
            self._skipping = True
            self._on_trouble("broken")
        self._skipping = self._skipping and not whole.keyframe
        if not self._skipping:
            self._waiting.put(whole)

    def latest(self) -> av.VideoFrame | None:
        """Return the newest whole frame (yuv420p); None before the first, or if it is older than
        `STALE_S`.
        """
        frame = None if self._shut else self._frame
        return frame if frame is not None and self._clock() - self._at < STALE_S else None

    def shut(self, *, on: bool) -> None:
        """Stop decoding and forget the newest frame, or start again."""
        self._shut = on
        self._frame = None

    def _is_shut(self) -> bool:
        """Whether decoding is shut. Ask after each step: another thread may shut it meanwhile."""
        return self._shut

    def close(self) -> None:
        """End the thread after its present frame."""
        self._waiting.put(None)

    def _run(self) -> None:
        name, decoder, unreadable = "", None, 0
        while (whole := self._waiting.get()) is not None:
            if decoder is None or name != whole.codec:
                name, decoder = whole.codec, _decoder(whole.codec)
            try:
                self._decode(decoder, whole)
                unreadable = 0
            except av.FFmpegError:
                unreadable += whole.keyframe
                self._on_trouble("too_large" if unreadable >= MOST_UNREADABLE else "broken")
        self._frame = None

    def _decode(self, decoder: av.VideoCodecContext, whole: EncodedFrame) -> None:
        if self._is_shut():
            return
        packet = av.Packet(whole.data)
        packet.pts = whole.timestamp
        packet.time_base = Fraction(1, PICTURE_RATE)
        for frame in decoder.decode(packet):
            if frame.width * frame.height > MOST_PIXELS:
                self._on_trouble("too_large")
                continue
            if self._is_shut():
                return
            self._frame = (
                frame if frame.format.name == "yuv420p" else frame.reformat(format="yuv420p")
            )
            self._at = self._clock()
            self.frames += 1


def _decoder(codec: str) -> av.VideoCodecContext:
    decoder = av.CodecContext.create(_DECODERS[codec], "r")
    assert isinstance(decoder, av.VideoCodecContext)
    decoder.thread_count = 1  # more threads would delay frames
    # A frame far beyond what is shown is refused before memory is taken for it.
    decoder.options = {"max_pixels": str(4 * MOST_PIXELS)}
    return decoder
