"""The events of each act, after the tables of `transitions` have allowed it.

One function for each command takes the floor, the command and the time (ms since the Unix epoch)
and returns the events. It checks only what depends on the content of the command. Facts are in
`reports`.
"""

from collections.abc import Callable, Iterator
from typing import Any

from hemicycle.procedure import commands as c
from hemicycle.procedure import events as e
from hemicycle.procedure.clock import UNLIMITED_MS, limit_ms, used_ms
from hemicycle.procedure.effects import DELIVERING
from hemicycle.procedure.refusals import refuse
from hemicycle.procedure.state import ACT_FIELDS, DrawnQuestion, Floor, Holding, Slot
from hemicycle.procedure.terms import Ending, Listed, Rules

type Events = tuple[e.Event, ...]
type Decider = Callable[[Floor, Any, int], Events]

UNDO_WINDOW_MS = 900_000
"""How long an act can be undone, in ms: long enough to notice a mistake."""

DECIDERS: dict[type[c.Command], Decider] = {}


def decides(kind: type[c.Command]) -> Callable[[Decider], Decider]:
    """Register the function that decides commands of `kind`."""

    def register(decider: Decider) -> Decider:
        DECIDERS[kind] = decider
        return decider

    return register


def about(floor: Floor, command: c.Command) -> Slot | None:
    """Return the slot by which the tables judge the command; None if the command is about no slot.

    Raise `Refused` if the command names a slot that is not on the list, or asks for the next one
    and nobody is waiting.
    """
    match command:
        case c.GiveFloor(slot=None):
            return floor.next_slot() or refuse("list_done")
        case c.Skip(slot=None) | c.MarkAbsent(slot=None):
            return _held(floor) or floor.next_slot() or refuse("list_done")
        case c.Ready(slot=slot):
            # The green room opens before the list is loaded, so the slot may not be known yet.
            return floor.slots.get(slot)
        case (
            c.GiveFloor(slot=str(slot))
            | c.Skip(slot=str(slot))
            | c.MarkAbsent(slot=str(slot))
            | c.Recall(slot=slot)
            | c.MoveSlot(slot=slot)
            | c.WithdrawSlot(slot=slot)
            | c.ReplaceSpeaker(slot=slot)
        ):
            return floor.slots.get(slot) or refuse("unknown_slot")
        case c.Mute(slot=slot) | c.Unmute(slot=slot):
            known = floor.slots.get(slot) or refuse("unknown_slot")
            # In a discussion, the panel's microphones are open whatever the state of the slots.
            return None if floor.discussion and slot in floor.panel else known
        case _:
            return None


def open_question(floor: Floor, slot: str) -> DrawnQuestion | None:
    """Return the first question put to `slot` that has not been answered yet, or None."""
    asked = [drawn for drawn in floor.questions.values() if drawn.to == slot]
    still = [drawn for drawn in asked if drawn.answered_at is None]
    return min(still, key=lambda drawn: (drawn.at, drawn.question), default=None)


def _held(floor: Floor) -> Slot | None:
    return floor.slots[floor.holder.slot] if floor.holder else None


def _holder(floor: Floor) -> Holding:
    # The tables refuse each command that needs a holder while there is none.
    return floor.holder or refuse("free")


def _slot(floor: Floor, command: c.Command) -> Slot:
    return about(floor, command) or refuse("unknown_slot")


# The meeting and its segments.


@decides(c.OpenMeeting)
def _open_meeting(floor: Floor, command: c.OpenMeeting, now: int) -> Events:
    return (e.MeetingOpened(command.meeting),)


@decides(c.Suspend)
def _suspend(floor: Floor, command: c.Suspend, now: int) -> Events:
    suspended = e.MeetingSuspended(command.note)
    holder = floor.holder
    if holder is None or holder.running_since is None:
        return (suspended,)
    used = used_ms(floor, now)
    return (e.FloorInterrupted(holder.slot, "suspension", used, suspended.KIND), suspended)


@decides(c.Resume)
def _resume(floor: Floor, command: c.Resume, now: int) -> Events:
    return (e.MeetingResumed(),)


@decides(c.CloseMeeting)
def _close_meeting(floor: Floor, command: c.CloseMeeting, now: int) -> Events:
    return (e.MeetingClosed(),)


