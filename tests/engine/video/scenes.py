"""Common parts of the picture tests: sources of one colour, and a decoder."""

import time
from collections.abc import Callable, Iterable

import av
import numpy as np
from numpy.typing import NDArray

from hemicycle.engine.streams import Packet
from hemicycle.engine.video.artwork import ArtworkCache
from hemicycle.engine.video.composer import Composer, Pictures
from hemicycle.engine.video.geometry import Rect, Size
from hemicycle.engine.video.layouts import Layout

type Rgb = tuple[int, int, int]
type Image = NDArray[np.uint8]

RED, GREEN, BLUE, YELLOW, WHITE = (
    (200, 40, 40),
    (40, 170, 60),
    (40, 60, 200),
    (210, 200, 40),
    (235, 235, 235),
)
GROUND = (13, 18, 23)


def plain(colour: Rgb, width: int = 640, height: int = 360) -> av.VideoFrame:
    """Return a picture of one colour."""
    rgb = np.full((height, width, 3), colour, np.uint8)
    return av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="yuv420p")


class Plain:
    """A source that shows one colour until it is taken away."""

    def __init__(self, colour: Rgb, width: int = 640, height: int = 360) -> None:
        self.frame: av.VideoFrame | None = plain(colour, width, height)

    def latest(self) -> av.VideoFrame | None:
        return self.frame


def images(packets: Iterable[Packet]) -> list[Image]:
    """Decode packets, which begin with a keyframe, and return the pictures as RGB."""
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    frames = [frame for packet in packets for frame in decoder.decode(av.Packet(packet.data))]
    return [_rgb(frame) for frame in (*frames, *decoder.decode(None))]


def _rgb(frame: av.VideoFrame) -> Image:
    return frame.to_ndarray(format="rgb24").astype(np.uint8)


def composed(
    studio: ArtworkCache, size: Size, layout: Layout, pictures: Pictures, now: int | None
) -> Image:
    """Return the program picture of a layout as the encoder gets it."""
    program = Composer(size, studio)
    until(lambda: program.ready(layout))
    program.show(layout)
    program.compose(pictures, now)
    return _rgb(program.frame)


def colour(image: Image, rect: Rect) -> Rgb:
    """Return the median colour in the middle half of a rectangle."""
    x, y = rect.x + rect.width // 4, rect.y + rect.height // 4
    inner = image[y : y + rect.height // 2, x : x + rect.width // 2].reshape(-1, 3)
    red, green, blue = (int(value) for value in np.median(inner, axis=0))
    return red, green, blue


def near(a: Rgb, b: Rgb, within: int = 12) -> bool:
    """Return whether two colours look the same after coding."""
    return all(abs(x - y) <= within for x, y in zip(a, b, strict=True))


def written(image: Image, rect: Rect) -> int:
    """Return how many pixels of a rectangle are as light as text."""
    part = image[rect.y : rect.bottom, rect.x : rect.right]
    return int((part.min(axis=2) > 150).sum())


def until(true: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until a condition holds that another thread brings about."""
    last = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < last, "waited in vain"
        time.sleep(0.002)
