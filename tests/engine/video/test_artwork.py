"""Names and cards are drawn in every script of a hearing, whatever the names contain."""

from collections.abc import Iterator
from functools import partial

import numpy as np
import pytest

from hemicycle.engine.video import artwork
from hemicycle.engine.video.artwork import Art, ArtworkCache, draw, initials, is_right_to_left
from hemicycle.engine.video.canvas import Canvas
from hemicycle.engine.video.geometry import SMALL, Rect, Size, whole
from hemicycle.engine.video.layouts import HoldingCard, Plate
from hemicycle.engine.video.sprites import Sprite
from tests.engine.video.scenes import Image, until, written

AREA = Size(360, 120)
BRAND = (124, 196, 224)


@pytest.fixture
def studio() -> Iterator[ArtworkCache]:
    made = ArtworkCache()
    yield made
    made.close()


def seen(drawing: Sprite) -> Image:
    """Return a picture of the drawing over the usual background."""
    canvas = Canvas(SMALL)
    canvas.fill(whole(SMALL))
    canvas.draw(drawing)
    return canvas.frame.to_ndarray(format="rgb24").astype(np.uint8)


def plate(name: str, line: str = "") -> Sprite:
    return draw(Art("plate", AREA, 360, plate=Plate(name, line)))


def bar(drawing: Sprite) -> str:
    """Return on which side a plate has its bar: "left", "right" or "both"."""
    image = seen(drawing).astype(int)
    row = image[drawing.at.y + drawing.at.height // 2]
    columns = np.flatnonzero(np.abs(row - BRAND).max(axis=1) < 40)
    middle = drawing.at.x + drawing.at.width / 2
    return "left" if columns.max() < middle else "right" if columns.min() > middle else "both"


@pytest.mark.parametrize(
    ("name", "side"),
    [
        ("Anna Ivanova", "left"),
        ("Мария Кузнецова", "left"),
        ("王小明", "left"),
        ("محمد علي الحسيني", "right"),
        ("«محمد» (Mohamed)", "right"),
    ],
)
def test_a_plate_begins_where_its_name_begins(name: str, side: str) -> None:
    drawing = plate(name)
    assert bar(drawing) == side
    assert written(seen(drawing), drawing.at) > 100


def test_a_plate_is_as_wide_as_its_words_and_keeps_within_its_area() -> None:
    short, long = plate("Bo Li"), plate("Her Excellency " * 12, "Permanent Representative " * 12)
    assert short.at.width < long.at.width
    for drawing in (short, long):
        assert drawing.at.right <= AREA.width
        assert drawing.at.bottom == AREA.height


@pytest.mark.parametrize(
    "name",
    [
        "#panic()",
        "$x$ *b* _e_ `r` @l <l>",
        "\\u{41} // gone",
        "a\x00b\x1b[0m\n\tc",
        "\u202e\u2066x",
        "😀🏽",
        "🇺",
    ],
)
def test_no_name_is_markup_or_breaks_the_plate(name: str) -> None:
    drawing = plate(name)
    assert drawing.at.height > 20


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Anna Maria Ivanova", "AI"),
        ("Мария Кузнецова", "МК"),
        ("josé", "J"),
        ("e\u0301mile zola", "ÉZ"),
        ("王小明", "王"),
        ("محمد علي", "م"),
        ("  ", ""),
        ("", ""),
        ("42", ""),
        ("(Ms.) Ann Lee", "AL"),
    ],
)
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters


@pytest.mark.parametrize(
    ("text", "answer"),
    [("Ann", False), ("12 علي", True), ("שלום", True), ("", False), ("12", False)],
)
def test_direction(text: str, answer: bool) -> None:
    assert is_right_to_left(text) is answer


def test_a_card_fills_the_picture_and_bears_its_words() -> None:
    card = HoldingCard("A hearing", ("Panel one", "Next: Ann Lee"))
    drawing = draw(Art("card", SMALL, 360, card=card))
    empty = draw(Art("card", SMALL, 360, card=HoldingCard("")))
    assert drawing.at == whole(SMALL)
    assert all(not layer.through.any() for layer in drawing.layers)
    assert written(seen(drawing), whole(SMALL)) > written(seen(empty), whole(SMALL)) + 500


def test_each_figure_has_a_cell_of_its_own() -> None:
    cell = artwork.cell(360)
    drawing = draw(artwork.digits("speaking", 360))
    assert drawing.at == Rect(0, 0, cell.width * len(artwork.GLYPHS), cell.height)
    ink = [written(seen(drawing.cut(i * cell.width, cell.width)), whole(SMALL)) for i in range(12)]
    assert min(ink) > 10
    # An eight has more ink than a one, and no other digit reaches into its cell.
    assert ink[8] > ink[1]


def test_a_clock_tells_its_state_by_more_than_colour() -> None:
    place = Rect(0, 0, 128, 60)
    drawn = [
        seen(draw(artwork.clock(phase, "", place, 360)))[36:60, :128]
        for phase in ("ready", "speaking", "warning", "time", "stopped")
    ]
    shapes = [(image.max(axis=2) > 120).tobytes() for image in drawn]
    assert len(set(shapes)) == 5


def is_drawn(studio: ArtworkCache, art: Art) -> bool:
    return studio.get(art) is not None


def test_a_studio_never_waits_and_draws_once(studio: ArtworkCache) -> None:
    art = Art("plate", AREA, 360, plate=Plate("Ann Lee"))
    assert studio.get(art) is None
    until(lambda: studio.get(art) is not None)
    assert studio.get(art) is studio.get(Art("plate", AREA, 360, plate=Plate("Ann Lee")))


def test_what_cannot_be_drawn_is_left_empty(
    studio: ArtworkCache, caplog: pytest.LogCaptureFixture
) -> None:
    art = Art("plate", Size(0, 0), 360, plate=Plate("Ann Lee"))
    studio.get(art)
    until(lambda: studio.get(art) is not None)
    drawing = studio.get(art)
    assert drawing is not None
    assert drawing.at == Rect(0, 0, 0, 0)
    assert "could not be drawn" in caplog.text
    seen(drawing)


def test_a_studio_keeps_to_its_memory(
    studio: ArtworkCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(artwork, "KEPT_BYTES", 200_000)
    arts = [Art("plate", AREA, 360, plate=Plate(f"Ann Lee {n}", "x" * 30)) for n in range(6)]
    for art in arts:
        studio.get(art)
        until(partial(is_drawn, studio, art))
    assert studio.get(arts[-1]) is not None
    assert studio.get(arts[0]) is None
