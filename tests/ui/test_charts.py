"""Charts: bars as long as their part, from the side where reading begins, with their figures."""

import re

import pytest
from django.utils import translation

from hemicycle.ui.charts import WIDTH, Bar, ChartRow, chart

ROWS = [ChartRow("<Ferries>", (Bar(0.5, "50%"), Bar(0, "0%")))]


@pytest.mark.parametrize(
    ("language", "rects", "texts"),
    [
        ("en", [("0", "160"), ("0", "1")], ["0", "160", "1"]),
        ("ar", [("240", "160"), ("399", "1")], ["400", "240", "399"]),
    ],
)
def test_bars_begin_where_reading_begins(
    language: str, rects: list[tuple[str, str]], texts: list[str]
) -> None:
    with translation.override(language):
        svg = " ".join(chart("one", "Shares", ("places", "time"), ROWS).split())
    assert WIDTH == 320
    assert re.findall(r'<rect x="(\d+)".*?width="(\d+)"', svg) == rects
    assert re.findall(r'<text x="(\d+)"', svg) == texts
    assert "&lt;Ferries&gt;" in svg
    assert "50%" in svg
