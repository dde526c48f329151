"""Calendar files, read by an independent parser and octet by octet."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st
from icalendar import Calendar

from hemicycle.documents.writing.icalendar import (
    CalendarAddress,
    CalendarEvent,
    Subscription,
    to_icalendar,
)

MADE = datetime(2021, 7, 1, 12, tzinfo=UTC)
DEADLINE = CalendarEvent("a@hearing.example", "Closes", MADE, MADE)
MEETING = CalendarEvent(
    uid="b@hearing.example",
    summary="Hearing, in public; “open”\\\nfor all",
    starts_at=datetime(2021, 7, 13, 10, tzinfo=ZoneInfo("America/New_York")),
    ends_at=datetime(2021, 7, 13, 18, tzinfo=timezone(timedelta(hours=2))),
    stamped_at=MADE,
    modified_at=MADE + timedelta(seconds=1),
    sequence=3,
    status="CONFIRMED",
    description="Bring a headset.",
    location="Online, from New York",
    url="https://hearing.example/h/one",
    organizer=CalendarAddress("office@hearing.example", "The office"),
    attendee=CalendarAddress("ana@hearing.example", 'Ana "A"; Ruiz,\né'),
    is_busy=True,
)


def events(text: str) -> list[Any]:
    assert text.endswith("END:VCALENDAR\r\n")
    calendar = Calendar.from_ical(text)
    assert calendar.errors == []
    found = list(calendar.walk("VEVENT"))
    assert [event.errors for event in found] == [[]] * len(found)
    return found


def test_a_parser_finds_what_was_given() -> None:
    (event,) = events(to_icalendar([MEETING], method="REQUEST"))
    assert event["UID"] == MEETING.uid
    assert event["SUMMARY"] == MEETING.summary
    assert event["LOCATION"] == MEETING.location
    assert event["DESCRIPTION"] == MEETING.description
    assert event["URL"] == MEETING.url
    assert event["SEQUENCE"] == 3
    assert event["DTSTART"].dt == MEETING.starts_at
    assert event["DTEND"].dt == MEETING.ends_at
    assert event["DTSTAMP"].dt == MADE
    assert event["LAST-MODIFIED"].dt == MEETING.modified_at
    assert (event["STATUS"], event["TRANSP"]) == ("CONFIRMED", "OPAQUE")
    assert event["ORGANIZER"] == "mailto:office@hearing.example"
    assert event["ATTENDEE"] == "mailto:ana@hearing.example"
    assert dict(event["ATTENDEE"].params) == {
        "CN": "Ana A; Ruiz, é",
        "ROLE": "REQ-PARTICIPANT",
        "RSVP": "FALSE",
    }


def test_times_are_in_utc_and_what_is_not_known_is_not_written() -> None:
    assert to_icalendar([DEADLINE]).split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Hemicycle//Hearing//EN",
        "BEGIN:VEVENT",
        "UID:a@hearing.example",
        "DTSTAMP:20210701T120000Z",
        "DTSTART:20210701T120000Z",
        "SUMMARY:Closes",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    written = to_icalendar([MEETING])
    assert "DTSTART:20210713T140000Z\r\n" in written
    assert "DTEND:20210713T160000Z\r\n" in written


def test_a_calendar_that_is_followed_says_its_name_and_how_often_to_ask() -> None:
    subscription = Subscription(
        "One, two; three", "America/New_York", "https://hearing.example/h/one"
    )
    lines = to_icalendar([], method="PUBLISH", subscription=subscription).split("\r\n")
    assert lines[3:-2] == [
        "NAME:One\\, two\\; three",
        "X-WR-CALNAME:One\\, two\\; three",
        "X-WR-TIMEZONE:America/New_York",
        "URL:https://hearing.example/h/one",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        "METHOD:PUBLISH",
    ]


WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n"))


@given(summary=WORDS, name=WORDS)
@example(summary="\\N", name="")
def test_no_words_of_anybody_break_a_line_or_add_one(summary: str, name: str) -> None:
    said = CalendarEvent(
        "c@hearing.example", summary, MADE, MADE, attendee=CalendarAddress("a@b.example", name)
    )
    text = to_icalendar([said])
    assert max(len(line) for line in text.encode().split(b"\r\n")) <= 75
    (event,) = events(text)
    # The library reads a typed \N as a line break, which RFC 5545 also writes in this way.
    assert event.get("SUMMARY", "") == summary.replace("\\N", "\n")
    assert sorted(event) == sorted(
        ["UID", "DTSTAMP", "DTSTART", "ATTENDEE", *(["SUMMARY"] if summary else [])]
    )
