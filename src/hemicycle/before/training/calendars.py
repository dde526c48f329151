"""A training session as a calendar file that later versions update.

The identifier stays and `SEQUENCE` counts up, so a calendar that contains the session moves it or
marks it as cancelled.
"""

from django.utils.translation import gettext as _

from hemicycle.before.training.models import Session
from hemicycle.documents.writing.icalendar import CalendarEvent, to_icalendar
from hemicycle.record import clock


def write(session: Session, *, url: str, host: str) -> str:
    """Return the session as a calendar file.

    `url` is the participant's page of the session; `host` makes the identifier unique.
    """
    cancelled = session.cancelled_at is not None
    title = _("%(hearing)s: training session") % {"hearing": session.hearing}
    event = CalendarEvent(
        uid=f"{session.id.hex}@{host}",
        summary=session.hearing.marked(title),
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        stamped_at=clock.now(),
        sequence=session.sequence,
        status="CANCELLED" if cancelled else "CONFIRMED",
        description=session.how,
        url=url,
    )
    return to_icalendar([event], method="CANCEL" if cancelled else "PUBLISH")
