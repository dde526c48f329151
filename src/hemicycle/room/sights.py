"""What each audience of the feed sees of a hearing: one JSON text, the same for everybody in it.

A sight is always the whole state of the current meeting, so a screen that missed ten entries and a
screen that missed none show the same as soon as either gets one frame.
"""

import json
from typing import Any
from uuid import UUID

from hemicycle.hearings.models import Meeting
from hemicycle.procedure.state import Floor, Slot
from hemicycle.record import feed
from hemicycle.record.floor import floor_of
from hemicycle.room.faces import Face, faces

Sight = dict[str, Any]


def current_meeting(hearing: UUID) -> tuple[Meeting | None, Floor]:
    """The meeting that a screen should show: the one under way, else the next, else the last."""
    meetings = list(Meeting.objects.filter(hearing_id=hearing).order_by("ordinal"))
    floors = [floor_of(meeting.id) for meeting in meetings]
    both = list(zip(meetings, floors, strict=True))
    for phases in ({"open", "suspended"}, {"not_opened"}, {"closed"}):
        found = [pair for pair in both if pair[1].phase in phases]
        if found:
            return found[-1] if "closed" in phases else found[0]
    return None, Floor()


def clock_state(floor: Floor) -> Sight | None:
    """The holder's clock as `clock.js` takes it; None when nobody has the floor."""
    holder = floor.holder
    if holder is None:
        return None
    rules = floor.rules
    return {
        "running": holder.running_since is not None,
        "limit_ms": holder.limit_ms,
        "used_before_ms": holder.used_before_ms,
        "running_since_ms": holder.running_since,
        "warning_ms": rules.warning_ms,
        "at_limit": rules.at_limit,
        "grace_ms": rules.grace_ms,
    }


def public_sight(meeting: Meeting, floor: Floor, known: dict[str, Face]) -> Sight:
    """What anyone may see: who has the floor and who is next, never the rest of the list."""
    upcoming = floor.next_slot()
    waiting = floor.waiting()
    return {
        "meeting": {"id": meeting.id.hex, "title": meeting.title, "phase": floor.phase},
        "segment": _segment(floor),
        "holder": _shown(floor.slots[floor.holder.slot], known) if floor.holder else None,
        "clock": clock_state(floor),
        "microphone": floor.microphone is not None,
        "next": _shown(upcoming, known) if upcoming else None,
        "list_open": floor.list_open,
        "waiting": len(waiting),
        "act_seq": floor.act_seq,
    }


def _segment(floor: Floor) -> Sight | None:
    if not floor.segment_open or floor.segment is None:
        return None
    return {
        "id": floor.segment.id,
        "kind": floor.segment.kind,
        "ends_at": floor.segment.ends_at,
    }


def _shown(slot: Slot, known: dict[str, Face]) -> Sight:
    face = known[slot.id]
    return {
        "slot": slot.id,
        "name": face.name,
        "organization": face.organization,
        "title": face.title,
        "role": slot.role,
        "language": slot.languages[0] if slot.languages else "",
    }


def public(hearing: UUID) -> str:
    """The `public` audience: open to all."""
    meeting, floor = current_meeting(hearing)
    if meeting is None:
        return "null"
    upcoming = floor.next_slot()
    slots = [floor.slots[floor.holder.slot]] if floor.holder else []
    known = faces([*slots, upcoming] if upcoming else slots)
    return _json(public_sight(meeting, floor, known))


def _json(sight: Sight) -> str:
    return json.dumps(sight, separators=(",", ":"), ensure_ascii=False)


feed.declare(feed.Audience("public", public, open_to_all=True))
