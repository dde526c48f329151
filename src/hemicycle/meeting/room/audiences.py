"""What the two audiences inside the house see: the public sight and more.

`seat` is for those who speak: every slot's place, state and forecast under its random id, without
names. `room` is for those who run the meeting; their pages ask for the rest.
"""

from typing import Any
from uuid import UUID

from hemicycle.before.speakers.queries import WORDS
from hemicycle.meeting.state.meeting_view import Sight, current_meeting, public_sight, spoken
from hemicycle.procedure.forecast import Expectation, forecast
from hemicycle.procedure.state import Floor, Slot
from hemicycle.record import clock, feed


def seat_view(hearing: UUID) -> Sight | None:
    """The public sight, and every slot's place, state and forecast under its own id, no names."""
    meeting, floor = current_meeting(hearing)
    if meeting is None:
        return None
    return {
        **public_sight(meeting, floor),
        "slots": places(floor),
        "seats": {seat.slot: id for id, seat in floor.seats.items() if seat.slot},
        "points": floor.rules.points_of_order and floor.segment_open and floor.phase == "open",
    }


def places(floor: Floor) -> dict[str, dict[str, Any]]:
    """Each slot of the meeting as its own seat shows it, those of closed segments included."""
    expected = {each.slot: each for each in forecast(floor, clock.now_ms()).expectations}
    waiting = [slot.id for slot in floor.waiting()]
    ahead = {slot: number for number, slot in enumerate(waiting, start=1)}
    shown = {
        slot.id: place(slot, floor, ahead.get(slot.id), expected.get(slot.id))
        for slot in floor.slots.values()
    }
    past = {slot.id: {"show": slot.state} for each in floor.past for slot in each.slots.values()}
    return past | shown


def place(
    slot: Slot, floor: Floor, position: int | None, expected: Expectation | None
) -> dict[str, Any]:
    """One slot: `show` is its state in the words of the seat, where whoever is first is *next*."""
    shown: dict[str, Any] = {
        "show": "next" if position == 1 else slot.state,
        "position": position,
        "ready": slot.id in floor.ready,
    }
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
    """Why the one who has the floor is not heard or not counted; "" for neither."""
    if floor.cut:
        return "cut"
    return (floor.holder.stopped or "") if floor.holder else ""


def room_view(hearing: UUID) -> Sight | None:
    """For those who run the meeting: the public sight, and since when the floor is free."""
    meeting, floor = current_meeting(hearing)
    if meeting is None:
        return None
    return {**public_sight(meeting, floor), "free_since": floor.free_since, "seq": floor.seq}


feed.declare(feed.Audience("seat", spoken(seat_view)))
feed.declare(feed.Audience("room", spoken(room_view)))
