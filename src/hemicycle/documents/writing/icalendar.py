"""Calendar files (RFC 5545) for meetings, sessions and deadlines, with all times in UTC.

A calendar recognizes an event by its identifier. It replaces its version of the event with that of
another file if the `sequence` is larger (RFC 5546, 2.1.4), and follows the file's `method`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from icalendar import Calendar, Event, vCalAddress, vDuration, vText

PRODUCT = "-//Hemicycle//Hearing//EN"

type Method = Literal["PUBLISH", "REQUEST", "CANCEL"]


@dataclass(frozen=True, slots=True)
class CalendarAddress:
    """A person who organizes or attends an event."""

    email: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """One event. Times may be in any zone; an event without `ends_at` is a moment, like a deadline.

    `stamped_at` is when this version of the event was created, and `modified_at` when it was last
    changed. `is_busy` says whether its time is shown as busy in a calendar; None leaves that open.
    """

    uid: str
    summary: str
    starts_at: datetime
    stamped_at: datetime
    ends_at: datetime | None = None
    modified_at: datetime | None = None
    sequence: int | None = None
    status: Literal["", "CONFIRMED", "CANCELLED"] = ""
    description: str = ""
    location: str = ""
    url: str = ""
    organizer: CalendarAddress | None = None
    attendee: CalendarAddress | None = None
    is_busy: bool | None = None


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a calendar shows for a subscription to a file, and how often it fetches the file."""

    name: str
    time_zone: str
    url: str
    refresh: timedelta = timedelta(hours=1)


def to_icalendar(
    events: Iterable[CalendarEvent],
    *,
    method: Method | None = None,
    subscription: Subscription | None = None,
) -> str:
    """Return the events as one calendar file; the same events give the same octets."""
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODUCT)
    if subscription is not None:
        _describe(calendar, subscription)
    if method is not None:
        calendar.add("method", method)
    for event in events:
        calendar.add_component(_component(event))
    written: bytes = calendar.to_ical(sorted=False)
    return written.decode()


def _describe(calendar: Calendar, subscription: Subscription) -> None:
    # The X- properties are for calendars that do not know those of RFC 7986 yet. The library gives
    # neither kind its type.
    refresh = vDuration(subscription.refresh)
    calendar.add("name", vText(subscription.name))
    calendar.add("x-wr-calname", vText(subscription.name))
    calendar.add("x-wr-timezone", vText(subscription.time_zone))
    calendar.add("url", subscription.url)
    calendar.add("refresh-interval", refresh, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(subscription.refresh))


def _component(event: CalendarEvent) -> Event:
    component = Event()
    component.add("uid", event.uid)
    if event.sequence is not None:
        component.add("sequence", event.sequence)
    component.add("dtstamp", event.stamped_at.astimezone(UTC))
    if event.modified_at is not None:
        component.add("last-modified", event.modified_at.astimezone(UTC))
    component.add("dtstart", event.starts_at.astimezone(UTC))
    if event.ends_at is not None:
        component.add("dtend", event.ends_at.astimezone(UTC))
    texts = {"summary": event.summary, "description": event.description, "location": event.location}
    for name, words in {"status": event.status, **texts, "url": event.url}.items():
        if words:
            component.add(name, words)
    if event.organizer is not None:
        component.add("organizer", _address(event.organizer))
    if event.attendee is not None:
        attendee = _address(event.attendee)
        attendee.params.update(ROLE="REQ-PARTICIPANT", RSVP="FALSE")
        component.add("attendee", attendee)
    if event.is_busy is not None:
        component.add("transp", "OPAQUE" if event.is_busy else "TRANSPARENT")
    return component


def _address(address: CalendarAddress) -> vCalAddress:
    """Return an address with its name, without characters that its parameter cannot contain.

    A quoted parameter (RFC 5545, 3.2) cannot contain a quotation mark. RFC 6868 has an escape for
    it, but not every calendar reads that.
    """
    written = vCalAddress(f"mailto:{address.email}")
    if name := " ".join(address.name.replace('"', "").split()):
        written.params["CN"] = "".join(character for character in name if character >= " ")
    return written
