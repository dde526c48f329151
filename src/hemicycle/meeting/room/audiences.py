"""The views of the two audiences inside the meeting: the public view with additional data.

`seat` is for speakers. It has the place, state and forecast of each slot by its random id, without
names. `room` is for those who run the meeting; their pages request further data.
"""

from typing import Any
from uuid import UUID

from hemicycle.before.speakers.queries import WORDS, earlier_habits
from hemicycle.meeting.room.access import welcome_at_seats, welcome_in_room
from hemicycle.meeting.state.meeting_view import MeetingView, as_json, current_meeting, view_of
from hemicycle.procedure.forecast import PRIOR, Expectation, forecast
from hemicycle.procedure.state import CHAIR, Floor, Slot
from hemicycle.record import clock, feed


def seat_view(hearing: UUID) -> MeetingView | None:
    """Return the public view with the place, state and forecast of each slot by id, without names.

    Returns None for a hearing without a meeting.
    """
    meeting, floor = current_meeting(hearing)
    if meeting is None:
        return None
    return {
        **view_of(meeting, floor),
        "slots": slot_states(hearing, floor),
        "seats": {seat.slot: id for id, seat in floor.seats.items() if seat.slot},
        "points": floor.rules.points_of_order and floor.segment_open and floor.phase == "open",
        "open_points": sorted(floor.points.keys() - floor.rulings.keys()),
        "heard_point": floor.hearing_point if floor.point_raiser else "",
    }


def slot_states(hearing: UUID, floor: Floor) -> dict[str, dict[str, Any]]:
    """Return the state of each slot of the meeting by id, including slots of closed segments."""
    habits = earlier_habits(hearing, UUID(hex=floor.meeting)) if floor.meeting else PRIOR
    outlook = forecast(floor, clock.now_ms(), habits)
    expected = {expectation.slot: expectation for expectation in outlook.expectations}
    waiting = [slot.id for slot in floor.waiting()]
    ahead = {slot: number for number, slot in enumerate(waiting, start=1)}
    shown = {
        slot.id: slot_state(slot, floor, ahead.get(slot.id), expected.get(slot.id))
        for slot in floor.slots.values()
    }
    closed = {
        slot.id: {"show": _after(slot)} for past in floor.past for slot in past.slots.values()
    }
    return closed | shown


def _state(slot: Slot, floor: Floor) -> str:
    if not floor.segment_open:
        return _after(slot)
    return "chair" if slot.role == CHAIR and slot.state != "speaking" else slot.state


def _after(slot: Slot) -> str:
    """Return the state of a slot after its segment has closed; "" for a chair who did not speak."""
    return "" if slot.role == CHAIR and slot.state != "delivered" else slot.state


def slot_state(
    slot: Slot, floor: Floor, position: int | None, expected: Expectation | None
) -> dict[str, Any]:
    """Return the state of one slot.

    `show` is its procedural state, "next" for the first speaker in line, or "chair" for a chair who
    does not have the floor.
    """
    shown: dict[str, Any] = {
        "show": "next" if position == 1 else _state(slot, floor),
        "position": position,
        "ready": slot.id in floor.ready,
    }
    if floor.discussion is not None and slot.id in floor.panel:
        shown |= {"discusses": slot.id in floor.microphones, "muted": slot.id in floor.muted}
    if slot.state == "speaking":
        shown |= {"stopped": _stopped(floor), "muted": slot.id in floor.muted}
    if expected is not None:
        shown |= {
            "earliest": expected.earliest,
            "latest": expected.latest,
            "status": WORDS.get(expected.status, expected.status),
        }
    return shown


def _stopped(floor: Floor) -> str:
    """Return why the holder is not heard or their clock has stopped; "" if neither is the case."""
    if floor.cut:
        return "cut"
    return (floor.holder.stopped or "") if floor.holder else ""


def room_view(hearing: UUID) -> MeetingView | None:
    """Return the public view with `free_since` and `seq`, for those who run the meeting.

    Returns None for a hearing without a meeting.
    """
    meeting, floor = current_meeting(hearing)
    if meeting is None:
        return None
    return {**view_of(meeting, floor), "free_since": floor.free_since, "seq": floor.seq}


feed.declare(feed.Audience("seat", as_json(seat_view), welcome=welcome_at_seats))
feed.declare(feed.Audience("room", as_json(room_view), welcome=welcome_in_room))
