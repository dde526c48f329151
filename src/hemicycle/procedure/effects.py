"""The changes that each event makes to the floor: a function for each kind returns them.

`folding.apply` calls the functions. They check no rules, and raise `Impossible` if the record has
no holder, slot or question that the event could be about.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hemicycle.procedure import events as e
from hemicycle.procedure.clock import counted_ms, used_ms
from hemicycle.procedure.state import (
    CHAIR,
    Discussion,
    DrawnQuestion,
    Floor,
    FloorSegment,
    HeardPoint,
    Holding,
    Intervention,
    PassedOver,
    PastSegment,
    Slot,
)
from hemicycle.procedure.terms import Ending, Listed, Role, SlotState

type Changes = dict[str, Any]
type Effect = Callable[[Floor, int, int, Any], Changes]
"""Takes the floor before, the entry's number, its time in ms and its event."""

EFFECTS: dict[type[e.Event], Effect] = {}

DELIVERING = frozenset({"finished", "cut", "moderator", "closed"})
"""The endings after which a statement counts as delivered."""


class Impossible(ValueError):
    """The entry cannot occur at this point of a record."""


def handles(kind: type[e.Event]) -> Callable[[Effect], Effect]:
    """Register the function that returns the changes of an event of `kind`."""

    def register(effect: Effect) -> Effect:
        EFFECTS[kind] = effect
        return effect

    return register


def needed[T](value: T | None, what: str) -> T:
    """Return `value`, which must exist at this point; raise `Impossible` if it is None."""
    if value is None:
        raise Impossible(f"there is no {what} here")
    return value


def known(floor: Floor, slot: str) -> Slot:
    """Return the slot on the present list; raise `Impossible` if it is not there."""
    return needed(floor.slots.get(slot), f"slot {slot!r}")


def holding(floor: Floor, slot: str) -> Holding:
    """Return the present holding, which must be that of `slot`; raise `Impossible` if it is not."""
    holder = needed(floor.holder, "holder")
    if holder.slot != slot:
        raise Impossible(f"{slot!r} does not have the floor")
    return holder


def changed(floor: Floor, slot: Slot) -> dict[str, Slot]:
    """Return the slots of the floor with one replaced by `slot`."""
    slots = floor.slots.copy()
    slots[slot.id] = slot
    return slots


def without(floor: Floor, slot: str) -> dict[str, int]:
    """Return the slots that are ready and not connected, without `slot`."""
    return {other: at for other, at in floor.left_at.items() if other != slot}


def placed(order: tuple[str, ...], slot: str, before: str | None) -> tuple[str, ...]:
    """Return `order` with `slot`, new or not, in front of `before`, or at the end if it is None."""
    others = [other for other in order if other != slot]
    at = len(others) if before is None else others.index(before)
    return (*others[:at], slot, *others[at:])


def as_slot(listed: Listed) -> Slot:
    """Return a slot in the state in which it enters the list: waiting."""
    return Slot(
        id=listed.id,
        track=listed.track,
        person=listed.person,
        role=listed.role,
        languages=listed.languages,
        limit_ms=listed.limit_ms,
    )


# The meeting and its segments.


@handles(e.MeetingOpened)
def _meeting_opened(floor: Floor, seq: int, at: int, event: e.MeetingOpened) -> Changes:
    return {"meeting": event.meeting, "phase": "open"}


@handles(e.MeetingSuspended)
def _meeting_suspended(floor: Floor, seq: int, at: int, event: e.MeetingSuspended) -> Changes:
    return {"phase": "suspended", "suspended_at": at}


@handles(e.MeetingResumed)
def _meeting_resumed(floor: Floor, seq: int, at: int, event: e.MeetingResumed) -> Changes:
    suspended_at = needed(floor.suspended_at, "suspension")
    since = floor.free_since
    if since is not None:
        # If the floor became free during the suspension, no changeover time has passed yet.
        since += at - max(suspended_at, since)
    return {"phase": "open", "suspended_at": None, "free_since": since}


@handles(e.MeetingClosed)
def _meeting_closed(floor: Floor, seq: int, at: int, event: e.MeetingClosed) -> Changes:
    return {"phase": "closed"}


