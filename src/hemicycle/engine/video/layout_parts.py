"""Divides a layout into sources, drawings and a clock with their places, bottom up. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import get_args

from hemicycle.engine.video import artwork
from hemicycle.engine.video.artwork import Art
from hemicycle.engine.video.geometry import (
    KEPT,
    LayoutGeometry,
    Rect,
    Size,
    mark_place,
    places,
    whole,
)
from hemicycle.engine.video.layouts import BLANK, NOBODY, ClockFace, ClockFacePhase, Layout, Plate


@dataclass(frozen=True, slots=True)
class SourcePart:
    """A source's picture, or its card if there is none.

    `kept` is the share of the picture that must be seen if its shape differs from that of its
    place. A `tile` has a background of its own, so that it can be seen as a tile.
    """

    source: str
    rect: Rect
    card: Art
    tile: bool
    kept: float = KEPT


@dataclass(frozen=True, slots=True)
class ArtPart:
    """A drawing that does not change."""

    art: Art
    rect: Rect


@dataclass(frozen=True, slots=True)
class ClockPart:
    """The clock, which changes while the layout stays the same."""

    face: ClockFace
    rect: Rect
    program: int

    def ground(self, phase: ClockFacePhase) -> Art:
        """Return the background of the figures."""
        return artwork.clock(phase, self.face.word(phase), self.rect, self.program)

    def digits(self, phase: ClockFacePhase) -> Art:
        """Return the drawing that has all figures."""
        return artwork.digits(phase, self.program)


type LayoutPart = SourcePart | ArtPart | ClockPart


def parts(layout: Layout, size: Size) -> tuple[LayoutPart, ...]:
    """Return all parts of a layout, in the order in which they are painted."""
    where = places(layout, size)
    return (*_pictures(layout, where, size), *_words(layout, where, size))


def arts(staged: tuple[LayoutPart, ...]) -> Iterator[Art]:
    """Yield every drawing that may be needed while a layout is shown."""
    for part in staged:
        match part:
            case SourcePart():
                yield part.card
            case ArtPart():
                yield part.art
            case ClockPart():
                for phase in get_args(ClockFacePhase.__value__):
                    yield part.ground(phase)
                    yield part.digits(phase)


def _pictures(layout: Layout, where: LayoutGeometry, size: Size) -> Iterator[LayoutPart]:
    if layout.kind == "card":
        area = whole(size)
        art = Art("card", Size(area.width, area.height), size.height, card=layout.card or BLANK)
        yield ArtPart(art, area)
    if where.screen:
        screen = _seen(layout.screen, where.screen, size, NOBODY, named=False)
        yield replace(screen, kept=1.0)
    if where.main:
        plate = layout.plate_of(layout.main)
        named = layout.burnt is None and not where.screen
        main = _seen(layout.main, where.main, size, plate, named=named)
        # A recording is shown as it was made: its edges may have words.
        yield replace(main, kept=1.0) if layout.kind == "video" else main
        if where.screen and plate.name:
            yield ArtPart(_caption(plate, where.main, size), where.main)
    for source, tile in zip(layout.others, where.tiles, strict=False):
        plate = layout.plate_of(source)
        yield _seen(source, tile, size, plate, named=False)
        if plate.name:
            yield ArtPart(_caption(plate, tile, size), tile)
        if source in layout.speaking:
            yield ArtPart(Art("frame", Size(tile.width, tile.height), size.height), tile)


def _words(layout: Layout, where: LayoutGeometry, size: Size) -> Iterator[LayoutPart]:
    if where.plate and layout.burnt:
        area = Size(where.plate.width, where.plate.height)
        yield ArtPart(Art("plate", area, size.height, plate=layout.burnt), where.plate)
    if where.clock and layout.clock:
        yield ClockPart(layout.clock, where.clock, size.height)
    if layout.mark:
        place = mark_place(size)
        area = Size(place.width, place.height)
        yield ArtPart(Art("mark", area, size.height, word=layout.mark), place)


def _seen(source: str, rect: Rect, size: Size, plate: Plate, *, named: bool) -> SourcePart:
    named = named and plate.name != ""
    area = Size(rect.width, rect.height)
    card = Art("avatar", area, size.height, plate=plate, named=named)
    return SourcePart(source, rect, card, tile=rect.height < size.height / 2)


def _caption(plate: Plate, tile: Rect, size: Size) -> Art:
    return Art("caption", Size(tile.width, tile.height), size.height, plate=Plate(plate.name))
