"""Where in a meeting a person had the floor, as it is cut out of a recording."""

from collections.abc import Iterator
from dataclasses import dataclass

from hemicycle.hearing.setup.models import Hearing, Meeting
from hemicycle.procedure.state import Floor
from hemicycle.record.floor import floor_of

LEAD_MS = 60_000
"""The card that announces a speaker, and the moderator's introduction, are cut too: the time
since the previous speaker, at most this long, in ms.
"""

TRAIL_MS = 8_000
"""How much longer interpreters and captions usually speak of a speaker, in ms."""


@dataclass(frozen=True, slots=True)
class FloorStretch:
    """One holding of the floor; `to_ms` None while it lasts. `giving` is the entry that gave it."""

    meeting: Meeting
    slot: str
    giving: int
    from_ms: int
    to_ms: int | None


def of_meeting(meeting: Meeting, floor: Floor | None = None) -> Iterator[FloorStretch]:
    """Every holding of a meeting's floor, first to last."""
    floor = floor or floor_of(meeting.id)
    over = sorted(floor.history, key=lambda held: held.given_at)
    free_since = 0
    for held in over:
        begin = max(free_since, held.given_at - LEAD_MS)
        yield FloorStretch(meeting, held.slot, held.giving, begin, max(held.ended_at, begin))
        free_since = held.ended_at
    if (holder := floor.holder) is not None:
        begin = max(free_since, holder.given_at - LEAD_MS)
        yield FloorStretch(meeting, holder.slot, holder.giving, begin, None)


def of_slots(hearing: Hearing, slots: set[str]) -> Iterator[FloorStretch]:
    """Every holding of the floor by these slots, in all meetings of a hearing."""
    for meeting in hearing.meetings.all():
        yield from (found for found in of_meeting(meeting) if found.slot in slots)
