"""Measures the cost of a program picture on this machine, with pictures like those of a camera."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import av
import numpy as np

from hemicycle.engine.video.artwork import ArtworkCache
from hemicycle.engine.video.bit_rates import SMALL_BIT_RATE, bit_rate_for
from hemicycle.engine.video.composer import Composer
from hemicycle.engine.video.encoder import H264Encoder, ReducedEncoder
from hemicycle.engine.video.geometry import LARGE, Size
from hemicycle.engine.video.layouts import Layout, Plate

NOISE = 4
"""The noise of a camera in a lit room: the standard deviation of its brightness (0 to 255)."""
PLATE = Plate("Ann Lee", "Institute for Human Rights")


@dataclass(frozen=True, slots=True)
class PictureCost:
    """Percent of a core for composing, for encoding, and for encoding the reduced picture."""

    composing: float
    encoding: float
    reducing: float

    @property
    def whole(self) -> float:
        """Percent of a core for the picture without the reduced one."""
        return self.composing + self.encoding

    @property
    def all(self) -> float:
        """Percent of a core for the picture and the reduced one."""
        return self.whole + self.reducing


def measure(size: Size, fps: int, pictures: int) -> PictureCost:
    """Measure composing and encoding a speaker with a plate, `fps` pictures a second.

    The processor time of the thread is counted, so other work on the machine changes little.
    """
    studio = ArtworkCache()
    composer = Composer(size, studio)
    layout = Layout("speaker", main="camera", plate=PLATE)
    while not composer.ready(layout):
        time.sleep(0.05)
    composer.show(layout)
    try:
        spent = _spent(composer, size, fps, camera(pictures))
    finally:
        studio.close()
    return PictureCost(*(float(part) for part in spent / pictures * fps * 100))


def _spent(
    composer: Composer, size: Size, fps: int, frames: Iterable[av.VideoFrame]
) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    whole = H264Encoder(size, fps, max(SMALL_BIT_RATE, bit_rate_for(size)))
    reduced = ReducedEncoder(size, fps)
    spent = np.zeros(3)
    for number, frame in enumerate(frames):
        marks = [time.thread_time()]
        composer.compose({"camera": frame}.get, 0)
        marks.append(time.thread_time())
        packet = whole.encode(composer.frame, number, key=number == 0)
        marks.append(time.thread_time())
        reduced.encode(composer.frame, number, key=packet.keyframe)
        marks.append(time.thread_time())
        spent += np.diff(marks)
    return spent


def camera(count: int) -> Iterator[av.VideoFrame]:
    """Yield pictures of 1280x720: a bright shape that moves before a soft ground, with noise."""
    dice = np.random.default_rng(1)
    across, down = np.meshgrid(np.arange(LARGE.width), np.arange(LARGE.height))
    noise = dice.normal(0, NOISE, (LARGE.height + 64, LARGE.width)).astype(np.int16)
    ground = 60 + 60 * down / LARGE.height + 20 * np.sin(across / 90)
    for number in range(count):
        x = LARGE.width / 2 + 40 * np.sin(number / 12)
        face = ((across - x) / 150) ** 2 + ((down - 330) / 210) ** 2 < 1
        light = np.where(face, 170 - (down - 330) / 10, ground).astype(np.int16)
        shift = int(dice.integers(0, 64))
        light += noise[shift : shift + LARGE.height]
        grey = np.clip(light, 16, 235).astype(np.uint8)
        yield av.VideoFrame.from_ndarray(grey, "gray").reformat(format="yuv420p")
