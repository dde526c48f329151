"""The canvas of the program picture: three planes to fill, paste into and draw over."""

import av
import numpy as np

from hemicycle.engine.video.geometry import Rect, Size
from hemicycle.engine.video.sprites import Plane, Sprite, planes, shade

type Colour = tuple[int, int, int]

GROUND: Colour = (31, 131, 125)
"""The background colour of the rooms' pages, #0d1217, as Y, Cb, Cr of ITU-R BT.601, studio
range.
"""

TILE: Colour = (39, 131, 125)
"""The surface colour of the rooms' pages, #151c23."""


class Canvas:
    """A yuv420p picture to draw on: a given one, or a new one.

    Rectangles must lie within it, on even numbers.
    """

    def __init__(self, size: Size, frame: av.VideoFrame | None = None) -> None:
        self.size = size
        self.frame = frame or av.VideoFrame(size.width, size.height, "yuv420p")
        self.planes: list[Plane] = [_writable(self.frame, i) for i in range(3)]

    def fill(self, rect: Rect, colour: Colour = GROUND) -> None:
        """Paint a rectangle."""
        for part, value in zip(self.parts(rect), colour, strict=True):
            part.fill(value)

    def paste(self, frame: av.VideoFrame, rect: Rect, left: int = 0, top: int = 0) -> None:
        """Copy a yuv420p frame, from (left, top) on, into a rectangle."""
        given = planes(frame, Size(frame.width, frame.height))
        for part, plane, n in zip(self.parts(rect), given, (1, 2, 2), strict=True):
            height, width = part.shape
            part[...] = plane[top // n : top // n + height, left // n : left // n + width]

    def darken(self, rect: Rect) -> None:
        """Halve the brightness of a rectangle."""
        light = self.parts(rect)[0]
        light[...] = light // 2 + GROUND[0] // 2

    def draw(self, sprite: Sprite, x: int = 0, y: int = 0) -> None:
        """Draw a sprite over the picture; (x, y) is the corner of the area it was drawn for."""
        x, y = x + sprite.at.x, y + sprite.at.y
        for plane, layer, scale in zip(self.planes, sprite.layers, (1, 2, 2), strict=True):
            shade(plane, layer, x // scale, y // scale)

    def parts(self, rect: Rect) -> list[Plane]:
        """Return the three planes of a rectangle."""
        return [
            plane[rect.y // n : rect.bottom // n, rect.x // n : rect.right // n]
            for plane, n in zip(self.planes, (1, 2, 2), strict=True)
        ]

    def blend(self, before: list[Plane], share: float) -> None:
        """Mix an earlier picture into this one with weight `share`, from 0 to 1."""
        weight = round(share * 256)
        for plane, old in zip(self.planes, before, strict=True):
            mixed = plane * np.uint16(256 - weight)
            mixed += old * np.uint16(weight)
            mixed >>= 8
            plane[...] = mixed

    def copy(self) -> list[Plane]:
        """Return a copy of the planes."""
        return [plane.copy() for plane in self.planes]


def _writable(frame: av.VideoFrame, index: int) -> Plane:
    plane = frame.planes[index]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return rows[: plane.height, : plane.width]
