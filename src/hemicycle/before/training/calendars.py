"""A training session as a calendar file (RFC 5545, RFC 5546) that later ones bring up to date.

The identifier stays and `SEQUENCE` counts up, so a calendar that has the session moves it, or
strikes it out when it is cancelled.
"""

from django.utils.translation import gettext as _

from hemicycle.before.training.models import Session
from hemicycle.hearing.setup.calendar import fold, text, utc
from hemicycle.record import clock


def write(session: Session, *, url: str, host: str) -> str:
    """The session; `url` is the participant's page of it, `host` makes the identifier unique."""
    cancelled = session.cancelled_at is not None
    title = _("%(hearing)s: training session") % {"hearing": session.hearing}
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Hemicycle//Hearing//EN",
        f"METHOD:{'CANCEL' if cancelled else 'PUBLISH'}",
        "BEGIN:VEVENT",
        f"UID:{session.id.hex}@{host}",
        f"SEQUENCE:{session.sequence}",
        f"DTSTAMP:{utc(clock.now())}",
        f"DTSTART:{utc(session.starts_at)}",
        f"DTEND:{utc(session.ends_at)}",
        f"STATUS:{'CANCELLED' if cancelled else 'CONFIRMED'}",
        f"SUMMARY:{text(title)}",
        *([f"DESCRIPTION:{text(session.how)}"] if session.how else []),
        f"URL:{url}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{fold(line)}\r\n" for line in lines)
