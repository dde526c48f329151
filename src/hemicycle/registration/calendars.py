"""Calendar files (RFC 5545), so that a meeting stands in one's own calendar at its own time."""

from datetime import UTC, datetime
from uuid import UUID

from hemicycle.hearings.models import Meeting, Segment
from hemicycle.record import clock
from hemicycle.registration import links
from hemicycle.registration.facts import Facts
from hemicycle.registration.models import FloorRequest, Registration


def write(registration: Registration, requests: list[FloorRequest], facts: Facts) -> str:
    """One event for each panel asked for, or for each meeting of one who follows."""
    hearing = registration.hearing
    items: list[tuple[UUID, str, Segment | Meeting]]
    items = [(each.id, each.segment.title, each.segment) for each in requests]
    if not items:
        items = [(each.id, each.title or hearing.title, each) for each in facts.meetings]
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Hemicycle//Hearing//EN"]
    for ident, title, item in items:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{ident}@hemicycle",
            f"DTSTAMP:{_utc(clock.now())}",
            f"DTSTART:{_utc(item.starts_at)}",
            f"DTEND:{_utc(item.ends_at)}",
            f"SUMMARY:{_escaped(f'{hearing}: {title}')}",
            f"LOCATION:{_escaped(hearing.platform or hearing.venue)}",
            f"URL:{links.personal_url(registration)}",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    for char, spelt in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(char, spelt)
    return text


def _folded(line: str) -> str:
    """At most 75 octets a line, never cut inside a character."""
    out, width = "", 0
    for char in line:
        octets = len(char.encode())
        if width + octets > 75:
            out, width = out + "\r\n ", 1
        out, width = out + char, width + octets
    return out
