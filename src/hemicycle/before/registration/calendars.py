"""Calendar files (RFC 5545), so that a meeting stands in one's own calendar at its own time."""

from uuid import UUID

from hemicycle.before.registration import links
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.before.registration.registration_rules import Facts
from hemicycle.hearing.setup.calendar import fold, text, utc
from hemicycle.hearing.setup.models import Meeting, Segment
from hemicycle.record import clock


def write(registration: Registration, inscriptions: list[Inscription], facts: Facts) -> str:
    """One event for each panel asked for, or for each meeting of one who follows."""
    hearing = registration.hearing
    items: list[tuple[UUID, str, Segment | Meeting]]
    items = [(each.id, each.segment.title, each.segment) for each in inscriptions]
    if not items:
        items = [(each.id, each.title or hearing.title, each) for each in facts.meetings]
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Hemicycle//Hearing//EN"]
    for ident, title, item in items:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{ident}@hemicycle",
            f"DTSTAMP:{utc(clock.now())}",
            f"DTSTART:{utc(item.starts_at)}",
            f"DTEND:{utc(item.ends_at)}",
            f"SUMMARY:{text(f'{hearing}: {title}')}",
            f"LOCATION:{text(hearing.platform or hearing.venue)}",
            f"URL:{links.personal_url(registration)}",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{fold(line)}\r\n" for line in lines)
