"""The calendar file, line by line."""

from datetime import datetime, timedelta
from typing import Any

from django.test import Client
from icalendar import Calendar

from hemicycle.hearing.setup import actions, document_mapping
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record import clock
from hemicycle.record.models import Entry
from hemicycle.record.writer import Actor


def test_meetings_and_deadlines_stand_in_utc(hearing: Hearing, client: Client) -> None:
    answer = client.get("/h/2021-trafficking/calendar.ics")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    lines = unfolded(answer.content)
    assert lines[:3] == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Hemicycle//Hearing//EN",
    ]
    assert [line for line in lines if line.startswith(("DTSTART", "DTEND", "SUMMARY"))] == [
        "DTSTART:20210713T140000Z",
        "DTEND:20210713T160000Z",
        "SUMMARY:Hearing on trafficking in persons: Morning meeting",
        "DTSTART:20210713T190000Z",
        "DTEND:20210713T210000Z",
        "SUMMARY:Hearing on trafficking in persons: Afternoon meeting",
        "DTSTART:20210705T210000Z",
        "SUMMARY:Hearing on trafficking in persons: registration closes (Stakeholders)",
        "DTSTART:20210710T035959Z",
        (
            "SUMMARY:Hearing on trafficking in persons: registration closes (Member States and "
            "observers)"
        ),
    ]
    assert "LOCATION:Online\\, from United Nations Headquarters\\, New York" in lines
    convened = Entry.objects.get(hearing=hearing.id, kind="hearing.convened").at
    assert lines.count(f"DTSTAMP:{clock.from_ms(convened):%Y%m%dT%H%M%SZ}") == 4
    assert lines.count("SEQUENCE:0") == 4


def test_the_deadline_for_statements_stands_in_it(hearing: Hearing, client: Client) -> None:
    wanted: dict[str, Any] = document_mapping.to_document(actions.whole(hearing.id))
    wanted["statements"]["closes"] = datetime.fromisoformat("2021-07-12T17:00")
    actions.change(hearing=hearing, data=wanted, actor=Actor.system("test"))
    lines = unfolded(client.get("/h/2021-trafficking/calendar.ics").content)
    summary = "SUMMARY:Hearing on trafficking in persons: deadline for statements"
    assert summary in lines
    assert "DTSTART:20210712T210000Z" in lines


def test_a_calendar_that_follows_it_moves_its_events(hearing: Hearing, client: Client) -> None:
    before = _events(client)
    wanted: dict[str, Any] = document_mapping.to_document(actions.whole(hearing.id))
    for row in (wanted["meetings"][0], *wanted["meetings"][0]["segments"]):
        row["starts"] += timedelta(minutes=15)
        row["ends"] += timedelta(minutes=15)
    actions.change(hearing=hearing, data=wanted, actor=Actor.system("test"))
    after = _events(client)
    assert list(after) == list(before)  # the same events
    moved = [uid for uid in before if before[uid]["DTSTART"].dt != after[uid]["DTSTART"].dt]
    meeting = hearing.meetings.get(ordinal=1)
    assert moved == [f"{meeting.id.hex}@localhost"]
    assert after[moved[0]]["DTSTART"].dt == meeting.starts_at
    assert after[moved[0]]["SEQUENCE"] > before[moved[0]]["SEQUENCE"]
    assert after[moved[0]]["LAST-MODIFIED"].dt >= before[moved[0]]["LAST-MODIFIED"].dt


def _events(client: Client) -> dict[str, Any]:
    """Return the events by identifier, as a calendar program reads them."""
    calendar = Calendar.from_ical(client.get("/h/2021-trafficking/calendar.ics").content)
    assert calendar.errors == []
    assert [event.errors for event in calendar.walk("VEVENT")] == [[]] * 4
    return {str(event["UID"]): event for event in calendar.walk("VEVENT")}


def test_a_feed_that_has_not_changed_is_not_sent_again(hearing: Hearing, client: Client) -> None:
    answer = client.get("/h/2021-trafficking/calendar.ics")
    asked = {"if-none-match": answer["ETag"]}
    assert client.get("/h/2021-trafficking/calendar.ics", headers=asked).status_code == 304
    hearing.venue = "Elsewhere"
    hearing.save()
    assert client.get("/h/2021-trafficking/calendar.ics", headers=asked).status_code == 200


def test_long_lines_are_folded_between_characters(hearing: Hearing, client: Client) -> None:
    hearing.short_title = "جلسة استماع; علنية, \\ " * 5
    hearing.save()
    content = client.get("/h/2021-trafficking/calendar.ics").content
    raw = content.split(b"\r\n")
    assert max(map(len, raw)) <= 75
    for line in raw:
        line.decode()  # raises if a character is cut in two
    assert f"X-WR-CALNAME:{'جلسة استماع\\; علنية\\, \\\\ ' * 5}".strip() in [
        line.strip() for line in unfolded(content)
    ]


def unfolded(content: bytes) -> list[str]:
    """Return the lines as a calendar program reads them."""
    assert content.endswith(b"\r\n")
    return content.replace(b"\r\n ", b"").decode().split("\r\n")[:-1]
