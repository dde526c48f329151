"""Charts as SVG in the page: readable without colour, and always with their figures.

`Drawing` places bars, lines, points and words from the side where reading begins. It draws bars by
group (`bars`), columns over days (`columns`) and ranges of time (`ranges`). The first series is
filled and the second hatched, points differ by shape, and the figure of a bar stands at its end.
A page shows the figures as a table too (`Picture`). Colours are tokens of the styles.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil, log10
from unicodedata import east_asian_width

from django.template.loader import render_to_string
from django.utils.translation import get_language_bidi

from hemicycle.ui.languages import apart
from hemicycle.ui.states import state
from hemicycle.ui.words import plain

PICTURE, WIDTH, BAR, GAP, LABEL = 400, 320, 17, 12, 18
"""Sizes in units of the SVG: the width of the picture, the longest bar, the height of a bar, the
space after a row, and the height of a row's label.
"""
EDGE = 40
"""Units for the figures beside a vertical axis, and the width of a figure on a horizontal one."""
TALL = 120
"""The height of the highest column, in units."""
CHARACTER = 6.4
"""The width of an average character, in units; wide characters take twice as much."""
MOST_TICKS = 5
POINTS = ("likely", "at_risk", "unreachable")
"""The points of ranges: filled, half filled, empty."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: its length as a share of the longest possible one (0 to 1), and its figure."""

    part: float
    text: str


@dataclass(frozen=True, slots=True)
class ChartRow:
    """A group of bars, one for each series."""

    label: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class DayColumn:
    """A column over an axis, with its label below and its figure."""

    label: str
    value: int


@dataclass(frozen=True, slots=True)
class AxisMark:
    """A line across the picture with its label; `at` is its place on the horizontal axis."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class RangeRow:
    """A range and the expected value in it, as values of the axis. `point` is one of `POINTS`."""

    label: str
    begin: float
    expected: float
    end: float
    point: str = POINTS[0]


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart and its figures as a table; the cells are formatted text."""

    svg: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


# ── Placing ───────────────────────────────────────────────────────────────────────────────────


@dataclass
class Drawing:
    """Shapes of one picture, placed from the side where reading begins.

    `key` is a word that is unique among the pictures of the page. The text is escaped.
    """

    key: str
    title: str
    is_rtl: bool = field(default_factory=get_language_bidi)
    shapes: list[dict[str, object]] = field(default_factory=list)

    def bar(self, x: float, y: float, width: float, height: float, look: str) -> None:
        """Place a bar: `look` is filled, hatched or outlined."""
        begin = PICTURE - x - width if self.is_rtl else x
        self._place(
            "rect", x=round(begin), y=round(y), look=look, width=round(width), height=height
        )

    def line(self, x: float, y: float, to_x: float, to_y: float, look: str) -> None:
        """Place a line: `look` is grid or mark."""
        ends = {"x": self._at(x), "y": round(y), "to_x": self._at(to_x), "to_y": round(to_y)}
        self._place("line", look=look, **ends)

    def point(self, x: float, y: float, look: str) -> None:
        """Place a point: `look` is one of `POINTS`."""
        self._place("point", x=self._at(x), y=round(y), look=look)

    def text(self, x: float, y: float, said: str, anchor: str = "start") -> None:
        """Place words; `anchor` is start, middle or end, in the direction of reading."""
        self._place("text", x=self._at(x), y=round(y), text=plain(said), anchor=anchor)

    def _at(self, x: float) -> int:
        return round(PICTURE - x if self.is_rtl else x)

    def _place(self, shape: str, **more: object) -> None:
        self.shapes.append({"shape": shape, **more})

    def svg(self, height: float, *legend: tuple[str, str]) -> str:
        """Return the picture as SVG; `legend` holds signs with their meanings."""
        context = {
            "key": self.key,
            "title": self.title,
            "label": plain(self.title),  # no attribute can name a language
            "shapes": self.shapes,
            "legend": legend,
            "width": PICTURE,
            "height": max(round(height), 1),
            "is_rtl": self.is_rtl,
        }
        return render_to_string("ui/components/chart.html", context)


def wide(text: str) -> float:
    """Return the approximate width of a text, in units."""
    return sum(CHARACTER * (2 if east_asian_width(one) in "WF" else 1) for one in text)


def fitted(label: str, units: float = PICTURE) -> str:
    """Return a label that is about `units` wide at most, cut with an ellipsis."""
    if wide(label) <= units:
        return label
    while wide(label) > units - CHARACTER:
        label = label[:-1]
    return f"{label.rstrip()}…"


