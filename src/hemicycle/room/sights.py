"""What each audience of the feed sees of a hearing: one JSON text, the same for everybody in it.

A sight is always the whole state of the current meeting, so a screen that missed ten entries and a
screen that missed none show the same as soon as either gets one frame.
"""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from hemicycle.hearings.models import Meeting, Segment
from hemicycle.procedure.forecast import Expectation, forecast
from hemicycle.procedure.state import Floor, Slot
from hemicycle.record import clock, feed
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
    title = Segment.objects.filter(pk=UUID(hex=floor.segment.id)).values_list("title", flat=True)
    return {
        "id": floor.segment.id,
        "title": title.first() or "",
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


def public_view(hearing: UUID) -> Sight | None:
    """What anyone sees of the current meeting; None for a hearing without meetings."""
    meeting, floor = current_meeting(hearing)
    if meeting is None:
        return None
    upcoming = floor.next_slot()
    slots = [floor.slots[floor.holder.slot]] if floor.holder else []
    known = faces([*slots, upcoming] if upcoming else slots)
    return public_sight(meeting, floor, known)


def seat_view(hearing: UUID) -> Sight | None:
    """The public sight, and every slot's place, state and forecast under its own id, no names."""
    sight = public_view(hearing)
    if sight is None:
        return None
    _meeting, floor = current_meeting(hearing)
    seats = {seat.slot: connection for connection, seat in floor.seats.items() if seat.slot}
    return {**sight, "slots": _places(floor), "seats": seats}


def _places(floor: Floor) -> Sight:
    expected = {each.slot: each for each in forecast(floor, clock.now_ms()).expectations}
    waiting = [slot.id for slot in floor.waiting()]
    ahead = {slot: number for number, slot in enumerate(waiting, start=1)}
    return {
        slot.id: {
            "state": slot.state,
            "position": ahead.get(slot.id),
            "ready": slot.id in floor.ready,
            **_forecast(expected.get(slot.id)),
        }
        for slot in floor.slots.values()
    }


def _forecast(found: Expectation | None) -> Sight:
    if found is None:
        return {}
    return {"earliest": found.earliest, "latest": found.latest, "status": found.status}


def room_view(hearing: UUID) -> Sight | None:
    """For those who run the meeting: the public sight, and the number of the last entry."""
    sight = public_view(hearing)
    if sight is None:
        return None
    _meeting, floor = current_meeting(hearing)
    return {**sight, "seq": floor.seq}


def _spoken(view: Callable[[UUID], Sight | None]) -> Callable[[UUID], str]:
    return lambda hearing: json.dumps(view(hearing), separators=(",", ":"), ensure_ascii=False)


feed.declare(feed.Audience("public", _spoken(public_view), open_to_all=True))
feed.declare(feed.Audience("seat", _spoken(seat_view)))
feed.declare(feed.Audience("room", _spoken(room_view)))