@decides(c.OpenSegment)
def _open_segment(floor: Floor, command: c.OpenSegment, now: int) -> Events:
    _check_rules(command.rules)
    if any(past.segment.id == command.segment for past in floor.past):
        refuse("segment_held")
    taken: set[str] = set().union(*(past.slots for past in floor.past))
    for listed in command.slots:
        _check_listed(listed, taken)
        taken.add(listed.id)
    opened = e.SegmentOpened(
        command.segment,
        command.segment_kind,
        command.ends_at,
        command.rules,
        command.slots,
        command.rule,
    )
    return (opened,)


def _check_rules(rules: Rules) -> None:
    positive = (rules.time_limit_ms, rules.presentation_limit_ms, rules.extension_ms)
    if min(positive) <= 0 or min(rules.warning_ms, rules.grace_ms, rules.max_extensions or 0) < 0:
        refuse("bad_rules")


def _check_listed(listed: Listed, taken: set[str]) -> None:
    if listed.id in taken:
        refuse("listed_twice")
    if listed.limit_ms is not None and listed.limit_ms <= 0:
        refuse("bad_duration")


@decides(c.Reschedule)
def _reschedule(floor: Floor, command: c.Reschedule, now: int) -> Events:
    return (e.SegmentRescheduled(command.ends_at),)


@decides(c.CloseSegment)
def _close_segment(floor: Floor, command: c.CloseSegment, now: int) -> Events:
    if floor.segment is None:
        refuse("between")
    # People who were heard in a discussion have spoken, even without a turn of their own.
    voiced = [floor.voiced_ms.get(talk.opening, {}) for talk in floor.discussions]
    heard = {slot for by_slot in voiced for slot, spoke_ms in by_slot.items() if spoke_ms}
    not_reached = tuple(slot.id for slot in floor.waiting() if slot.id not in heard)
    closed = e.SegmentClosed(floor.segment.id, not_reached)
    return (*_end_holding(floor, now, "closed", closed.KIND), closed)


# The list of speakers.


@decides(c.CloseList)
def _close_list(floor: Floor, command: c.CloseList, now: int) -> Events:
    return (e.ListClosed(),) if floor.list_open else refuse("list_closed")


@decides(c.ReopenList)
def _reopen_list(floor: Floor, command: c.ReopenList, now: int) -> Events:
    return (e.ListReopened(),) if not floor.list_open else refuse("list_open")


@decides(c.AddSlot)
def _add_slot(floor: Floor, command: c.AddSlot, now: int) -> Events:
    if not floor.list_open:
        refuse("list_closed")
    _check_listed(command.slot, set(floor.slots).union(*(past.slots for past in floor.past)))
    _check_place(floor, command.before)
    return (e.SlotAdded(command.slot, command.before, command.note),)


@decides(c.MoveSlot)
def _move_slot(floor: Floor, command: c.MoveSlot, now: int) -> Events:
    if not command.note:
        refuse("no_reason")
    if command.before == command.slot:
        refuse("bad_place")
    _check_place(floor, command.before)
    return (e.SlotMoved(command.slot, command.before, command.note),)


def _check_place(floor: Floor, before: str | None) -> None:
    if before is not None and before not in floor.order:
        refuse("bad_place")


@decides(c.WithdrawSlot)
def _withdraw_slot(floor: Floor, command: c.WithdrawSlot, now: int) -> Events:
    withdrawn = e.SlotWithdrawn(command.slot, command.note)
    return (*_end_if_held(floor, command.slot, now, "withdrawn", withdrawn.KIND), withdrawn)


@decides(c.ReplaceSpeaker)
def _replace_speaker(floor: Floor, command: c.ReplaceSpeaker, now: int) -> Events:
    languages = command.languages or floor.slots[command.slot].languages
    return (e.SpeakerReplaced(command.slot, command.person, languages, command.note),)


@decides(c.Skip)
def _skip(floor: Floor, command: c.Skip, now: int) -> Events:
    skipped = e.SlotSkipped(_slot(floor, command).id, command.note)
    return (*_end_if_held(floor, skipped.slot, now, "skipped", skipped.KIND), skipped)


@decides(c.MarkAbsent)
def _mark_absent(floor: Floor, command: c.MarkAbsent, now: int) -> Events:
    absent = e.SlotMarkedAbsent(_slot(floor, command).id)
    return (*_end_if_held(floor, absent.slot, now, "absent", absent.KIND), absent)