@handles(e.SegmentOpened)
def _segment_opened(floor: Floor, seq: int, at: int, event: e.SegmentOpened) -> Changes:
    slots = {listed.id: as_slot(listed) for listed in event.slots}
    at_once = event.rules.discussion == "at_once"
    return {
        **(_discussing(floor, event.segment, seq, at) if at_once else {}),
        "segment": FloorSegment(event.segment, event.segment_kind, at, event.ends_at, event.rules),
        "list_open": True,
        "order": tuple(slot.id for slot in slots.values() if slot.role != CHAIR),
        "slots": slots,
        "free_since": None,
    }


@handles(e.SegmentRescheduled)
def _segment_rescheduled(floor: Floor, seq: int, at: int, event: e.SegmentRescheduled) -> Changes:
    return {"segment": replace(needed(floor.segment, "segment"), ends_at=event.ends_at)}


@handles(e.SegmentClosed)
def _segment_closed(floor: Floor, seq: int, at: int, event: e.SegmentClosed) -> Changes:
    segment = replace(needed(floor.segment, "segment"), closed_at=at)
    slots = floor.slots.copy()
    for slot in event.not_reached:
        slots[slot] = replace(known(floor, slot), state="not_reached")
    for heard in floor.waiting():
        if heard.id not in event.not_reached:
            slots[heard.id] = replace(heard, state="delivered")
    return {
        **discussion_over(floor, at),
        "segment": segment,
        "list_open": False,
        "slots": slots,
        "free_since": None,
        **point_over(floor, at),
        "past": (*floor.past, PastSegment(segment, floor.order, slots)),
    }


# The list of speakers.


@handles(e.ListClosed)
def _list_closed(floor: Floor, seq: int, at: int, event: e.ListClosed) -> Changes:
    return {"list_open": False}


@handles(e.ListReopened)
def _list_reopened(floor: Floor, seq: int, at: int, event: e.ListReopened) -> Changes:
    return {"list_open": True}


@handles(e.SlotAdded)
def _slot_added(floor: Floor, seq: int, at: int, event: e.SlotAdded) -> Changes:
    slot = as_slot(event.slot)
    if slot.role == CHAIR:
        return {"slots": changed(floor, slot)}
    return {"slots": changed(floor, slot), "order": placed(floor.order, slot.id, event.before)}


@handles(e.SlotMoved)
def _slot_moved(floor: Floor, seq: int, at: int, event: e.SlotMoved) -> Changes:
    return {"order": placed(floor.order, known(floor, event.slot).id, event.before)}


@handles(e.SlotWithdrawn)
def _slot_withdrawn(floor: Floor, seq: int, at: int, event: e.SlotWithdrawn) -> Changes:
    return {"slots": changed(floor, replace(known(floor, event.slot), state="withdrawn"))}


@handles(e.SpeakerReplaced)
def _speaker_replaced(floor: Floor, seq: int, at: int, event: e.SpeakerReplaced) -> Changes:
    slot = known(floor, event.slot)
    slot = replace(slot, person=event.person, languages=event.languages)
    return {"slots": changed(floor, slot)}


@handles(e.SlotSkipped)
def _slot_skipped(floor: Floor, seq: int, at: int, event: e.SlotSkipped) -> Changes:
    return _passed_over(floor, at, replace(known(floor, event.slot), state="skipped"))


@handles(e.SlotMarkedAbsent)
def _slot_marked_absent(floor: Floor, seq: int, at: int, event: e.SlotMarkedAbsent) -> Changes:
    return _passed_over(floor, at, replace(known(floor, event.slot), state="absent"))


def _passed_over(floor: Floor, at: int, slot: Slot) -> Changes:
    lost = _lost_ms(floor, slot.id, at)
    past = PassedOver(slot.id, needed(floor.segment, "segment").id, lost)
    return {
        "slots": changed(floor, slot),
        "passed_over": (*floor.passed_over, past),
        "free_since": floor.free_since if lost == 0 else at,
    }


def _lost_ms(floor: Floor, slot: str, at: int) -> int | None:
    if floor.marks and floor.marks[-1].awaits:  # it has had the floor until now
        held = floor.history[-1]
        return held.ended_at - held.given_at + (held.changeover_ms or 0)
    called = floor.next_slot()
    if floor.holder or floor.phase != "open" or called is None or called.id != slot:
        return 0
    return None if floor.free_since is None else at - floor.free_since


