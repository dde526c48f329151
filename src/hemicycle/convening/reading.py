"""Reads a note: each field, and the passages that it comes from."""

from typing import Any

from hemicycle.convening import programme
from hemicycle.convening.calendar import Calendar
from hemicycle.convening.candidates import candidates_of
from hemicycle.convening.document import Document
from hemicycle.convening.fields import (
    categories,
    channels,
    convener,
    deadlines,
    languages,
    mandate,
    panels,
    place,
    questions,
    speaking,
    title,
)
from hemicycle.convening.hours import clock
from hemicycle.convening.judgement import convenes
from hemicycle.convening.meetings import meetings_of
from hemicycle.convening.note import ConceptNote, Finding, as_written
from hemicycle.convening.programme import ProgrammeEntry
from hemicycle.convening.result import FIELDS, NoteReading


def read(document: Document) -> NoteReading:
    """Read a document that is already parsed into blocks."""
    note = ConceptNote.of(document)
    calendar = Calendar.of(note)
    items = programme.programme_of(note, calendar)
    found = _found(note, calendar, items)
    values = {name: found[name].value for name in FIELDS}
    sources = {name: "\n".join(found[name].passages) for name in FIELDS if found[name].passages}
    return NoteReading(
        values,
        sources,
        convenes=convenes(note, meets=bool(found["meetings"].value)),
        status=note.status,
        candidates=candidates_of(note, calendar, found),
    )


def _found(
    note: ConceptNote, calendar: Calendar, items: list[ProgrammeEntry]
) -> dict[str, Finding[Any]]:
    meetings = meetings_of(note, calendar, items)
    items = programme.aligned(items, meetings.value)
    venue = place.venue_of(note)
    zone = place.zone_of(note, venue, meetings)
    body = as_written(note, convener.convener_of(note))
    return {
        "title": as_written(note, title.title_of(note)),
        "convener": body,
        "venue": venue,
        "time_zone": zone,
        "mandate": mandate.mandate_of(note),
        "meetings": meetings,
        "segments": _segments(items, meetings.value),
        "panels": panels.panels_of(note, items),
        "deadlines": deadlines.deadlines_of(note, calendar, zone.value, meetings.value, body.value),
        "categories": categories.categories_of(note),
        "floor_time_limit_seconds": speaking.floor_time_limit_of(note),
        "languages": languages.languages_of(note),
        "platform": channels.platform_of(note),
        "webcast": channels.webcast_of(note),
        "hashtag": channels.hashtag_of(note),
        "mailboxes": channels.mailboxes_of(note),
        "guiding_questions": questions.guiding_questions_of(note),
        "max_per_organization": speaking.max_per_organization_of(note),
        "list_of_speakers": speaking.list_of_speakers_of(note),
    }


def _segments(
    items: list[ProgrammeEntry], meetings: list[dict[str, str | None]]
) -> Finding[list[dict[str, str | None]]]:
    """Return the programme; each item has its date if the hearing lasts several days."""
    days = sorted({meeting["date"] for meeting in meetings if meeting["date"]})
    value: list[dict[str, str | None]] = []
    for place_in_list, item in enumerate(items):
        last = place_in_list + 1 == len(items) or items[place_in_list + 1].day != item.day
        ends = item.ends if item.ends is not None or not last else _end_of_meeting(item, meetings)
        entry: dict[str, str | None] = {
            "kind": item.kind,
            "title": item.title,
            "starts": clock(item.starts),
            "ends": None if ends is None else clock(ends),
        }
        if len(days) > 1:
            entry["date"] = _date(item, days)
        value.append(entry)
    return Finding(value, tuple(item.passage for item in items))


def _date(item: ProgrammeEntry, days: list[str]) -> str | None:
    if isinstance(item.day, int):
        return days[item.day - 1] if 0 < item.day <= len(days) else None
    return item.day.isoformat() if item.day else None


def _end_of_meeting(item: ProgrammeEntry, meetings: list[dict[str, str | None]]) -> int | None:
    """Return the end of the meeting in which the last item of a day starts; None if unknown."""
    for meeting in meetings:
        starts, ends = meeting["starts"], meeting["ends"]
        if starts and ends and starts <= clock(item.starts) < ends:
            hour, minute = ends.split(":")
            return int(hour) * 60 + int(minute)
    return None
