"""The hearing as an iCalendar feed (RFC 5545): its meetings and its deadlines, in UTC.

It can be subscribed to: identifiers stay, `SEQUENCE` counts what the record tells of changes, and
the file is the same, octet by octet, until one is made.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from django.db.models import Count, Max
from django.utils.translation import gettext as _

from hemicycle.hearing.setup.models import Hearing
from hemicycle.record import clock
from hemicycle.record.models import Entry

CHANGES = ("hearing.convened", "hearing.changed", "programme.changed", "deadline.changed")
"""Entries that tell of a change of what the calendar says."""

LONGEST = 75
"""Octets of a line; a longer one is folded."""


def render(hearing: Hearing, *, url: str, host: str, organizer: str = "") -> str:
    """The calendar; `url` is the hearing's page, `host` makes the identifiers unique.

    With an `organizer`, an address, it is one that is sent to calendars (`PUBLISH`, RFC 5546).
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Hemicycle//Hearing//EN"]
    lines += [f"NAME:{text(str(hearing))}", f"X-WR-CALNAME:{text(str(hearing))}"]
    lines += [f"X-WR-TIMEZONE:{hearing.time_zone}", f"URL:{url}"]
    lines += ["REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H"]
    state = _state(hearing)
    if organizer:
        lines.append("METHOD:PUBLISH")
        state.append(f"ORGANIZER:mailto:{organizer}")
    for uid, summary, starts, ends in _events(hearing):
        lines += _event(hearing, f"{uid}@{host}", summary, starts, ends, url, state)
    return "".join(f"{fold(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _state(hearing: Hearing) -> list[str]:
    """How often what is told here has changed, and when last, out of the record."""
    rows = Entry.objects.filter(hearing=hearing.id, kind__in=CHANGES)
    found = rows.aggregate(times=Count("seq"), last=Max("at"))
    last = utc(clock.from_ms(found["last"] or 0))
    sequence = max(0, found["times"] - 1)
    return [f"DTSTAMP:{last}", f"LAST-MODIFIED:{last}", f"SEQUENCE:{sequence}"]


def _events(hearing: Hearing) -> Iterator[tuple[str, str, datetime, datetime | None]]:
    for meeting in hearing.meetings.all():
        summary = f"{hearing}: {meeting.title}" if meeting.title else str(hearing)
        yield meeting.id.hex, summary, meeting.starts_at, meeting.ends_at
    for deadline in hearing.deadlines.all():
        summary = _("%(hearing)s: registration closes (%(track)s)") % {
            "hearing": hearing,
            "track": deadline.get_track_display(),
        }
        yield deadline.id.hex, summary, deadline.at, None


def _event(  # noqa: PLR0917 - the fields of one event
    hearing: Hearing,
    uid: str,
    summary: str,
    starts: datetime,
    ends: datetime | None,
    url: str,
    state: list[str],
) -> list[str]:
    lines = [
        "BEGIN:VEVENT",
        f"UID:{uid}",
        *state,
        f"DTSTART:{utc(starts)}",
    ]
    if ends:
        lines.append(f"DTEND:{utc(ends)}")
    lines.append(f"SUMMARY:{text(summary)}")
    if ends and hearing.venue:
        lines.append(f"LOCATION:{text(hearing.venue)}")
    return [*lines, f"URL:{url}", "TRANSP:OPAQUE" if ends else "TRANSP:TRANSPARENT", "END:VEVENT"]


def utc(moment: datetime) -> str:
    """A moment as a calendar file spells it."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def text(words: str) -> str:
    """Words as a calendar file spells them."""
    for char in "\\;,":
        words = words.replace(char, f"\\{char}")
    return words.replace("\r\n", "\n").replace("\n", "\\n")


def fold(line: str) -> str:
    """Break a line at 75 octets, never inside a character; what follows begins with a space."""
    parts, part = [], b""
    for char in line:
        octets = char.encode()
        if len(part) + len(octets) > LONGEST:
            parts.append(part)
            part = b" "
        part += octets
    return b"\r\n".join([*parts, part]).decode()
