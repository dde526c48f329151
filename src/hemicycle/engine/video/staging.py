"""A layout taken apart: which source, drawing and clock lies where, from the ground up. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

from hemicycle.engine.video import artwork
from hemicycle.engine.video.artwork import Art
from hemicycle.engine.video.geometry import Places, Rect, Size, places, whole
from hemicycle.engine.video.layouts import BLANK, NOBODY, ClockFace, Layout, Phase, Plate


@dataclass(frozen=True, slots=True)
class Seen:
    """A source's picture, or the card in its place while there is none.

    A `tile` has a ground of its own, so that it is seen as one whatever the picture's aspect.
    """

    source: str
    rect: Rect
    card: Art
    tile: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawing that stands as it is."""

    art: Art
    rect: Rect


@dataclass(frozen=True, slots=True)
class Clock:
    """The clock, which changes by itself."""

    face: ClockFace
    rect: Rect
    program: int

    def ground(self, phase: Phase) -> Art:
        """What lies under the figures."""
        return artwork.clock(phase, self.face.words.of(phase), self.rect, self.program)

    def digits(self, phase: Phase) -> Art:
        """The figures to choose from."""
        return artwork.digits(phase, self.program)


type Part = Seen | Drawn | Clock


def parts(layout: Layout, size: Size) -> tuple[Part, ...]:
    """Everything of a layout, in the order in which it is painted."""
    where = places(layout, size)
    return (*_pictures(layout, where, size), *_words(layout, where, size))


def arts(staged: tuple[Part, ...]) -> Iterator[Art]:
    """Every drawing that may be needed while a layout stands."""
    for part in staged:
        match part:
            case Seen():
                yield part.card
            case Drawn():
                yield part.art
            case Clock():
                for phase in get_args(Phase.__value__):
                    yield part.ground(phase)
                    yield part.digits(phase)


def _pictures(layout: Layout, where: Places, size: Size) -> Iterator[Part]:
    if layout.kind == "card":
        area = whole(size)
        art = Art("card", Size(area.width, area.height), size.height, card=layout.card or BLANK)
        yield Drawn(art, area)
    if where.screen:
        yield _seen(layout.screen, where.screen, size, NOBODY, named=False)
    if where.main:
        plate = layout.plate_of(layout.main)
        yield _seen(layout.main, where.main, size, plate, named=layout.burnt is None)
    for source, tile in zip(layout.others, where.tiles, strict=False):
        plate = layout.plate_of(source)
        yield _seen(source, tile, size, plate, named=False)
        if plate.name:
            yield Drawn(_caption(plate, tile, size), tile)


def _words(layout: Layout, where: Places, size: Size) -> Iterator[Part]:
    if where.plate and layout.burnt:
        area = Size(where.plate.width, where.plate.height)
        yield Drawn(Art("plate", area, size.height, plate=layout.burnt), where.plate)
    if where.clock and layout.clock:
        yield Clock(layout.clock, where.clock, size.height)


def _seen(source: str, rect: Rect, size: Size, plate: Plate, *, named: bool) -> Seen:
    named = named and plate.name != ""
    area = Size(rect.width, rect.height)
    card = Art("avatar", area, size.height, plate=plate, named=named)
    return Seen(source, rect, card, tile=rect.height < size.height / 2)


def _caption(plate: Plate, tile: Rect, size: Size) -> Art:
    return Art("caption", Size(tile.width, tile.height), size.height, plate=Plate(plate.name))
