"""How long a hearing's personal data is stored. Every page and every eraser uses this module.

The period is the hearing's setting (`retention_days`) and begins at the end of the hearing: the
last meeting's end in the present programme, so that the data of a postponed hearing is kept until
it has taken place. If it is postponed without new dates, the period has no end. If it was ended
earlier, because it was shortened or cancelled, the period begins at that moment.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from django.db.models import Max

from hemicycle.hearing.setup.models import Hearing
from hemicycle.record import clock

LAST_ZONE = ZoneInfo("Etc/GMT+12")
"""The time zone in which a day ends last."""


def keep_until(hearing: Hearing, last_meeting_ends: datetime | None) -> date:
    """Return the last day on which a hearing's personal data is kept, in the hearing's time zone.

    The result is `date.max` for a hearing without dates: it has no meeting yet, or is postponed
    without new dates, and was not ended.
    """
    if hearing.postponed_at is not None:
        last_meeting_ends = None  # the dates in the programme are no longer valid
    ends = [moment for moment in (last_meeting_ends, hearing.ended_at) if moment is not None]
    if not ends:
        return date.max
    local = min(ends).astimezone(hearing.zone).date()
    return local + timedelta(days=min(hearing.retention_days, (date.max - local).days))


def keep_until_of(hearing: Hearing) -> date:
    """Return the same as `keep_until`, with the end of the last meeting from the database."""
    return keep_until(hearing, hearing.meetings.aggregate(last=Max("ends_at"))["last"])


def day_shown(day: date, zone: tzinfo) -> datetime | None:
    """Return the last day as a datetime for pages; None while the hearing has no dates."""
    return None if day == date.max else datetime.combine(day, time(12), zone)


def is_over(day: date) -> bool:
    """Whether a day is over everywhere in the world."""
    return day < clock.now().astimezone(LAST_ZONE).date()


def past_retention() -> Iterator[Hearing]:
    """Yield the hearings whose personal data must no longer be kept."""
    for hearing in Hearing.objects.annotate(last=Max("meetings__ends_at")):
        if is_over(keep_until(hearing, hearing.last)):
            yield hearing
