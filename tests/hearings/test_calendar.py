"""The calendar file, line by line."""

from django.test import Client

from hemicycle.hearings.calendar import LONGEST
from hemicycle.hearings.models import Hearing
from hemicycle.record import clock


def test_meetings_and_deadlines_stand_in_utc(hearing: Hearing, client: Client) -> None:
    with clock.using(clock.Virtual(1_625_000_000_000)):
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
    assert lines.count("DTSTAMP:20210629T205320Z") == 4


def test_long_lines_are_folded_between_characters(hearing: Hearing, client: Client) -> None:
    hearing.short_title = "جلسة استماع; علنية, \\ " * 5
    hearing.save()
    content = client.get("/h/2021-trafficking/calendar.ics").content
    raw = content.split(b"\r\n")
    assert max(map(len, raw)) <= LONGEST
    assert [line.decode() for line in raw]  # no character is cut in two
    assert f"X-WR-CALNAME:{'جلسة استماع\\; علنية\\, \\\\ ' * 5}".strip() in [
        line.strip() for line in unfolded(content)
    ]


def unfolded(content: bytes) -> list[str]:
    """The lines as a calendar reads them."""
    assert content.endswith(b"\r\n")
    return content.replace(b"\r\n ", b"").decode().split("\r\n")[:-1]
