"""The looks of synthetic participants: a figure before a wall with a clock, who speaks and blinks.

A figure is drawn directly into the planes of a picture, and only where something moves, so that it
costs a fraction of a millisecond.
"""

import math
from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray

from hemicycle.engine.streams import PICTURE_RATE
from hemicycle.engine.video.artwork import Art, draw
from hemicycle.engine.video.canvas import Canvas
from hemicycle.engine.video.geometry import Size, even
from hemicycle.engine.video.layouts import Plate
from hemicycle.engine.video.sprites import Sprite, sprite_of

SIZE = Size(320, 180)
FPS = 15
OPENINGS = 6
"""Number of mouth drawings, from closed to wide open."""

type Rgb = tuple[float, float, float]
type Mask = NDArray[np.float64]

_SKINS: tuple[Rgb, ...] = ((241, 206, 178), (214, 164, 124), (166, 112, 76), (104, 68, 48))
_HAIRS: tuple[Rgb, ...] = ((38, 30, 28), (92, 62, 40), (150, 142, 138), (60, 60, 70))
_SUITS: tuple[Rgb, ...] = ((38, 52, 84), (66, 44, 72), (40, 70, 66), (70, 70, 78))
_WALLS: tuple[Rgb, ...] = ((118, 146, 168), (150, 138, 120), (120, 148, 132), (142, 128, 152))


class SyntheticFigure:
    """A participant's picture; equal seeds give equal pictures. For one thread only.

    `frame(n, level)` is picture n of `fps` per second, with the mouth open by `level` (0 to 1).
    """

    def __init__(self, name: str, seed: int = 0, size: Size = SIZE, fps: int = FPS) -> None:
        self.size, self.fps = size, fps
        self._paint = _Paint(size, np.random.default_rng(seed))
        canvas = Canvas(size)
        canvas.draw(self._paint.still())
        if name:
            plate = Art("caption", size, even(size.height * 1.6), plate=Plate(name))
            canvas.draw(draw(plate))
        self._ground = canvas.frame.to_ndarray()
        self._mouths = [self._paint.mouth(n / (OPENINGS - 1)) for n in range(OPENINGS)]
        self._lids = self._paint.lids()
        self._hands: dict[int, Sprite] = {}

    def frame(self, number: int, level: float) -> av.VideoFrame:
        """Return picture `number`, in memory of its own."""
        frame = av.VideoFrame.from_ndarray(self._ground, format="yuv420p")
        canvas = Canvas(self.size, frame)
        canvas.draw(self._mouths[round(min(1.0, max(0.0, level)) * (OPENINGS - 1))])
        if number % (4 * self.fps) < 2:
            canvas.draw(self._lids)
        canvas.draw(self._hand(number // self.fps % 60))
        frame.pts = number * (PICTURE_RATE // self.fps)
        frame.time_base = Fraction(1, PICTURE_RATE)
        return frame

    def _hand(self, second: int) -> Sprite:
        if second not in self._hands:
            self._hands[second] = self._paint.clock(second)
        return self._hands[second]


class _Paint:
    """The parts of a figure as drawings. Lengths are in heights of the picture."""

    def __init__(self, size: Size, random: np.random.Generator) -> None:
        self._size = size
        rows, columns = np.mgrid[: size.height, : size.width] + 0.5
        self._x = (columns - size.width / 2) / size.height
        self._y = rows / size.height
        self._skin, self._hair, self._suit, self._wall = (
            colours[int(random.integers(len(colours)))]
            for colours in (_SKINS, _HAIRS, _SUITS, _WALLS)
        )

    def still(self) -> Sprite:
        """Return everything that does not move."""
        shade = (0.62 + 0.3 * self._y)[..., None]
        picture = np.array(self._wall) * shade
        for colour, mask in (
            (self._suit, self._round(0, 1.14, 0.46, 0.46)),
            ((226, 228, 230), self._round(0, 0.72, 0.105, 0.08)),
            (_lit(self._skin, 0.84), self._round(0, 0.65, 0.085, 0.115)),
            (self._hair, self._round(0, 0.38, 0.2, 0.25)),
            (self._skin, self._round(0, 0.43, 0.165, 0.215)),
            (self._hair, self._brows()),
            ((236, 232, 228), self._eyes(0.022, 0.013)),
            ((38, 30, 28), self._eyes(0.012, 0.012)),
            (_lit(self._skin, 0.9), self._round(0, 0.47, 0.014, 0.035)),
            ((236, 240, 244), self._round(*self._dial, 0.075, 0.075)),
        ):
            picture = picture * (1 - mask[..., None]) + np.array(colour) * mask[..., None]
        return self._sprite(picture, np.ones(self._size[::-1]))

    def mouth(self, opening: float) -> Sprite:
        """Return a mouth; 0 is closed, 1 wide open."""
        inside = self._round(0, 0.55, 0.05 - 0.012 * opening, 0.006 + 0.03 * opening)
        return self._sprite(np.array((96.0, 32, 36)), inside)

    def lids(self) -> Sprite:
        """Return closed eyes."""
        return self._sprite(np.array(_lit(self._skin, 0.93)), self._eyes(0.026, 0.017))

    def clock(self, second: int) -> Sprite:
        """Return the hand of the clock on the wall."""
        x, y = self._dial
        turn = 2 * math.pi * second / 60
        along = (self._x - x) * math.sin(turn) - (self._y - y) * math.cos(turn)
        across = (self._x - x) * math.cos(turn) + (self._y - y) * math.sin(turn)
        edge = np.minimum(np.minimum(along + 0.01, 0.06 - along), 0.006 - abs(across))
        hand: Mask = np.clip(edge * self._size.height + 0.5, 0, 1)
        return self._sprite(np.array((160.0, 30, 30)), hand)

    @property
    def _dial(self) -> tuple[float, float]:
        return 0.5 * self._size.width / self._size.height - 0.12, 0.14

    def _eyes(self, width: float, height: float) -> Mask:
        return self._round(-0.062, 0.42, width, height) + self._round(0.062, 0.42, width, height)

    def _brows(self) -> Mask:
        return self._round(-0.062, 0.383, 0.034, 0.008) + self._round(0.062, 0.383, 0.034, 0.008)

    def _round(self, x: float, y: float, width: float, height: float) -> Mask:
        """Return how much of each pixel lies in an ellipse with a soft edge."""
        away = np.hypot((self._x - x) / width, (self._y - y) / height)
        mask: Mask = np.clip((1 - away) * min(width, height) * self._size.height + 0.5, 0, 1)
        return mask

    def _sprite(self, colour: NDArray[np.float64], mask: Mask) -> Sprite:
        rgba = np.zeros((*mask.shape, 4), np.uint8)
        rgba[..., :3] = np.clip(colour, 0, 255)
        rgba[..., 3] = np.round(mask * 255)
        return sprite_of(rgba)


def _lit(colour: Rgb, by: float) -> Rgb:
    red, green, blue = (value * by for value in colour)
    return red, green, blue
