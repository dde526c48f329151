"""Where a list of speakers is kept: in rows until its panel opens, then on the floor.

A phase or a floor that is read inside the hearing's turn stays valid until the turn ends.
"""

from enum import Enum
from uuid import UUID

from hemicycle.before.registration.models import Inscription
from hemicycle.before.registration.speaking_time import special_limit_ms
from hemicycle.hearing.setup.models import Hearing, Segment
from hemicycle.procedure import Floor, Listed, Slot
from hemicycle.record.floor import floor_of
from hemicycle.record.writer import Writer


class ListPhase(Enum):
    """Before: the rows are the list. Open: the floor has it. Over: the floor's last list stands."""

    BEFORE = "before"
    OPEN = "open"
    OVER = "over"


def floor_in(record: Writer, meeting: UUID) -> Floor:
    """Return the meeting's floor, with the changes of the open turn."""
    return record.floors.get(meeting) or floor_of(meeting)


def phase_of(segment: Segment, floor: Floor) -> ListPhase:
    """Return the phase of the segment's list, given its meeting's floor."""
    own = segment.id.hex
    if floor.segment is not None and floor.segment.id == own:
        return ListPhase.OPEN if floor.segment.closed_at is None else ListPhase.OVER
    held = any(past.segment.id == own for past in floor.past)
    return ListPhase.OVER if held or floor.phase == "closed" else ListPhase.BEFORE


def slots_of(segment: Segment, floor: Floor) -> tuple[Slot, ...]:
    """Return the segment's slots on the floor in their order; none before the panel opens."""
    own = segment.id.hex
    if floor.segment is not None and floor.segment.id == own:
        return tuple(floor.slots[slot] for slot in floor.order)
    for past in floor.past:
        if past.segment.id == own:
            return tuple(past.slots[slot] for slot in past.order)
    return ()


def listed(hearing: Hearing, inscription: Inscription) -> Listed:
    """Return an inscription as the floor takes it: the same id, ids only, and its time limit."""
    return Listed(
        id=inscription.id.hex,
        track=inscription.track,
        person=inscription.speaker_id.hex,
        languages=(inscription.language,) if inscription.language else (),
        limit_ms=special_limit_ms(hearing, inscription),
        rank=inscription.rank,
    )
