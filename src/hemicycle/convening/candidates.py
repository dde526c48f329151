"""Values that may be the hearing's, among which the clerk chooses: days, titles and places."""

from typing import Any

from hemicycle.convening.calendar import Calendar, is_dateline
from hemicycle.convening.claims import role_in, sitting_hours
from hemicycle.convening.dates import dates_in
from hemicycle.convening.fields.convener import is_body_alone
from hemicycle.convening.hours import Hours, clock
from hemicycle.convening.note import ConceptNote, Finding
from hemicycle.convening.roles import DateRole

_TOP = 6
"""The number of blocks of a note in which a heading may be its title."""
MOST = 12
"""The most candidates; a text with more days is a calendar."""


def candidates_of(
    note: ConceptNote, calendar: Calendar, found: dict[str, Finding[Any]]
) -> list[dict[str, Any]]:
    """Return the candidates, each with `field`, `value` in that field's form, and `passage`.

    They are grouped by field, in the order of the note.
    """
    offered = []
    if not found["meetings"].value and note.status != "cancelled":
        offered += _days(note, calendar)
    if not found["title"].value:
        offered += [
            {"field": "title", "value": block.flat, "passage": block.flat}
            for block in note.blocks[:_TOP]
            if block.is_heading and not is_body_alone(note.language, block.flat)
        ]
    if not found["venue"].value:
        offered += [
            {"field": "venue", "value": label.value, "passage": label.value}
            for label in note.labelled("venue")
        ]
    return offered[:MOST]


def _days(note: ConceptNote, calendar: Calendar) -> list[dict[str, Any]]:
    """Return the days that may be the hearing's.

    Days of other events, deadlines and the day of writing are left out.
    """
    offered: dict[str, dict[str, Any]] = {}
    for place, sentence in enumerate(note.sentences):
        if sentence.block in note.due_cells:
            continue
        for mention in dates_in(sentence.text):
            role = role_in(note, place, mention)
            hours = sitting_hours(note.language, sentence.text)
            if role not in (DateRole.HEARING, DateRole.OPEN) or is_dateline(sentence.text, mention):
                continue
            for day in calendar.dates(mention):
                offered.setdefault(
                    day.isoformat(), _meeting(day.isoformat(), hours[:1], sentence.text)
                )
    return list(offered.values())


def _meeting(day: str, hours: tuple[Hours, ...], passage: str) -> dict[str, Any]:
    starts = clock(hours[0].starts) if hours else None
    ends = clock(hours[0].ends) if hours and hours[0].ends else None
    value = {"date": day, "starts": starts, "ends": ends}
    return {"field": "meetings", "value": value, "passage": passage}
