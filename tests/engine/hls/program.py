"""A program of real packets: a picture that moves, and a tone in each channel."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
import numpy as np
from av.video.frame import PictureType
from numpy.typing import NDArray

from hemicycle.engine.audio.analysis import tone
from hemicycle.engine.audio.opus import OpusEncoder
from hemicycle.engine.streams import PICTURE_RATE, PROGRAM, SOUND_RATE, TICK_SAMPLES, Packet

FPS = 25
STEP = PICTURE_RATE // FPS
SMALL = (64, 48)
TONES = {"floor": 400.0, "fr": 800.0, "ar": 1200.0, "en": 1600.0, "zh": 2000.0}


class Program:
    """Packets in the order in which the engines deliver them; each call continues the program.

    While it is `reduced`, each picture comes with a small one. `noise` makes pictures that need
    more bits: 30 is about 0.9 Mb/s, and the small pictures need a quarter of that.
    """

    def __init__(
        self,
        channels: tuple[str, ...] = ("floor", "fr"),
        key_every: int = 2 * FPS,
        *,
        reduced: bool = False,
        noise: int = 0,
        fps: int = FPS,
    ) -> None:
        self.key_wanted = False
        self._fps, self._step = fps, PICTURE_RATE // fps
        self._noise, self._dice = noise, np.random.default_rng(1)
        self.reduced = reduced
        self._picture = _encoder(key_every, 128, 96)
        self._small = _encoder(10_000, *SMALL)
        self._sounds = {name: OpusEncoder() for name in channels}
        self._frame = 0
        self._tick = 0

    def run(self, seconds: float, *, picture: bool = True) -> Iterator[tuple[str, Packet]]:
        """Yield the packets of the next `seconds`, without the picture if `picture` is false."""
        until = self._frame + round(seconds * self._fps)
        while self._frame < until:
            while self._tick * TICK_SAMPLES / SOUND_RATE < (self._frame + 1) / self._fps:
                yield from self._sound()
            packet = self._encode()
            if picture:
                yield PROGRAM, packet

    def _sound(self) -> Iterator[tuple[str, Packet]]:
        pts = self._tick * TICK_SAMPLES
        for name, encoder in self._sounds.items():
            yield name, encoder.encode(tone(TONES[name], 0.02, first=pts), pts)
        self._tick += 1

    def _encode(self) -> Packet:
        grey = np.full((96, 128), 40 + self._frame * 3 % 160, np.uint8)
        x = self._frame * 4 % 112
        grey[40:56, x : x + 16] = 235
        if self._noise:
            grey = grey // 2 + self._dice.integers(0, self._noise * 2, grey.shape, np.uint8)
        made = self._coded(self._picture, grey, key=self.key_wanted)
        self.key_wanted = False
        key = bool(made.is_keyframe)
        small = bytes(self._coded(self._small, grey[::2, ::2], key=key)) if self.reduced else b""
        self._frame += 1
        return Packet(bytes(made), made.pts or 0, self._step, key, small)

    def _coded(self, encoder: av.VideoCodecContext, grey: NDArray[np.uint8], *, key: bool) -> Any:
        height, width = grey.shape
        planes = np.full((height * 3 // 2, width), 128, np.uint8)
        planes[:height] = grey
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts, frame.time_base = self._frame * self._step, Fraction(1, PICTURE_RATE)
        frame.pict_type = PictureType.I if key else PictureType.NONE
        (made,) = encoder.encode(frame)
        return made


def _encoder(key_every: int, width: int, height: int) -> av.VideoCodecContext:
    context = av.CodecContext.create("libx264", "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.framerate, context.time_base = Fraction(FPS), Fraction(1, PICTURE_RATE)
    context.gop_size, context.thread_count = key_every, 1
    context.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "profile": "baseline",
        "forced-idr": "1",
        "sc_threshold": "0",
    }
    return context
