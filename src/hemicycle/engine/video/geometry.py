"""Where things are in the program picture.

Pure; every number is even, as 4:2:0 pictures require.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

from hemicycle.engine.video.layouts import Layout

SHARE = 5
"""A strip takes one in `SHARE` of the width, and the band under it one in `SHARE` of the height."""

MOST_TILES = 6

MOST_IN_GRID = 9


class Size(NamedTuple):
    """Width and height in pixels, both even."""

    width: int
    height: int


KEPT = 0.49
"""The least share of a camera's picture that is kept where it is cropped to fill its place."""
CUT_ABOVE = 0.3
"""The share of a tall picture's cropped part that is at the top: a face is above the middle."""
INSET = 6
"""A person over a shared screen takes one in `INSET` of its width."""

SMALL = Size(640, 360)
LARGE = Size(1280, 720)


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle of the picture, in pixels from its upper left corner."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class LayoutGeometry:
    """The places of a layout's parts. `tiles` are in the order of the layout's `others`.

    A plate is at the bottom left of `plate`, a clock at the bottom right of `clock`.
    """

    main: Rect | None = None
    screen: Rect | None = None
    tiles: tuple[Rect, ...] = ()
    plate: Rect | None = None
    clock: Rect | None = None


def even(value: float) -> int:
    """Return the even number at or below `value`."""
    return int(value) // 2 * 2


def whole(size: Size) -> Rect:
    """Return the rectangle of the whole picture."""
    return Rect(0, 0, size.width, size.height)


def fit(aspect: float, into: Rect) -> Rect:
    """Return the largest rectangle of an aspect (width by height), in the middle of another."""
    width = min(into.width, max(2, even(into.height * aspect + 1)))
    height = min(into.height, max(2, even(into.width / aspect + 1)))
    x = into.x + even((into.width - width) / 2)
    return Rect(x, into.y + even((into.height - height) / 2), width, height)


@dataclass(frozen=True, slots=True)
class Crop:
    """A picture scaled to `scaled`, of which the part from (left, top) on is shown at `rect`."""

    rect: Rect
    scaled: Size
    left: int = 0
    top: int = 0


def cover(aspect: float, into: Rect, kept: float = KEPT) -> Crop:
    """Return the crop with which a picture of an aspect fills a rectangle.

    At least the share `kept` of the picture is shown. If that does not
    fill the rectangle, the picture is in its middle. With `kept` 1 the picture is whole.
    """
    place = into.width / into.height
    seen = min(aspect / kept, place) if aspect < place else max(aspect * kept, place)
    rect = fit(seen, into)
    width = max(rect.width, even(rect.height * aspect + 1))
    height = max(rect.height, even(rect.width / aspect + 1))
    # Only one dimension is cropped.
    if width > rect.width:
        height = rect.height
    top = even((height - rect.height) * CUT_ABOVE)
    return Crop(rect, Size(width, height), even((width - rect.width) / 2), top)


def mark_place(size: Size) -> Rect:
    """Return the place of a mark: at the top in the middle, above all other text."""
    width = even(size.width / 3)
    return Rect(even((size.width - width) / 2), 0, width, even(size.height / 14))


def places(layout: Layout, size: Size) -> LayoutGeometry:
    """Return the places of a layout's parts in a picture of a size."""
    match layout.kind:
        case "card":
            return LayoutGeometry()
        case "grid":
            return _grid(layout, size)
        case "panel" if len(layout.others) == 1:
            return _pair(layout, size)
        case "panel" if layout.others:
            return _beside(layout, size)
        case "screen":
            return _over_screen(layout, size)
        case _:
            return _full(layout, size)


def _full(layout: Layout, size: Size) -> LayoutGeometry:
    edge = even(size.height / 18)
    base = size.height - edge
    height = even(size.height / 3)
    clock = even(size.width / 5)
    plate = size.width - 3 * edge - clock
    return LayoutGeometry(
        main=whole(size),
        plate=Rect(edge, base - height, plate, height) if layout.burnt else None,
        clock=Rect(size.width - edge - clock, base - height, clock, height)
        if layout.clock
        else None,
    )


def _beside(layout: Layout, size: Size) -> LayoutGeometry:
    """Return a large part at the left, a strip at the right, and a band below for plate and
    clock.
    """
    width = even(size.width * (SHARE - 1) / SHARE)
    band, gap = _band(layout, size), even(size.height / 90)
    large = Rect(0, 0, width, size.height - band)
    strip = _strip(size, Rect(width + gap, 0, size.width - width - gap, size.height - band))
    return _with_words(
        layout, size, LayoutGeometry(large, None, tiles(strip, len(layout.others), gap))
    )