@handles(e.SlotRecalled)
def _slot_recalled(floor: Floor, seq: int, at: int, event: e.SlotRecalled) -> Changes:
    slots = changed(floor, replace(known(floor, event.slot), state="waiting"))
    if event.to == "own_place":
        return {"slots": slots}
    return {"slots": slots, "order": placed(floor.order, event.slot, None)}


# The floor.


@handles(e.FloorGiven)
def _floor_given(floor: Floor, seq: int, at: int, event: e.FloorGiven) -> Changes:
    if floor.holder is not None:
        raise Impossible(f"{floor.holder.slot!r} has the floor still")
    slot = known(floor, event.slot)
    holder = Holding(
        slot=slot.id,
        giving=seq,
        given_at=at,
        limit_ms=event.limit_ms,
        running_since=None if event.waits else at,
        stopped="not_started" if event.waits else None,
        changeover_ms=None if floor.free_since is None else at - floor.free_since,
        question=event.question,
    )
    slot = replace(slot, state="speaking", times=slot.times + 1)
    return {
        "holder": holder,
        "slots": changed(floor, slot),
        **point_over(floor, at),
        **discussion_over(floor, at),
    }


@handles(e.FloorExtended)
def _floor_extended(floor: Floor, seq: int, at: int, event: e.FloorExtended) -> Changes:
    holder = holding(floor, event.slot)
    # The extended clock counts from the time used so far, so time that was not counted after a cut
    # stays uncounted.
    return {
        "holder": replace(
            holder,
            limit_ms=event.limit_ms,
            extensions=holder.extensions + 1,
            used_before_ms=used_ms(floor, at),
            running_since=None if holder.running_since is None else at,
        )
    }


@handles(e.FloorInterrupted)
def _floor_interrupted(floor: Floor, seq: int, at: int, event: e.FloorInterrupted) -> Changes:
    holder = holding(floor, event.slot)
    return {
        "holder": replace(
            holder, used_before_ms=event.used_ms, running_since=None, stopped=event.reason
        )
    }


@handles(e.FloorContinued)
def _floor_continued(floor: Floor, seq: int, at: int, event: e.FloorContinued) -> Changes:
    holder = replace(holding(floor, event.slot), running_since=at, stopped=None)
    return {"holder": holder, **point_over(floor, at)}


@handles(e.FloorEnded)
def _floor_ended(floor: Floor, seq: int, at: int, event: e.FloorEnded) -> Changes:
    holder = holding(floor, event.slot)
    slot = known(floor, event.slot)
    # After a cut, the speaker was silent from the closing of the microphone, not from the press.
    ended_at = at - max(0, counted_ms(holder, at) - event.used_ms)
    past = Intervention(
        slot=slot.id,
        role=slot.role,
        segment=needed(floor.segment, "segment").id,
        giving=holder.giving,
        given_at=holder.given_at,
        ended_at=ended_at,
        limit_ms=holder.limit_ms,
        used_ms=event.used_ms,
        reason=event.reason,
        changeover_ms=holder.changeover_ms,
        question=holder.question,
    )
    state = _state_after(event.reason, slot.role)
    slot = replace(slot, state=state, used_ms=slot.used_ms + event.used_ms)
    return {
        "holder": None,
        "history": (*floor.history, past),
        "slots": changed(floor, slot),
        "free_since": ended_at,
        "muted": floor.muted - {slot.id},
        # From now on, "ready" means that the speaker asks for the floor again.
        "ready": floor.ready - {slot.id},
        "left_at": without(floor, slot.id),
    }


def _state_after(reason: Ending, role: Role) -> SlotState:
    if reason in DELIVERING:
        return "delivered"
    # A chair is not on the list, so a chair is never absent.
    return "absent" if reason == "absent" and role != CHAIR else "waiting"


@handles(e.DiscussionOpened)
def _discussion_opened(floor: Floor, seq: int, at: int, event: e.DiscussionOpened) -> Changes:
    if floor.holder is not None or floor.discussion is not None:
        raise Impossible("somebody speaks still")
    segment = needed(floor.segment, "segment")
    return {**_discussing(floor, segment.id, seq, at), **point_over(floor, at)}


