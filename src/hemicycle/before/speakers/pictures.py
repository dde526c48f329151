"""Pictures of the lists: requested and available floor time, and the forecast of each speaker."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from hemicycle.before.registration.demand import Demand
from hemicycle.before.speakers.queries import ListedSpeaker, SpeakerList
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record import clock
from hemicycle.ui import times
from hemicycle.ui.charts import AxisMark, Bar, ChartRow, Picture, RangeRow, bars, parts, ranges
from hemicycle.ui.states import state

STEPS = tuple(timedelta(minutes=minutes) for minutes in (5, 10, 15, 30, 60, 120, 240, 480, 1440))
MOST_STEPS = 5
"""The most steps on the axis of time.

The smallest step that needs no more is used, or else the longest.
"""


def floor_time(demands: Sequence[Demand]) -> Picture | None:
    """Return the picture of the requested and the available time in each panel."""
    if not demands:
        return None
    asked = [demand.inscribed * demand.limit_ms for demand in demands]
    available = [demand.available_ms for demand in demands]
    said = [(_length(one), _length(other)) for one, other in zip(asked, available, strict=True)]
    widths = parts([*asked, *available])
    rows = [
        ChartRow(
            demand.segment.title,
            (Bar(widths[at], said[at][0]), Bar(widths[len(demands) + at], said[at][1])),
        )
        for at, demand in enumerate(demands)
    ]
    head = (_("asked for"), _("available"))
    svg = bars("floor-time", _("Floor time"), head, rows)
    table = tuple(
        (demand.segment.title, *figures) for demand, figures in zip(demands, said, strict=True)
    )
    return Picture(svg, (_("Panel"), *head), table)


def _length(ms: int) -> str:
    return times.in_words(round(ms / 60_000) * 60_000) if ms >= 60_000 else times.in_words(ms)


def forecasts(listing: SpeakerList, lines: Sequence[ListedSpeaker]) -> Picture | None:
    """Return the picture of when these speakers can expect the floor; None without any forecast.

    A range holds 80 of 100 outcomes. The end of the panel is marked.
    """
    found = [
        (line, line.expected)
        for line in lines
        if line.expected is not None and line.state in {"inscribed", "waiting"}
    ]
    if not found:
        return None
    hearing = listing.segment.meeting.hearing
    ends_at = listing.segment.ends_at
    earliest = min(expected.earliest for _line, expected in found)
    latest = max(ends_at, *(expected.latest for _line, expected in found))
    axis = ticks_of_time(earliest.astimezone(hearing.zone), latest.astimezone(hearing.zone))
    rows = [
        RangeRow(
            f"{line.position}. {line.organization}",
            clock.to_ms(expected.earliest),
            clock.to_ms(expected.expected),
            clock.to_ms(expected.latest),
            expected.status,
        )
        for line, expected in found
    ]
    svg = ranges(
        "forecast",
        _("Expected times of speakers"),
        rows,
        [AxisMark(clock.to_ms(moment), _time(moment, hearing)) for moment in axis],
        AxisMark(clock.to_ms(ends_at), _("end of the panel")),
    )
    head = (_("Speaker"), _("Earliest"), _("Expected"), _("Latest"), _("Forecast"))
    table = tuple(
        (
            row.label,
            *(
                _time(moment, hearing)
                for moment in (expected.earliest, expected.expected, expected.latest)
            ),
            str(state(expected.status).label),
        )
        for row, (_line, expected) in zip(rows, found, strict=True)
    )
    return Picture(svg, head, table)


def ticks_of_time(first: datetime, last: datetime) -> list[datetime]:
    """Return times in even steps that cover the range from `first` to `last`."""
    length = last - first
    step = next((step for step in STEPS if length <= step * MOST_STEPS), STEPS[-1])
    midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
    begin = midnight + (first - midnight) // step * step
    steps = max(1, -(-(last - begin) // step))
    return [begin + step * at for at in range(steps + 1)]


def _time(moment: datetime, hearing: Hearing) -> str:
    return times.words(moment.astimezone(hearing.zone), "time")