@decides(c.Recall)
def _recall(floor: Floor, command: c.Recall, now: int) -> Events:
    return (e.SlotRecalled(command.slot, command.to),)


# The floor.


@decides(c.GiveFloor)
def _give_floor(floor: Floor, command: c.GiveFloor, now: int) -> Events:
    slot = _slot(floor, command)
    if slot.person in floor.removed:
        refuse("removed")
    question = open_question(floor, slot.id) if slot.state == "delivered" else None
    given = e.FloorGiven(
        slot=slot.id,
        # An answer is an intervention from the panel, not a second presentation.
        limit_ms=floor.rules.time_limit_ms if question else limit_ms(slot, floor.rules),
        waits=_waits(floor, slot.id) if command.waits is None else command.waits,
        question=question.question if question else "",
        note=command.note,
    )
    return (*_end_holding(floor, now, "finished", given.KIND), given)


def _waits(floor: Floor, slot: str) -> bool:
    if floor.rules.clock_starts == "on_press":
        return True
    # If the engine has never reported a line, the meeting is held without it.
    silent = floor.reports_lines and not floor.has_line(slot)
    return floor.rules.without_line == "stop" and silent


@decides(c.EndFloor)
def _end_floor(floor: Floor, command: c.EndFloor, now: int) -> Events:
    return _end_holding(floor, now, command.reason, "")


def _end_if_held(floor: Floor, slot: str, now: int, reason: Ending, brought_by: str) -> Events:
    if floor.holder is None or floor.holder.slot != slot:
        return ()
    return _end_holding(floor, now, reason, brought_by)


def _end_holding(floor: Floor, now: int, reason: Ending, brought_by: str) -> Events:
    holder, rules = floor.holder, floor.rules
    if holder is None:
        return ()
    used = used_ms(floor, now)
    if reason in ("finished", "moderator", "closed") and rules.at_limit == "cut":
        reason = "cut" if used >= holder.limit_ms + rules.grace_ms else reason
    if reason in DELIVERING and not floor.came(holder):
        reason = "absent"
    return (e.FloorEnded(holder.slot, reason, used, brought_by),)


@decides(c.Extend)
def _extend(floor: Floor, command: c.Extend, now: int) -> Events:
    holder, rules = _holder(floor), floor.rules
    by_ms = rules.extension_ms if command.by_ms is None else command.by_ms
    if by_ms <= 0:
        refuse("bad_duration")
    if holder.limit_ms >= UNLIMITED_MS:
        refuse("no_limit")
    if rules.max_extensions is not None and holder.extensions >= rules.max_extensions:
        refuse("no_extension")
    limit = max(holder.limit_ms, used_ms(floor, now)) + by_ms
    return (e.FloorExtended(holder.slot, by_ms, limit),)


@decides(c.Interrupt)
def _interrupt(floor: Floor, command: c.Interrupt, now: int) -> Events:
    return (e.FloorInterrupted(_holder(floor).slot, command.reason, used_ms(floor, now)),)


@decides(c.Continue)
def _continue(floor: Floor, command: c.Continue, now: int) -> Events:
    return (e.FloorContinued(_holder(floor).slot),)


@decides(c.OpenDiscussion)
def _open_discussion(floor: Floor, command: c.OpenDiscussion, now: int) -> Events:
    if floor.rules.discussion == "off":
        refuse("discussion_off")
    if len(floor.panel) < 2:
        refuse("no_panel")
    opened = e.DiscussionOpened()
    return (*_end_holding(floor, now, "finished", opened.KIND), opened)


@decides(c.CloseDiscussion)
def _close_discussion(floor: Floor, command: c.CloseDiscussion, now: int) -> Events:
    return (e.DiscussionClosed(),)


# Order in the room.


@decides(c.Mute)
def _mute(floor: Floor, command: c.Mute, now: int) -> Events:
    return (
        (e.MicrophoneMuted(command.slot),) if command.slot not in floor.muted else refuse("muted")
    )


@decides(c.Unmute)
def _unmute(floor: Floor, command: c.Unmute, now: int) -> Events:
    return (
        (e.MicrophoneUnmuted(command.slot),) if command.slot in floor.muted else refuse("not_muted")
    )