@handles(e.DiscussionClosed)
def _discussion_closed(floor: Floor, seq: int, at: int, event: e.DiscussionClosed) -> Changes:
    needed(floor.discussion, "discussion")
    return {**discussion_over(floor, at), "free_since": at}


def _discussing(floor: Floor, segment: str, seq: int, at: int) -> Changes:
    opened = Discussion(segment, seq, at)
    voiced = dict.fromkeys(sorted(floor.heard & floor.slots.keys()), 0)
    return {
        "discussions": (*floor.discussions, opened),
        "voiced_ms": {**floor.voiced_ms, seq: voiced} if voiced else floor.voiced_ms,
        "free_since": None,
    }


def discussion_over(floor: Floor, at: int) -> Changes:
    """Return the changes that end the present discussion, if there is one."""
    if floor.discussion is None:
        return {}
    over = replace(floor.discussion, ended_at=at)
    return {"discussions": (*floor.discussions[:-1], over), "muted": frozenset()}


# Order in the room.


@handles(e.MicrophoneMuted)
def _muted(floor: Floor, seq: int, at: int, event: e.MicrophoneMuted) -> Changes:
    return {"muted": floor.muted | {_heard(floor, event.slot)}}


@handles(e.MicrophoneUnmuted)
def _unmuted(floor: Floor, seq: int, at: int, event: e.MicrophoneUnmuted) -> Changes:
    return {"muted": floor.muted - {_heard(floor, event.slot)}}


def _heard(floor: Floor, slot: str) -> str:
    """Return `slot` if it has the floor or a discussion is open; raise `Impossible` otherwise."""
    return known(floor, slot).id if floor.discussion else holding(floor, slot).slot


@handles(e.ParticipantRemoved)
def _removed(floor: Floor, seq: int, at: int, event: e.ParticipantRemoved) -> Changes:
    heard = floor.points.get(floor.hearing_point) == event.person
    return {
        "removed": floor.removed | {event.person},
        **(point_over(floor, at) if heard else {}),
    }


@handles(e.ParticipantReadmitted)
def _readmitted(floor: Floor, seq: int, at: int, event: e.ParticipantReadmitted) -> Changes:
    return {"removed": floor.removed - {event.person}}


# Questions and points of order.


@handles(e.QuestionDrawn)
def _question_drawn(floor: Floor, seq: int, at: int, event: e.QuestionDrawn) -> Changes:
    drawn = DrawnQuestion(event.question, event.to, at)
    # The time in which a question is put between two speakers is not a changeover.
    return {"questions": {**floor.questions, event.question: drawn}, "free_since": None}


@handles(e.QuestionAnswered)
def _question_answered(floor: Floor, seq: int, at: int, event: e.QuestionAnswered) -> Changes:
    drawn = needed(floor.questions.get(event.question), "such question")
    answered = replace(drawn, answered_at=at)
    return {"questions": {**floor.questions, event.question: answered}}


@handles(e.PointOfOrderRaised)
def _point_raised(floor: Floor, seq: int, at: int, event: e.PointOfOrderRaised) -> Changes:
    return {"points": {**floor.points, event.point: event.person}}


def point_over(floor: Floor, at: int) -> Changes:
    """Return the changes that end the hearing of the present point of order, if there is one."""
    if not floor.hearing_point:
        return {}
    *before, last = floor.heard_points
    return {"heard_points": (*before, replace(last, ended_at=at))}


@handles(e.PointOfOrderHeard)
def _point_heard(floor: Floor, seq: int, at: int, event: e.PointOfOrderHeard) -> Changes:
    needed(floor.points.get(event.point), "such point of order")
    if floor.hearing_point:
        raise Impossible(f"{floor.hearing_point!r} is being heard still")
    return {"heard_points": (*floor.heard_points, HeardPoint(event.point, seq, at))}


@handles(e.PointOfOrderRuled)
def _point_ruled(floor: Floor, seq: int, at: int, event: e.PointOfOrderRuled) -> Changes:
    needed(floor.points.get(event.point), "such point of order")
    return {
        "rulings": {**floor.rulings, event.point: event.ruling},
        **(point_over(floor, at) if event.point == floor.hearing_point else {}),
    }
