"""The parts of a meeting in which a person was heard and which a cut removes: with the floor, with
a point of order, or in a discussion.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from hemicycle.hearing.setup.models import Hearing, Meeting
from hemicycle.procedure.state import Floor
from hemicycle.record.floor import floor_of

LEAD_MS = 60_000
"""The longest lead that is cut before a turn, in ms.

The lead is the time since the previous speaker: the recording then shows the card that announces
the speaker, and the moderator's introduction.
"""

TRAIL_MS = 8_000
"""How much longer interpretation and captions usually continue after a speaker, in ms."""


@dataclass(frozen=True, slots=True)
class FloorStretch:
    """One period in which somebody was heard; `to_ms` is None while it lasts.

    `giving` is the entry that gave the floor, heard the point of order or opened the discussion.
    `slot` is "" for a `person` who is not on a list.
    """

    meeting: Meeting
    slot: str
    giving: int
    from_ms: int
    to_ms: int | None
    person: str = ""


def of_meeting(meeting: Meeting, floor: Floor | None = None) -> Iterator[FloorStretch]:
    """Yield every holding of a meeting's floor in order, then discussions and points of order."""
    floor = floor or floor_of(meeting.id)
    yield from holdings(meeting, floor)
    for talk in floor.discussions:
        # Everyone who takes part is visible all the time, so the whole discussion is cut.
        for slot in sorted(floor.voiced_ms.get(talk.opening, ())):
            yield FloorStretch(meeting, slot, talk.opening, talk.opened_at, talk.ended_at)
    for heard in floor.heard_points:
        person = floor.points[heard.point]
        yield FloorStretch(
            meeting,
            floor.slot_of(person),
            heard.giving,
            heard.given_at,
            heard.ended_at,
            person,
        )


def holdings(meeting: Meeting, floor: Floor) -> Iterator[FloorStretch]:
    """Yield every holding of a meeting's floor, first to last."""
    over = sorted(floor.history, key=lambda held: held.given_at)
    free_since = 0
    for held in over:
        begin = max(free_since, held.given_at - LEAD_MS)
        yield FloorStretch(meeting, held.slot, held.giving, begin, max(held.ended_at, begin))
        free_since = held.ended_at
    if (holder := floor.holder) is not None:
        begin = max(free_since, holder.given_at - LEAD_MS)
        yield FloorStretch(meeting, holder.slot, holder.giving, begin, None)


def of_person(hearing: Hearing, person: str) -> Iterator[FloorStretch]:
    """Yield every point of order of a person who is not on a list, in all meetings of a hearing."""
    for meeting in hearing.meetings.all():
        found = of_meeting(meeting)
        yield from (one for one in found if one.person == person and not one.slot)


def of_slots(hearing: Hearing, slots: set[str]) -> Iterator[FloorStretch]:
    """Yield every period in which these slots were heard, in all meetings of a hearing."""
    for meeting in hearing.meetings.all():
        yield from (found for found in of_meeting(meeting) if found.slot in slots)
