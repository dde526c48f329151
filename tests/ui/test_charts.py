"""Charts begin at the side where reading begins, show their figures, and fit into their space."""

import re
from itertools import pairwise

import pytest
from django.utils import translation

from hemicycle.ui.charts import (
    PICTURE,
    WIDTH,
    AxisMark,
    Bar,
    ChartRow,
    DayColumn,
    RangeRow,
    bars,
    columns,
    fitted,
    parts,
    ranges,
    ticks,
)

ROWS = [ChartRow("<Ferries>", (Bar(0.5, "50%"), Bar(0, "0%")))]


@pytest.mark.parametrize(
    ("language", "rects", "texts"),
    [
        ("en", [("0", "160"), ("0", "1")], ["0", "166", "7"]),
        ("ar", [("240", "160"), ("399", "1")], ["400", "234", "393"]),
    ],
)
def test_bars_begin_where_reading_begins(
    language: str, rects: list[tuple[str, str]], texts: list[str]
) -> None:
    with translation.override(language):
        svg = " ".join(bars("one", "Shares", ("places", "time"), ROWS).split())
    assert WIDTH == 320
    assert re.findall(r'<rect x="(\d+)".*?width="(\d+)"', svg) == rects
    assert re.findall(r'<text x="(\d+)"', svg) == texts
    assert f'direction="{"rtl" if language == "ar" else "ltr"}"' in svg
    assert "&lt;Ferries&gt;" in svg
    assert "50%" in svg
    assert "■ places" in svg
    assert "▨ time" in svg
    assert ("chart__filled" in svg, "chart__hatched" in svg) == (True, True)


def test_the_longest_bar_leaves_room_for_its_figure() -> None:
    long = [ChartRow("Panel", (Bar(1.0, "1 hour 20 minutes"),))]
    svg = " ".join(bars("one", "Time", ("asked",), long).split())
    assert re.findall(r'<rect x="0".*?width="(\d+)"', svg) == ["279"]  # of 400, for 17 characters


def test_a_label_in_another_direction_stands_apart() -> None:
    with translation.override("ar"):
        assert "\u2068&lt;Ferries&gt;\u2069" in bars("one", "Shares", ("places",), ROWS)


def test_one_series_needs_no_legend() -> None:
    assert "figcaption" not in bars("one", "Mail", ("messages",), ROWS)


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (4, [0, 1, 2, 3, 4]),
        (6, [0, 2, 4, 6]),
        (23, [0, 5, 10, 15, 20, 25]),
        (100, [0, 20, 40, 60, 80, 100]),
        (101, [0, 50, 100, 150]),
        (4_990, [0, 1_000, 2_000, 3_000, 4_000, 5_000]),
    ],
)
def test_an_axis_has_round_figures(most: int, expected: list[int]) -> None:
    assert ticks(most) == expected


def test_an_axis_always_holds_its_figure_in_few_steps() -> None:
    for most in range(1, 3_000):
        found = ticks(most)
        assert most <= found[-1], most
        assert len(found) <= 7, most
        assert {after - before for before, after in pairwise(found)} == {found[1]}


def test_columns_stand_on_their_axis_and_marks_between_them() -> None:
    shown = [DayColumn("1 May", 4), DayColumn("2 May", 0), DayColumn("3 May", 2)]
    svg = columns("days", "Days", shown, ["0", "1", "2", "3", "4"], [AxisMark(1.0, "Deadline")])
    rects = re.findall(
        r'<rect x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)"', " ".join(svg.split())
    )
    assert rects == [("52", "30", "96", "120"), ("292", "90", "96", "60")]  # none for the empty one
    mark = re.findall(
        r'<line x1="(\d+)" y1="\d+" x2="(\d+)" y2="(\d+)" class="chart__mark"',
        " ".join(svg.split()),
    )
    assert mark == [("160", "160", "150")]
    with translation.override("ar"):
        mirrored = columns("days", "Days", shown, ["0", "1", "2", "3", "4"], [])
    found = re.findall(r'<rect x="(\d+)".*?width="(\d+)"', " ".join(mirrored.split()))
    assert found == [(str(PICTURE - 52 - 96), "96"), (str(PICTURE - 292 - 96), "96")]


def test_ranges_are_cut_at_the_axis_and_points_differ_by_shape() -> None:
    axis = [AxisMark(0, "10:00"), AxisMark(100, "11:00")]
    rows = [
        RangeRow("1. A", -50, 20, 60, "likely"),
        RangeRow("2. B", 40, 50, 160, "at_risk"),
        RangeRow("3. C", 90, 95, 100, "unreachable"),
    ]
    svg = " ".join(ranges("r", "Ranges", rows, axis, AxisMark(80, "end")).split())
    rects = re.findall(r'<rect x="(\d+)" y="\d+" width="(\d+)"', svg)
    assert rects == [("20", "216"), ("164", "216"), ("344", "36")]
    points = re.findall(r'translate\((\d+) \d+\)" class="chart__point">(.*?)</g>', svg)
    assert [at for at, _shape in points] == ["92", "200", "362"]
    looks = [
        ("<circle" in shape, shape.count("chart__filled"), "<path" in shape)
        for _at, shape in points
    ]
    assert looks == [(True, 1, False), (True, 1, True), (True, 0, False)]
    assert re.findall(r'x1="(\d+)" y1="\d+" x2="\d+" y2="\d+" class="chart__mark"', svg) == ["308"]
    for sign in "●◐○":
        assert sign in svg


def test_a_label_is_cut_to_its_room() -> None:
    assert fitted("short") == "short"
    assert len(fitted("x" * 200)) * 6.4 <= PICTURE
    assert fitted("x" * 200).endswith("…")
    assert len(fitted("会" * 100)) < len(fitted("x" * 100))


def test_parts_are_of_the_greatest() -> None:
    assert parts([2, 4, 0]) == [0.5, 1.0, 0.0]
    assert parts([0, 0]) == [0.0, 0.0]
    assert parts([]) == []
