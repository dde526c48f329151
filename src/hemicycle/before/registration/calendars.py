"""Calendar files that show a meeting in a participant's own calendar, in their own time zone."""

from hemicycle.before.registration import links
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.before.registration.registration_rules import Facts
from hemicycle.documents.writing.icalendar import CalendarEvent, to_icalendar
from hemicycle.hearing.setup.models import Meeting, Segment
from hemicycle.record import clock


def write(registration: Registration, inscriptions: list[Inscription], facts: Facts) -> str:
    """Return a calendar with each panel asked for or, without one, each meeting of the hearing.

    The calendar is empty while the hearing is postponed without new dates.
    """
    if registration.hearing.is_postponed:
        return to_icalendar(())
    if inscriptions:
        return to_icalendar(
            _event(registration, str(row.id), row.segment.title, row.segment)
            for row in inscriptions
        )
    title = registration.hearing.title
    return to_icalendar(
        _event(registration, str(meeting.id), meeting.title or title, meeting)
        for meeting in facts.meetings
    )


def _event(
    registration: Registration, id: str, title: str, sitting: Segment | Meeting
) -> CalendarEvent:
    hearing = registration.hearing
    return CalendarEvent(
        uid=f"{id}@hemicycle",
        summary=hearing.marked(": ".join(filter(None, (str(hearing), title)))),
        starts_at=sitting.starts_at,
        ends_at=sitting.ends_at,
        stamped_at=clock.now(),
        location=hearing.platform or hearing.venue,
        url=links.personal_url(registration),
    )
