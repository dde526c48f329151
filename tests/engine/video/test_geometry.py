"""The places of a picture's parts: inside it, at even numbers, in shape and without overlaps."""

from collections.abc import Iterator
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.engine.overlays import BurntClock
from hemicycle.engine.video.geometry import (
    KEPT,
    LARGE,
    MOST_IN_GRID,
    MOST_TILES,
    SMALL,
    LayoutGeometry,
    Rect,
    Size,
    cover,
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
    people = [r for r in (where.main, *where.tiles) if r is not None]
    assert all(apart(a, b) for a, b in combinations(people, 2))
    pictures = [*people, *([where.screen] if where.screen else [])]
    # Beside a shared screen, people and clock leave four fifths of the width free.
    if where.screen is not None:
        assert where.screen == whole(size)
        beside = [*people, *over]
        assert all(apart(a, b) for a, b in combinations(beside, 2))
        assert all(r.x >= size.width * 4 // 5 - 2 for r in beside)
    assert all(apart(a, b) for a, b in combinations(over, 2))
    if whole(size) not in pictures:
        assert all(apart(a, b) for a in over for b in pictures)


@given(LAYOUTS, SIZES)
def test_each_part_has_a_place(layout: Layout, size: Size) -> None:
    where = places(layout, size)
    shown = layout.kind != "card"
    assert (where.main is not None) == (shown and layout.kind != "grid")
    assert (where.screen is not None) == (layout.kind == "screen")
    most = {"panel": MOST_TILES, "grid": MOST_IN_GRID, "screen": 1}.get(layout.kind, 0)
    assert len(where.tiles) == min(len(layout.others), most)
    # In a grid and beside a screen, each tile has its own name.
    named = shown and layout.kind not in {"grid", "screen"}
    assert (where.plate is not None) == (named and layout.burnt is not None)
    assert (where.clock is not None) == (shown and layout.clock is not None)


@given(st.floats(0.2, 5), RECTS)
def test_a_picture_keeps_its_shape_and_is_as_large_as_can_be(aspect: float, into: Rect) -> None:
    rect = fit(aspect, into)
    assert inside(rect, into)
    assert {n % 2 for n in (rect.x, rect.y, rect.width, rect.height)} == {0}
    # The picture fills one side; the other side follows the aspect within two pixels.
    assert rect.width == into.width or rect.height == into.height
    assert abs(rect.width - rect.height * aspect) <= 2 * max(1, aspect)
    # The picture is centred.
    assert abs((rect.x - into.x) - (into.right - rect.right)) <= 2
    assert abs((rect.y - into.y) - (into.bottom - rect.bottom)) <= 2


def test_a_grid_fills_the_picture_with_equal_tiles() -> None:
    sizes = {count: {(r.width, r.height) for r in grid(whole(LARGE), count, 8)} for count in (1, 4)}
    assert sizes == {1: {(1252, 704)}, 4: {(618, 348)}}
    rows = [rect.y for rect in grid(whole(LARGE), 5, 8)]
    assert len(set(rows)) == 2


@given(st.floats(0.3, 4), RECTS, st.sampled_from([KEPT, 1.0]))
def test_a_cropped_picture_keeps_its_shape_and_enough_of_it(
    aspect: float, into: Rect, kept: float
) -> None:
    crop = cover(aspect, into, kept)
    assert inside(crop.rect, into)
    shown = Rect(crop.left, crop.top, crop.rect.width, crop.rect.height)
    assert inside(shown, whole(crop.scaled))
    numbers = (*crop.scaled, *(getattr(shown, side) for side in ("x", "y", "width", "height")))
    assert {n % 2 for n in numbers} == {0}
    assert abs(crop.scaled.width - crop.scaled.height * aspect) <= 2 * max(1, aspect)
    # The picture fills one side of its place, and both if half of the picture is enough for that.
    assert crop.rect.width == into.width or crop.rect.height == into.height
    least = 2 + 2 * max(1, aspect)
    assert shown.width >= crop.scaled.width * kept - least
    assert shown.height >= crop.scaled.height * kept - least
    assert shown.width == crop.scaled.width or shown.height == crop.scaled.height


def test_a_phone_held_upright_shows_the_face_and_fills_more_than_its_own_width() -> None:
    crop = cover(360 / 640, whole(SMALL))
    assert crop.rect.width > 400
    assert crop.rect.height == 360
    # A face is usually at two fifths of the height; that point is in the middle of what is shown.
    assert crop.top + crop.rect.height / 2 == pytest.approx(crop.scaled.height * 0.4, rel=0.05)


def test_a_camera_of_the_usual_shapes_fills_the_picture() -> None:
    for aspect in (16 / 9, 16 / 10, 4 / 3):
        assert cover(aspect, whole(LARGE)).rect == whole(LARGE)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_two_people_fill_the_picture_in_halves(size: Size) -> None:
    where = places(Layout("panel", main="a", others=("b",), plate=Plate("Ann Lee")), size)
    assert where.main is not None
    (other,) = where.tiles
    assert (where.main.x, other.right) == (0, size.width)
    assert where.main.width == other.width >= size.width * 0.49
    assert where.main.height == other.height == size.height * 4 // 5
    for rect in (where.main, other):
        assert cover(16 / 9, rect).rect == rect