def _pair(layout: Layout, size: Size) -> LayoutGeometry:
    """Return two halves and a band below: a strip of one tile would leave its column empty."""
    band, gap = _band(layout, size), even(size.height / 90)
    half = even((size.width - gap) / 2)
    left = Rect(0, 0, half, size.height - band)
    right = Rect(size.width - half, 0, half, size.height - band)
    return _with_words(layout, size, LayoutGeometry(left, None, (right,)))


def _over_screen(layout: Layout, size: Size) -> LayoutGeometry:
    """Return a shared screen that fills the picture; people and clock lie over its right edge.

    Names are in the tiles: a plate would cover the text of a slide.
    """
    edge = even(size.height / 40)
    width = even(size.width / INSET)
    height = even(width * 9 / 16)
    x = size.width - width - edge
    lowest = size.height - height - edge
    rects = [Rect(x, lowest - place * (height + edge), width, height) for place in (0, 1)]
    return LayoutGeometry(
        main=rects[0],
        screen=whole(size),
        tiles=tuple(rects[1 : 1 + len(layout.others)]),
        clock=Rect(size.width - even(size.width / SHARE), 0, *_clock(size))
        if layout.clock
        else None,
    )


def _clock(size: Size) -> tuple[int, int]:
    return even(size.width / SHARE), even(size.height / SHARE) - 2 * even(size.height / 90)


def _band(layout: Layout, size: Size) -> int:
    return even(size.height / SHARE) if layout.burnt or layout.clock else 0


def _with_words(layout: Layout, size: Size, where: LayoutGeometry) -> LayoutGeometry:
    """Add plate and clock in the band below."""
    gap = even(size.height / 90)
    width, height = _clock(size)
    y = size.height - height - gap
    corner = Rect(size.width - width + gap, y, width - gap, height)
    under = Rect(gap * 2, y, corner.x - gap * 4, height)
    return replace(
        where,
        plate=under if layout.burnt else None,
        clock=corner if layout.clock else None,
    )


def _grid(layout: Layout, size: Size) -> LayoutGeometry:
    """Return equal tiles in rows, and a band below if there is a clock."""
    band = even(size.height / SHARE) if layout.clock else 0
    gap = even(size.height / 90)
    area = Rect(0, 0, size.width, size.height - band)
    width = even(size.width / SHARE)
    corner = Rect(size.width - width, size.height - band + gap, width, band - gap * 2)
    return LayoutGeometry(
        tiles=grid(area, min(len(layout.others), MOST_IN_GRID), gap),
        clock=corner if layout.clock else None,
    )


def grid(area: Rect, count: int, gap: int) -> tuple[Rect, ...]:
    """Return `count` equal tiles of 16:9 in rows, as large as the area allows, rows centred."""

    def tile(columns: int) -> Rect:
        rows = -(-count // columns)
        wide = even((area.width - gap * (columns + 1)) / columns)
        high = even((area.height - gap * (rows + 1)) / rows)
        return fit(16 / 9, Rect(0, 0, wide, high))

    if count == 0:
        return ()
    columns = max(range(1, count + 1), key=lambda columns: (tile(columns).height, -columns))
    one, rows = tile(columns), -(-count // columns)
    top = area.y + even((area.height - rows * one.height - (rows - 1) * gap) / 2)
    found = []
    for row in range(rows):
        in_row = min(columns, count - row * columns)
        left = area.x + even((area.width - in_row * one.width - (in_row - 1) * gap) / 2)
        y = top + row * (one.height + gap)
        found += [
            Rect(left + place * (one.width + gap), y, one.width, one.height)
            for place in range(in_row)
        ]
    return tuple(found)


def _strip(size: Size, column: Rect) -> Rect:
    """Return the part of a column that is beside a picture of the program's own aspect."""
    height = even(size.height * (SHARE - 1) / SHARE)
    return Rect(column.x, even((column.height - height) / 2), column.width, height)


def tiles(strip: Rect, count: int, gap: int) -> tuple[Rect, ...]:
    """Return up to `MOST_TILES` tiles of 16:9 in a column, as large as the strip allows."""
    count = min(count, MOST_TILES)
    height = min(even(strip.width * 9 / 16), even((strip.height + gap) / max(count, 1)) - gap)
    width = min(strip.width, even(height * 16 / 9 + 1))
    x = strip.x + even((strip.width - width) / 2)
    return tuple(Rect(x, strip.y + i * (height + gap), width, height) for i in range(count))
