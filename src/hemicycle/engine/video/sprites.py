"""Drawings as planes: colour and opacity of a yuv420p picture, blended into it with integers."""

from dataclasses import dataclass
from typing import NamedTuple, Self

import av
import numpy as np
from av.video.reformatter import Colorspace
from numpy.typing import NDArray

from hemicycle.engine.video.geometry import Rect, Size

type Plane = NDArray[np.uint8]
type Weight = NDArray[np.uint16]

ROUND = np.uint16(128)
"""Half of 256, which is added so that the division by 256 in `shade` rounds."""


class Layer(NamedTuple):
    """One plane of a drawing: its colour times its opacity, and 256 less the opacity."""

    colour: Weight
    through: Weight


@dataclass(frozen=True, slots=True, eq=False)
class Sprite:
    """A drawing, cut to its visible part; `at` is its place in the area it was drawn for."""

    at: Rect
    layers: tuple[Layer, Layer, Layer]

    @classmethod
    def empty(cls) -> Self:
        """Return an empty drawing."""
        none = Layer(np.zeros((0, 0), np.uint16), np.zeros((0, 0), np.uint16))
        return cls(Rect(0, 0, 0, 0), (none, none, none))

    @property
    def nbytes(self) -> int:
        """The memory that the drawing takes, in bytes."""
        return sum(plane.nbytes for layer in self.layers for plane in layer)

    def cut(self, x: int, width: int) -> Self:
        """Return a part of the drawing: the columns from `x` on (even, within the drawing)."""
        halves = ((x, width), (x // 2, width // 2), (x // 2, width // 2))
        layers = [
            Layer(layer.colour[:, a : a + w], layer.through[:, a : a + w])
            for layer, (a, w) in zip(self.layers, halves, strict=True)
        ]
        at = Rect(self.at.x, self.at.y, width, self.at.height)
        return type(self)(at, (layers[0], layers[1], layers[2]))


def sprite(png: bytes, *, whole: bool = False) -> Sprite:
    """Return the drawing in a PNG with transparency; `whole` keeps its empty edges."""
    frame = av.CodecContext.create("png", "r").decode(av.Packet(png))[0]
    assert isinstance(frame, av.VideoFrame)
    return sprite_of(frame.to_ndarray(format="rgba").astype(np.uint8), whole=whole)


def sprite_of(rgba: NDArray[np.uint8], *, whole: bool = False) -> Sprite:
    """Return the drawing from rows of red, green, blue and opacity."""
    rgba = rgba[: rgba.shape[0] // 2 * 2, : rgba.shape[1] // 2 * 2]
    at = Rect(0, 0, rgba.shape[1], rgba.shape[0]) if whole else _inked(rgba[..., 3])
    rgba = np.ascontiguousarray(rgba[at.y : at.bottom, at.x : at.right])
    cover = rgba[..., 3].astype(np.uint16)
    cover += cover >> 7  # 0…256, so that a full cover is exact
    return Sprite(at, _layers(_colours(rgba), cover))


def _inked(alpha: Plane) -> Rect:
    """Return the smallest even rectangle around all visible pixels."""
    rows, columns = (np.flatnonzero(alpha.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return Rect(0, 0, 2, 2)
    x, y = int(columns[0]) // 2 * 2, int(rows[0]) // 2 * 2
    return Rect(x, y, (int(columns[-1]) + 2 - x) // 2 * 2, (int(rows[-1]) + 2 - y) // 2 * 2)


def _colours(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return Y, Cb and Cr of every pixel."""
    rgb = np.ascontiguousarray(rgba[..., :3])
    yuv = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(
        format="yuv444p", dst_colorspace=Colorspace.ITU601, dst_color_range="MPEG"
    )
    return yuv.to_ndarray().astype(np.uint8)


def planes(frame: av.VideoFrame, size: Size) -> list[Plane]:
    """Return the three planes of a yuv420p frame, not copied."""
    sizes = (size, *(Size(size.width // 2, size.height // 2),) * 2)
    return [
        np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: s.height, : s.width]
        for plane, s in zip(frame.planes, sizes, strict=True)
    ]


def _layers(colours: NDArray[np.uint8], cover: Weight) -> tuple[Layer, Layer, Layer]:
    y, u, v = (colour * cover for colour in colours)
    half = 256 - _quarter(cover)
    return (
        Layer(y + ROUND, 256 - cover),
        Layer(_quarter(u) + ROUND, half),
        Layer(_quarter(v) + ROUND, half),
    )


def _quarter(plane: Weight) -> Weight:
    """Return a quarter of the pixels, each the mean of four."""
    height, width = plane.shape
    fours = plane.reshape(height // 2, 2, width // 2, 2)
    return (fours.sum(axis=(1, 3), dtype=np.uint32) // 4).astype(np.uint16)


def shade(plane: Plane, layer: Layer, x: int, y: int) -> None:
    """Blend a plane of a drawing into a plane of the picture, with its corner at (x, y)."""
    height, width = layer.colour.shape
    under = plane[y : y + height, x : x + width]
    height, width = under.shape
    mixed = under * layer.through[:height, :width]
    mixed += layer.colour[:height, :width]
    mixed >>= 8
    under[...] = mixed
