"""A picture of registrations: how many were received on each day, with the deadlines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, date, datetime, time, timedelta

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _

from hemicycle.before.registration.registration_rules import Facts
from hemicycle.ui import times
from hemicycle.ui.charts import AxisMark, DayColumn, Picture, columns, ticks
from hemicycle.ui.languages import labelled, listed

MOST_COLUMNS = 45
SIZES = (1, 7, 28)
"""The days that a column may stand for.

The first size is used that gives no more than `MOST_COLUMNS` columns, or else the last.
"""


@dataclass(frozen=True, slots=True)
class Period:
    """The number of registrations received within `days` days, the first of which is `first`."""

    first: date
    days: int
    number: int


def periods(arrivals: Mapping[date, int], until: date) -> list[Period]:
    """Count arrivals in periods of equal length, from the first arrival to at least `until`."""
    if not arrivals:
        return []
    first, last = min(arrivals), max(*arrivals, until)
    whole = (last - first).days + 1
    size = next((days for days in SIZES if whole <= days * MOST_COLUMNS), SIZES[-1])
    numbers = [0] * -(-whole // size)
    for day, number in arrivals.items():
        numbers[(day - first).days // size] += number
    return [
        Period(first + timedelta(days=at * size), size, number) for at, number in enumerate(numbers)
    ]


def by_day(facts: Facts) -> Picture | None:
    """Return the picture of a hearing's registrations; None if there are none. One query."""
    hearing = facts.hearing
    zone = hearing.zone
    rows = hearing.registrations.order_by().values_list(TruncDate("arrived_at", tzinfo=zone))
    arrivals: dict[date, int] = dict(rows.annotate(Count("pk")))
    closing = {
        str(track.label): facts.closes_at(track.key).astimezone(zone)
        for track in facts.tracks
        if facts.closes_at(track.key).year < MAXYEAR
    }
    until = max((moment.date() for moment in closing.values()), default=date.min)
    found = periods(arrivals, until)
    if not found:
        return None
    start = datetime.combine(found[0].first, time(), zone)
    length = timedelta(days=found[0].days)
    marks = [
        AxisMark((moment - start) / length, said)
        for moment, said in _deadlines(closing)
        if moment > start
    ]
    highest = max(period.number for period in found)
    svg = columns(
        "registrations",
        _("Registrations over time"),
        [DayColumn(_day(period.first), period.number) for period in found],
        [times.number(figure) for figure in ticks(highest)],
        marks,
    )
    return Picture(svg, (_("Day"), _("Registrations")), tuple(_rows(found)))


def _deadlines(closing: Mapping[str, datetime]) -> list[tuple[datetime, str]]:
    """Return each deadline once, with its tracks, or with "Deadline" if all tracks share it."""
    by_moment: dict[datetime, list[str]] = {}
    for label, moment in closing.items():
        by_moment.setdefault(moment, []).append(label)
    return [
        (moment, labelled(_("Deadline") if len(by_moment) == 1 else listed(names), _at(moment)))
        for moment, names in sorted(by_moment.items())
    ]


def _at(moment: datetime) -> str:
    return times.words(moment, "short")


def _day(day: date) -> str:
    return times.words(datetime.combine(day, time()), "brief")


def _rows(found: Sequence[Period]) -> list[tuple[str, str]]:
    return [(_span(period), times.number(period.number)) for period in found if period.number]


def _span(period: Period) -> str:
    last = period.first + timedelta(days=period.days - 1)
    return _day(period.first) if period.days == 1 else f"{_day(period.first)} – {_day(last)}"
