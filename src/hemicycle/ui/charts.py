"""Bar charts as SVG in the page: readable without colour, and never without their numbers.

The first series is filled, the second hatched; each bar has its figure behind it. A page shows the
same figures in a table beside the chart.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.translation import get_language_bidi

PICTURE, WIDTH, BAR, GAP, LABEL = 400, 320, 14, 12, 18
"""Units of the picture: its width, the longest bar, a bar's height, the space after a row, a row's
label.
"""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: its part of the whole (0 to 1) and its figure."""

    part: float
    text: str


@dataclass(frozen=True, slots=True)
class ChartRow:
    """A group of bars, one for each series."""

    label: str
    bars: tuple[Bar, ...]


def chart(key: str, title: str, series: Sequence[str], rows: Sequence[ChartRow]) -> str:
    """Return the SVG of a bar chart, with a legend of `series`; the text is escaped.

    `key` is a word that no other chart of the page has.
    """
    is_rtl = get_language_bidi()  # then bars begin at the right
    placed, top = [], 0
    for row in rows:
        bars = [
            _placed(bar, top + LABEL + number * BAR, number, is_rtl=is_rtl)
            for number, bar in enumerate(row.bars)
        ]
        placed.append({"label": row.label, "top": top, "bars": bars})
        top += LABEL + len(row.bars) * BAR + GAP
    context = {
        "key": key,
        "title": title,
        "series": series,
        "rows": placed,
        "width": PICTURE,
        "height": max(top, 1),
        "is_rtl": is_rtl,
    }
    return render_to_string("ui/components/chart.html", context)


def _placed(bar: Bar, top: int, number: int, *, is_rtl: bool) -> dict[str, object]:
    width = max(1, round(WIDTH * bar.part))
    return {
        "top": top,
        "begin": PICTURE - width if is_rtl else 0,
        "end": PICTURE - width if is_rtl else width,
        "width": width,
        "text": bar.text,
        "height": BAR - 2,
        "is_hatched": number > 0,
    }
