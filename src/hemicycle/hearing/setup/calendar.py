"""The hearing as a calendar for subscription: its meetings and its deadlines.

Identifiers do not change, `SEQUENCE` counts the changes in the record, and the file is identical,
octet by octet, until the next change.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain

from django.db.models import Count, Max
from django.utils.translation import gettext as _

from hemicycle.documents.writing.icalendar import (
    CalendarAddress,
    CalendarEvent,
    Subscription,
    to_icalendar,
)
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record import clock
from hemicycle.record.models import Entry

CHANGES = (
    *("hearing.convened", "hearing.changed", "programme.changed", "deadline.changed"),
    *("hearing.postponed", "hearing.rescheduled"),
)
"""Entries that change the content of the calendar."""


def render(hearing: Hearing, *, url: str, host: str, organizer: str = "") -> str:
    """Return the calendar; `url` is the hearing's page, `host` makes the identifiers unique.

    With `organizer`, an e-mail address, the calendar is for sending (`PUBLISH`, RFC 5546).
    """
    version = _Version(hearing, url, host, CalendarAddress(organizer) if organizer else None)
    return to_icalendar(
        chain(version.meetings(), version.deadlines()),
        method="PUBLISH" if organizer else None,
        subscription=Subscription(hearing.marked(str(hearing)), hearing.time_zone, url),
    )


class _Version:
    """The calendar's events at this point of the record, with the number and time of changes."""

    def __init__(
        self, hearing: Hearing, url: str, host: str, organizer: CalendarAddress | None
    ) -> None:
        rows = Entry.objects.filter(hearing=hearing.id, kind__in=CHANGES)
        found = rows.aggregate(times=Count("seq"), last=Max("at"))
        self._sequence = max(0, found["times"] - 1)
        self._changed_at = clock.from_ms(found["last"] or 0)
        self._hearing, self._url, self._host = hearing, url, host
        self._organizer = organizer

    def meetings(self) -> Iterator[CalendarEvent]:
        """Yield the meetings; none while the hearing is postponed without new dates."""
        hearing = self._hearing
        if hearing.is_postponed:
            return
        for meeting in hearing.meetings.all():
            summary = f"{hearing}: {meeting.title}" if meeting.title else str(hearing)
            yield self._event(meeting.id.hex, summary, meeting.starts_at, meeting.ends_at)

    def deadlines(self) -> Iterator[CalendarEvent]:
        for deadline in self._hearing.deadlines.all():
            summary = _("%(hearing)s: registration closes (%(track)s)") % {
                "hearing": self._hearing,
                "track": deadline.label,
            }
            yield self._event(deadline.id.hex, summary, deadline.at, None)
        if closes := self._hearing.statements_close_at:
            summary = _("%(hearing)s: deadline for statements") % {"hearing": self._hearing}
            yield self._event(f"statements-{self._hearing.id.hex}", summary, closes, None)

    def _event(
        self, uid: str, summary: str, starts_at: datetime, ends_at: datetime | None
    ) -> CalendarEvent:
        return CalendarEvent(
            uid=f"{uid}@{self._host}",
            summary=self._hearing.marked(summary),
            starts_at=starts_at,
            ends_at=ends_at,
            stamped_at=self._changed_at,
            modified_at=self._changed_at,
            sequence=self._sequence,
            location=self._hearing.venue if ends_at else "",
            url=self._url,
            organizer=self._organizer,
            is_busy=ends_at is not None,
        )