@decides(c.RemoveParticipant)
def _remove(floor: Floor, command: c.RemoveParticipant, now: int) -> Events:
    person = command.person
    if person in floor.removed:
        refuse("removed")
    if not person or not _present(floor, person):
        refuse("unknown_person")
    removed = e.ParticipantRemoved(person, command.note)
    held = _held(floor)
    ended = held is not None and held.person == person
    return (
        *(_end_holding(floor, now, "moderator", removed.KIND) if ended else ()),
        removed,
        *_disconnected(floor, person),
    )


def _present(floor: Floor, person: str) -> bool:
    """Return whether the person has a seat, is connected, or is or was on a list of the meeting."""
    lists = (floor.slots, *(past.slots for past in floor.past))
    return (
        any(seat.person == person for seat in floor.seats.values())
        or any(link.person == person for link in floor.links.values())
        or any(slot.person == person for slots in lists for slot in slots.values())
    )


def _disconnected(floor: Floor, person: str) -> Iterator[e.Event]:
    """Yield the events by which a removed person leaves every seat and loses every connection."""
    for id, seat in floor.seats.items():
        if seat.person == person:
            yield e.ParticipantLeft(id)
    for id, link in floor.links.items():
        if link.person == person:
            yield e.LinkChanged(id, person, link.slot, "down")


@decides(c.ReadmitParticipant)
def _readmit(floor: Floor, command: c.ReadmitParticipant, now: int) -> Events:
    if command.person not in floor.removed:
        refuse("not_removed")
    return (e.ParticipantReadmitted(command.person),)


# Questions and points of order.


@decides(c.DrawQuestion)
def _draw_question(floor: Floor, command: c.DrawQuestion, now: int) -> Events:
    if command.question in floor.questions:
        refuse("drawn")
    if command.to and command.to not in floor.slots:
        refuse("unknown_slot")
    return (e.QuestionDrawn(command.question, command.to),)


@decides(c.AnswerQuestion)
def _answer_question(floor: Floor, command: c.AnswerQuestion, now: int) -> Events:
    drawn = floor.questions.get(command.question) or refuse("not_drawn")
    if drawn.answered_at is not None:
        refuse("answered")
    return (e.QuestionAnswered(command.question),)


@decides(c.RaisePointOfOrder)
def _raise_point(floor: Floor, command: c.RaisePointOfOrder, now: int) -> Events:
    if not floor.rules.points_of_order:
        refuse("points_off")
    if command.person in floor.removed:
        refuse("barred")
    if command.point in floor.points:
        refuse("raised")
    return (e.PointOfOrderRaised(command.point, command.person),)


@decides(c.HearPointOfOrder)
def _hear_point(floor: Floor, command: c.HearPointOfOrder, now: int) -> Events:
    raiser = floor.points.get(command.point) or refuse("not_raised")
    if command.point in floor.rulings:
        refuse("ruled")
    if floor.hearing_point:
        refuse("point_heard")
    if raiser in floor.removed:
        refuse("removed")
    heard = e.PointOfOrderHeard(command.point)
    holder = floor.holder
    if holder is None or holder.running_since is None:
        return (heard,)
    used = used_ms(floor, now)
    return (e.FloorInterrupted(holder.slot, "point_of_order", used, heard.KIND), heard)


@decides(c.RulePointOfOrder)
def _rule_point(floor: Floor, command: c.RulePointOfOrder, now: int) -> Events:
    if command.point not in floor.points:
        refuse("not_raised")
    if command.point in floor.rulings:
        refuse("ruled")
    return (e.PointOfOrderRuled(command.point, command.ruling, command.note),)


@decides(c.Undo)
def _undo(floor: Floor, command: c.Undo, now: int) -> Events:
    if not floor.marks:
        refuse("nothing_to_undo")
    if now - floor.marks[-1].at > UNDO_WINDOW_MS:
        refuse("too_late_to_undo")
    before = dict(zip(ACT_FIELDS, floor.marks[-1].before, strict=True))
    # A person who was readmitted and has joined since must leave again.
    again = sorted(before["removed"] - floor.removed)
    left = tuple(event for person in again for event in _disconnected(floor, person))
    return (*left, e.ActUndone(floor.marks[-1].act))
