"""Composes one program picture after the other: cameras, cards, plates and the clock.

A picture is first a list of parts and places. It is painted only if this list differs from the last
one, so a holding card costs almost nothing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import av
from av.video.reformatter import Colorspace, Interpolation, VideoReformatter

from hemicycle.engine.video import artwork, layout_parts
from hemicycle.engine.video.artwork import Art, ArtworkCache
from hemicycle.engine.video.canvas import TILE, Canvas, Colour
from hemicycle.engine.video.geometry import Crop, Rect, Size, cover, even, whole
from hemicycle.engine.video.layouts import Layout
from hemicycle.engine.video.sprites import Plane, Sprite

type Pictures = Callable[[str], av.VideoFrame | None]
"""The newest picture of a source by its id; None while there is none."""

BACKDROP = Size(16, 10)
"""A picture that is scaled down to this size and up again is a blur of its colours."""


@dataclass(frozen=True, slots=True)
class Backdrop:
    """The place of a blurred, dark copy of a picture, behind a picture that does not fill it."""

    rect: Rect


type PlacedItem = tuple[av.VideoFrame | Sprite | Colour, Rect | Crop | Backdrop]
"""An item to paste, draw or fill, and its place."""

DISSOLVE = 5
"""The number of pictures that a change of scene takes: 200 ms at 25 a second."""


class Composer:
    """Composes pictures. For one thread only; `show` a layout before the first picture."""

    def __init__(self, size: Size, studio: ArtworkCache) -> None:
        self.size = size
        self._studio = studio
        self._canvas = Canvas(size)
        self._canvas.fill(whole(size))
        self._scene: tuple[object, ...] = ()
        self._parts: tuple[layout_parts.LayoutPart, ...] = ()
        self._painted: list[PlacedItem] = []
        self._scalers: dict[Crop | Backdrop, _Scaler] = {}
        self._cuts: dict[tuple[Sprite, int], Sprite] = {}
        self._before: list[Plane] = []
        self._fading = 0

    @property
    def frame(self) -> av.VideoFrame:
        """The last composed picture; the next call of `compose` paints over it."""
        return self._canvas.frame

    def ready(self, layout: Layout) -> bool:
        """Whether all artwork that a layout may need is drawn; missing artwork is requested."""
        wanted = set(layout_parts.arts(layout_parts.parts(layout, self.size)))
        return None not in [self._studio.get(art) for art in wanted]

    def show(self, layout: Layout) -> None:
        """Use this layout from now on, with a dissolve if it is another scene."""
        if self._scene and self._scene != layout.scene():
            self._before, self._fading = self._canvas.copy(), DISSOLVE
        self._scene = layout.scene()
        self._parts = layout_parts.parts(layout, self.size)
        self._scalers.clear()
        self._cuts.clear()

    def compose(self, pictures: Pictures, now_ms: int | None) -> None:
        """Compose the picture for a time (ms since the Unix epoch); None leaves the clock out."""
        items = [item for part in self._parts for item in self._items(part, pictures, now_ms)]
        if self._fading or not _same(items, self._painted):
            self._paint(items)

    def _paint(self, items: list[PlacedItem]) -> None:
        self._canvas.fill(whole(self.size))
        for thing, place in items:
            match thing, place:
                case Sprite(), Rect():
                    self._canvas.draw(thing, place.x, place.y)
                case av.VideoFrame(), Crop(rect, scaled, left, top):
                    scaler = self._scalers.setdefault(place, _Scaler())
                    self._canvas.paste(scaler.scaled(thing, scaled), rect, left, top)
                case av.VideoFrame(), Backdrop(rect):
                    scaler = self._scalers.setdefault(place, _Scaler(through=BACKDROP))
                    self._canvas.paste(scaler.scaled(thing, Size(rect.width, rect.height)), rect)
                    self._canvas.darken(rect)
                case tuple(), Rect():
                    self._canvas.fill(place, thing)
        self._painted = items
        if self._fading:
            self._canvas.blend(self._before, self._fading / (DISSOLVE + 1))
            self._fading -= 1
            self._painted = []

    def _items(
        self, part: layout_parts.LayoutPart, pictures: Pictures, now_ms: int | None
    ) -> Iterator[PlacedItem]:
        match part:
            case layout_parts.SourcePart():
                yield from self._seen(part, pictures(part.source))
            case layout_parts.ArtPart(art, rect):
                yield from self._drawn(art, rect)
            case layout_parts.ClockPart() if now_ms is not None:
                yield from self._clock(part, now_ms)

    def _seen(
        self, seen: layout_parts.SourcePart, frame: av.VideoFrame | None
    ) -> Iterator[PlacedItem]:
        if frame is None:
            yield from self._drawn(seen.card, seen.rect)
            return
        crop = cover(frame.width / frame.height, seen.rect, seen.kept)
        if crop.rect != seen.rect:
            # Keep the bars beside a shared screen plain: nothing should distract from its text.
            is_screen = seen.kept == 1.0 and not seen.tile
            yield (TILE, seen.rect) if is_screen else (frame, Backdrop(seen.rect))
        yield frame, crop

    def _drawn(self, art: Art, rect: Rect) -> Iterator[PlacedItem]:
        drawing = self._studio.get(art)
        if drawing is not None:
            bottom = rect.bottom - art.area.height
            yield drawing, Rect(rect.x, bottom, *art.area)

    def _clock(self, clock: layout_parts.ClockPart, now_ms: int) -> Iterator[PlacedItem]:
        phase = clock.face.phase(now_ms)
        yield from self._drawn(clock.ground(phase), clock.rect)
        strip = self._studio.get(clock.digits(phase))
        if strip is not None:
            yield from self._figures(clock, strip, clock.face.figures(now_ms))

    def _figures(
        self, clock: layout_parts.ClockPart, strip: Sprite, figures: str
    ) -> Iterator[PlacedItem]:
        one = artwork.cell(clock.program)
        narrow = even(one.width / 2)
        widths = [narrow if glyph == ":" else one.width for glyph in figures]
        x = clock.rect.x + even((clock.rect.width - sum(widths)) / 2)
        y = clock.rect.bottom - artwork.word_height(clock.program) - one.height
        for glyph, width in zip(figures, widths, strict=True):
            start = artwork.GLYPHS.index(glyph) * one.width + even((one.width - width) / 2)
            cut = strip, start
            if cut not in self._cuts:
                self._cuts[cut] = strip.cut(start, width)
            yield self._cuts[cut], Rect(x, y, width, one.height)
            x += width


def _same(items: list[PlacedItem], painted: list[PlacedItem]) -> bool:
    return len(items) == len(painted) and all(
        a[0] is b[0] and a[1] == b[1] for a, b in zip(items, painted, strict=True)
    )


class _Scaler:
    """Scales the source of one place; the same picture is not scaled again.

    With `through`, a picture is first scaled down to that size.
    """

    def __init__(self, through: Size | None = None) -> None:
        self._reformatters = VideoReformatter(), VideoReformatter()
        self._through = through
        self._from: av.VideoFrame | None = None
        self._to: av.VideoFrame | None = None

    def scaled(self, frame: av.VideoFrame, size: Size) -> av.VideoFrame:
        if self._to is None or self._from is not frame:
            self._from = frame
            if self._through is not None:
                frame = _scaled(self._reformatters[1], frame, self._through)
            self._to = _scaled(self._reformatters[0], frame, size)
        return self._to


def _scaled(reformatter: VideoReformatter, frame: av.VideoFrame, size: Size) -> av.VideoFrame:
    return reformatter.reformat(
        frame,
        width=size.width,
        height=size.height,
        format="yuv420p",
        interpolation=Interpolation.BILINEAR,
        dst_colorspace=Colorspace.ITU601,
        dst_color_range="MPEG",
    )
