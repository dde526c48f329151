"""Each layout as a player shows it: the right source in each place, and the words in theirs."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from hemicycle.engine.overlays import BurntClock
from hemicycle.engine.video.artwork import ArtworkCache
from hemicycle.engine.video.composer import DISSOLVE, Composer
from hemicycle.engine.video.encoder import H264Encoder
from hemicycle.engine.video.geometry import (
    LARGE,
    SMALL,
    Rect,
    Size,
    cover,
    fit,
    mark_place,
    places,
    whole,
)
from hemicycle.engine.video.layouts import HoldingCard, Layout, LayoutKind, Plate
from hemicycle.procedure.clock import HolderClock
from tests.engine.video.scenes import (
    BLUE,
    GREEN,
    GROUND,
    RED,
    WHITE,
    YELLOW,
    Image,
    Rgb,
    colour,
    composed,
    images,
    near,
    plain,
    until,
    written,
)

NOW = 1_770_000_000_000
ANN = Plate("Ann Lee", "Institute for Human Rights")
CLOCK = BurntClock(HolderClock(180_000, 0, NOW - 46_000))
SOURCES = {
    "red": plain(RED),
    "green": plain(GREEN, 1280, 720),
    "blue": plain(BLUE, 320, 180),
    "tall": plain(YELLOW, 360, 640),
    "page": plain(WHITE, 1024, 768),
}


@pytest.fixture(scope="module")
def studio() -> Iterator[ArtworkCache]:
    made = ArtworkCache()
    yield made
    made.close()


type Compose = Callable[..., Image]


@pytest.fixture(params=[SMALL, LARGE], ids=["small", "large"])
def size(request: pytest.FixtureRequest) -> Size:
    given: Size = request.param
    return given


@pytest.fixture
def seen(studio: ArtworkCache, size: Size) -> Compose:
    """Return a function that composes and encodes a layout and decodes the picture again."""

    def compose(layout: Layout, now: int = NOW) -> Image:
        program = Composer(size, studio)
        until(lambda: program.ready(layout))
        program.show(layout)
        program.compose(SOURCES.get, now)
        packet = H264Encoder(size, 25, 4_000_000).encode(program.frame, 0, key=True)
        (image,) = images([packet])
        return image

    return compose


@pytest.mark.parametrize("kind", ["speaker", "video"])
def test_one_full_picture_with_plate_and_clock(seen: Compose, size: Size, kind: LayoutKind) -> None:
    layout = Layout(kind, main="red", plate=ANN, clock=CLOCK)
    image, bare = seen(layout), seen(replace(layout, plate=None, clock=None))
    where = places(layout, size)
    assert where.plate is not None
    assert where.clock is not None
    for rect in (whole(size), Rect(0, 0, size.width, size.height // 3)):
        assert near(colour(image, rect), RED)
        assert near(colour(bare, rect), RED)
    for rect in (where.plate, where.clock):
        assert written(image, rect) > 150
        assert written(bare, rect) == 0


def test_a_panel_shows_who_presents_large_and_the_others_in_a_strip(
    seen: Compose, size: Size
) -> None:
    layout = Layout("panel", main="green", others=("red", "blue"), plate=ANN, clock=CLOCK)
    image, where = seen(layout), places(layout, size)
    assert where.main is not None
    assert where.plate is not None
    assert [colour_of(image, rect) for rect in (where.main, *where.tiles)] == [
        "green",
        "red",
        "blue",
    ]
    assert written(image, where.plate) > 150
    assert near(colour(image, Rect(where.main.x, where.plate.y, where.main.width, 2)), GROUND)


def test_those_in_the_strip_are_named(seen: Compose, size: Size) -> None:
    layout = Layout("panel", main="green", others=("red",), names=(("red", Plate("Bo Diaz")),))
    tile = places(layout, size).tiles[0]
    foot = Rect(tile.x, tile.y + tile.height * 3 // 4, tile.width, tile.height // 4)
    assert written(seen(layout), foot) > 20
    assert written(seen(replace(layout, names=())), foot) == 0


def test_a_shared_screen_fills_the_picture_with_the_speaker_and_the_moderator_over_it(
    seen: Compose, size: Size
) -> None:
    layout = Layout("screen", main="blue", others=("red",), screen="page", plate=ANN)
    image, where = seen(layout), places(layout, size)
    assert where.main is not None
    assert where.screen is not None
    page = fit(1024 / 768, where.screen)
    assert page.height == size.height
    assert near(colour(image, page), WHITE)
    assert [colour_of(image, rect) for rect in (where.main, *where.tiles)] == ["blue", "red"]
    assert written(image, where.main) > 20  # the name
    # A page of 4:3 keeps its shape, and the rest of its place has a plain colour.
    assert near(colour(image, Rect(where.screen.x, 0, page.x - where.screen.x, 60)), (21, 28, 35))


def test_a_phone_held_upright_has_no_black_bars_and_keeps_its_shape(
    seen: Compose, size: Size
) -> None:
    image = seen(Layout("speaker", main="tall"))
    lit = np.flatnonzero(image[size.height // 2, :, 0] > 170)
    crop = cover(360 / 640, whole(size))
    assert abs(len(lit) - crop.rect.width) <= 4
    assert abs(int(lit[0] + lit[-1]) - size.width) <= 4
    # The space beside it has its own colours, darkened.
    bar = Rect(0, 0, crop.rect.x, size.height)
    red, green, blue = colour(image, bar)
    assert not near((red, green, blue), GROUND)
    assert max(red, green, blue) < 140


def test_a_recording_is_never_cropped(seen: Compose, size: Size) -> None:
    image = seen(Layout("video", main="tall"))
    lit = np.flatnonzero(image[size.height // 2, :, 0] > 120)
    assert abs(len(lit) - size.height * 360 / 640) <= 4


def test_a_holding_card_stands_between_items(seen: Compose, size: Size) -> None:
    card = HoldingCard("A hearing on a question", ("Panel one", "Next: Ann Lee"))
    image = seen(Layout("card", card=card))
    empty = seen(Layout("card"))
    assert written(image, whole(size)) > written(empty, whole(size)) + 500
    assert max(colour(image, whole(size))) < 60


@pytest.mark.parametrize("burnt", [True, False])
def test_a_missing_picture_is_a_card_with_a_name(seen: Compose, size: Size, burnt: bool) -> None:
    layout = Layout("speaker", main="gone", plate=ANN if burnt else None, names=(("gone", ANN),))
    nobody = Layout("speaker", main="gone")
    image = seen(layout)
    assert colour_of(image, whole(size)) is None
    assert written(image, whole(size)) > written(seen(nobody), whole(size)) + 200
    assert (image[size.height // 2 - size.height // 8 : size.height // 2, :, 2] > 180).any()


def test_the_clock_is_exact_to_the_millisecond(studio: ArtworkCache) -> None:
    layout = Layout("speaker", main="red", clock=BurntClock(HolderClock(180_000, 0, NOW)))
    place = places(layout, SMALL).clock
    assert place is not None

    def at(after_ms: int) -> bytes:
        image = composed(studio, SMALL, layout, SOURCES.get, NOW + after_ms)
        return image[place.y : place.bottom, place.x : place.right].tobytes()

    assert at(0) != at(1_000) == at(1_999) != at(2_000)
    assert at(149_999) != at(150_000)
    assert at(180_000) == at(180_999) != at(181_000)


def test_a_clock_that_would_be_late_is_left_out(studio: ArtworkCache) -> None:
    layout = Layout("speaker", main="red", clock=BurntClock(HolderClock(180_000, 0, NOW)))
    without = composed(studio, SMALL, layout, SOURCES.get, None)
    bare = composed(studio, SMALL, Layout("speaker", main="red"), SOURCES.get, NOW)
    np.testing.assert_array_equal(without, bare)
    assert (composed(studio, SMALL, layout, SOURCES.get, NOW) != bare).any()


def test_another_scene_dissolves_in_and_other_words_do_not(studio: ArtworkCache) -> None:
    program = Composer(SMALL, studio)
    red, green = Layout("speaker", main="red"), Layout("speaker", main="green")
    worded = replace(red, plate=ANN)
    until(lambda: all(program.ready(layout) for layout in (red, green, worded)))
    shades: list[Rgb] = []
    for layout in (red, worded, *(green,) * (DISSOLVE + 2)):
        program.show(layout)
        program.compose(SOURCES.get, NOW)
        image = program.frame.to_ndarray(format="rgb24").astype(np.uint8)
        shades.append(colour(image, Rect(0, 0, 640, 120)))
    assert near(shades[0], RED)
    assert near(shades[1], RED)
    reds = [shade[0] for shade in shades[1:]]
    assert reds == sorted(reds, reverse=True)
    assert len(set(reds)) == DISSOLVE + 2
    assert near(shades[-1], GREEN)


def test_a_source_that_changes_its_size_is_still_shown_whole(studio: ArtworkCache) -> None:
    program = Composer(SMALL, studio)
    layout = Layout("speaker", main="a")
    until(lambda: program.ready(layout))
    program.show(layout)
    for shade, *of in ((RED, 640, 360), (GREEN, 320, 180), (BLUE, 1920, 1080), (YELLOW, 16, 16)):
        program.compose({"a": plain(shade, *of)}.get, NOW)
        image = program.frame.to_ndarray(format="rgb24").astype(np.uint8)
        assert near(colour(image, whole(SMALL)), shade)


def colour_of(image: Image, rect: Rect) -> str | None:
    """Return which source is seen in a rectangle."""
    named = {"red": RED, "green": GREEN, "blue": BLUE}
    return next((name for name, is_ in named.items() if near(colour(image, rect), is_)), None)


@pytest.mark.parametrize("word", ["REHEARSAL", "جلسة تجريبية"])
@pytest.mark.parametrize(
    "layout",
    [
        Layout("speaker", main="red", plate=ANN, clock=CLOCK),
        Layout("video", main="red", plate=ANN, clock=CLOCK),
        Layout("panel", main="red", others=("green", "blue"), plate=ANN, clock=CLOCK),
        Layout("screen", main="red", screen="page", plate=ANN, clock=CLOCK),
        Layout("card", card=HoldingCard("A hearing", ("The meeting is suspended.",))),
        Layout("speaker", main="nobody"),
    ],
    ids=lambda layout: f"{layout.kind}-{layout.main}",
)
def test_the_mark_stands_in_every_kind_of_picture(
    seen: Compose, size: Size, layout: Layout, word: str
) -> None:
    marked, plain = seen(replace(layout, mark=word)), seen(layout)
    place = mark_place(size)
    assert near(colour(marked, _inner(place)), AMBER, within=30)
    assert not near(colour(plain, _inner(place)), AMBER, within=30)
    below = slice(place.bottom + 4, None)
    assert np.median(np.abs(marked[below].astype(int) - plain[below].astype(int))) < 2


AMBER = (255, 193, 77)


def _inner(place: Rect) -> Rect:
    """Return a rectangle in the middle of the mark's upper edge, above its word."""
    return Rect(place.x + place.width // 2 - 16, 0, 32, max(4, place.height // 5))