def ticks(most: int) -> list[int]:
    """Return the figures of an axis, 0 to at least `most`, in steps such as 1, 2, 5, 10 and 20."""
    if most <= 0:
        return [0, 1]
    rough = most / MOST_TICKS
    power = 10 ** max(0, ceil(log10(rough)) - 1) if rough > 1 else 1
    step = next(step * power for step in (1, 2, 5, 10) if step * power >= rough)
    return list(range(0, ceil(most / step) * step + 1, step))


# ── Pictures ──────────────────────────────────────────────────────────────────────────────────


def bars(key: str, title: str, series: Sequence[str], rows: Sequence[ChartRow]) -> str:
    """Return the SVG of a bar chart, with a legend if there is more than one of `series`."""
    drawing, top = Drawing(key, title), 0
    widest = max((wide(bar.text) for row in rows for bar in row.bars), default=0.0)
    longest = min(WIDTH, PICTURE - widest - GAP)
    for row in rows:
        drawing.text(0, top + 12, apart(fitted(row.label)))
        for number, bar in enumerate(row.bars):
            width = max(1, round(longest * bar.part))
            y = top + LABEL + number * BAR
            drawing.bar(0, y, width, BAR - 4, "hatched" if number else "filled")
            drawing.text(width + 6, y + 11, bar.text)
        top += LABEL + len(row.bars) * BAR + GAP
    signs = zip("■▨", series, strict=False) if len(series) > 1 else ()
    return drawing.svg(top, *signs)


def parts(values: Sequence[int]) -> list[float]:
    """Return each value as a share of the greatest one (0 to 1)."""
    most = max(values, default=0)
    return [value / most if most else 0.0 for value in values]


def columns(
    key: str,
    title: str,
    shown: Sequence[DayColumn],
    figures: Sequence[str],
    marks: Sequence[AxisMark],
) -> str:
    """Return the SVG of columns over an axis.

    `figures` are the labels of the `ticks` for the highest value. A mark's `at` counts columns: 1
    is the line after the first.
    """
    drawing = Drawing(key, title)
    scale = ticks(max((column.value for column in shown), default=0))
    head = LABEL * len(marks) + GAP
    foot = head + TALL
    room = PICTURE - EDGE
    for value, said in zip(scale, figures, strict=True):
        y = foot - TALL * value / scale[-1]
        drawing.line(EDGE, y, PICTURE, y, "grid")
        drawing.text(EDGE - 6, y + 4, said, "end")
    step = room / max(1, len(shown))
    every = max(1, ceil(len(shown) / 4))
    for at, column in enumerate(shown):
        x = EDGE + at * step
        height = TALL * column.value / scale[-1]
        if column.value:
            drawing.bar(x + step * 0.1, foot - height, max(1, step * 0.8), round(height), "filled")
        if at % every == 0:
            drawing.text(x, foot + LABEL - 2, column.label)
    for at, mark in enumerate(marks):
        x = EDGE + min(max(mark.at, 0), len(shown)) * step
        y = LABEL * at + 12
        is_late = x > PICTURE * 0.55
        drawing.line(x, y + 4, x, foot, "mark")
        drawing.text(x, y, fitted(mark.label), "end" if is_late else "start")
    return drawing.svg(foot + LABEL + 4)


def ranges(
    key: str,
    title: str,
    rows: Sequence[RangeRow],
    axis: Sequence[AxisMark],
    mark: AxisMark | None = None,
) -> str:
    """Return the SVG of ranges, cut at the first and the last value of `axis`."""
    first, last = axis[0].at, axis[-1].at
    foot = LABEL + GAP + len(rows) * (LABEL + BAR)
    drawing = Drawing(key, title)

    def x_of(value: float) -> float:
        inside = min(max(value, first), last)
        return EDGE / 2 + (PICTURE - EDGE) * (inside - first) / max(1, last - first)

    for tick in axis:
        drawing.line(x_of(tick.at), LABEL, x_of(tick.at), foot, "grid")
        drawing.text(x_of(tick.at), 12, tick.label, "middle")
    for number, row in enumerate(rows):
        top = LABEL + GAP / 2 + number * (LABEL + BAR)
        begin, end = x_of(row.begin), x_of(row.end)
        drawing.text(0, top + 12, apart(fitted(row.label)))
        drawing.bar(begin, top + LABEL - 1, max(2, end - begin), BAR - 4, "outlined")
        drawing.point(x_of(row.expected), top + LABEL + 4, row.point)
    if mark is not None and first <= mark.at <= last:
        drawing.line(x_of(mark.at), LABEL, x_of(mark.at), foot, "mark")
        is_late = x_of(mark.at) > PICTURE / 2
        drawing.text(x_of(mark.at), foot + 14, mark.label, "end" if is_late else "start")
    meanings = (str(state(point).label) for point in POINTS)
    return drawing.svg(foot + LABEL, *zip("●◐○", meanings, strict=True))
