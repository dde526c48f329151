"""Where things stand: inside the picture, on even numbers, in shape, not on each other."""

from collections.abc import Iterator
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from hemicycle.engine.overlays import BurntClock
from hemicycle.engine.video.geometry import (
    LARGE,
    MOST_IN_GRID,
    MOST_TILES,
    SMALL,
    LayoutGeometry,
    Rect,
    Size,
    fit,
    grid,
    places,
    whole,
)
from hemicycle.engine.video.layouts import Layout, Plate
from hemicycle.procedure.clock import HolderClock

SIZES = st.sampled_from([SMALL, LARGE, Size(854, 480), Size(426, 240), Size(1920, 1080)])
LAYOUTS = st.builds(
    Layout,
    kind=st.sampled_from(["card", "speaker", "panel", "grid", "screen", "video"]),
    main=st.just("a"),
    others=st.lists(st.text(max_size=2), max_size=9).map(tuple),
    screen=st.just("s"),
    plate=st.sampled_from([None, Plate("Ann Lee"), Plate(" ")]),
    clock=st.sampled_from([None, BurntClock(HolderClock(180_000))]),
)
RECTS = st.builds(
    lambda x, y, w, h: Rect(2 * x, 2 * y, 2 * w, 2 * h),
    *(st.integers(0, 500),) * 2,
    *(st.integers(8, 900),) * 2,
)


def all_of(where: LayoutGeometry) -> Iterator[Rect]:
    yield from where.tiles
    yield from (r for r in (where.main, where.screen, where.plate, where.clock) if r is not None)


def inside(inner: Rect, outer: Rect) -> bool:
    return (
        outer.x <= inner.x < inner.right <= outer.right
        and outer.y <= inner.y < inner.bottom <= outer.bottom
    )


def apart(a: Rect, b: Rect) -> bool:
    return a.right <= b.x or b.right <= a.x or a.bottom <= b.y or b.bottom <= a.y


@given(LAYOUTS, SIZES)
def test_all_lies_inside_the_picture_on_even_numbers(layout: Layout, size: Size) -> None:
    for rect in all_of(places(layout, size)):
        assert inside(rect, whole(size))
        assert {n % 2 for n in (rect.x, rect.y, rect.width, rect.height)} == {0}


@given(LAYOUTS, SIZES)
def test_only_a_full_picture_has_something_over_it(layout: Layout, size: Size) -> None:
    where = places(layout, size)
    over = [r for r in (where.plate, where.clock) if r is not None]
    pictures = [r for r in (where.main, where.screen, *where.tiles) if r is not None]
    assert all(apart(a, b) for a, b in combinations(pictures, 2))
    assert all(apart(a, b) for a, b in combinations(over, 2))
    if where.main != whole(size):
        assert all(apart(a, b) for a in over for b in pictures)


@given(LAYOUTS, SIZES)
def test_each_part_has_a_place(layout: Layout, size: Size) -> None:
    where = places(layout, size)
    shown = layout.kind != "card"
    assert (where.main is not None) == (shown and layout.kind != "grid")
    assert (where.screen is not None) == (layout.kind == "screen")
    most = {"panel": MOST_TILES, "grid": MOST_IN_GRID}.get(layout.kind, 0)
    assert len(where.tiles) == min(len(layout.others), most)
    named = shown and layout.kind != "grid"  # in a grid, each tile has its name
    assert (where.plate is not None) == (named and layout.burnt is not None)
    assert (where.clock is not None) == (shown and layout.clock is not None)


@given(st.floats(0.2, 5), RECTS)
def test_a_picture_keeps_its_shape_and_is_as_large_as_can_be(aspect: float, into: Rect) -> None:
    rect = fit(aspect, into)
    assert inside(rect, into)
    assert {n % 2 for n in (rect.x, rect.y, rect.width, rect.height)} == {0}
    # One side fills; the other is within two pixels of what the aspect makes it.
    assert rect.width == into.width or rect.height == into.height
    assert abs(rect.width - rect.height * aspect) <= 2 * max(1, aspect)
    # And it stands in the middle.
    assert abs((rect.x - into.x) - (into.right - rect.right)) <= 2
    assert abs((rect.y - into.y) - (into.bottom - rect.bottom)) <= 2


def test_a_grid_fills_the_picture_with_equal_tiles() -> None:
    sizes = {count: {(r.width, r.height) for r in grid(whole(LARGE), count, 8)} for count in (1, 4)}
    assert sizes == {1: {(1252, 704)}, 4: {(618, 348)}}
    rows = [rect.y for rect in grid(whole(LARGE), 5, 8)]
    assert len(set(rows)) == 2


def test_a_phone_held_upright_stands_between_bars() -> None:
    assert fit(360 / 640, whole(SMALL)) == Rect(218, 0, 202, 360)


def test_a_screen_is_large_and_its_speaker_small() -> None:
    where = places(Layout("screen", main="a", screen="s", plate=Plate("Ann Lee")), LARGE)
    assert where.screen == Rect(0, 0, 1024, 576)
    assert where.main is not None
    assert where.main.x >= 1024
