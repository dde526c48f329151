"""Undo is a new act: it restores what the last act changed, and no fact is lost."""

from dataclasses import fields
from operator import attrgetter

import pytest

from hemicycle.procedure import Floor, Refused, Rules, standing
from hemicycle.procedure import commands as c
from hemicycle.procedure import events as e
from hemicycle.procedure.clock import left_ms, used_ms
from hemicycle.procedure.deciding import UNDO_WINDOW_MS
from hemicycle.procedure.state import ACT_FIELDS, UNDO_DEPTH
from tests.procedure.meeting import Meeting, opened, segment, speaker

acts_of = attrgetter(*ACT_FIELDS)


def same_acts(one: Floor, other: Floor) -> bool:
    """Return whether two floors agree in everything that acts determine."""
    return bool(acts_of(one) == acts_of(other))


def test_a_mistaken_giving_gives_the_floor_back_as_if_nothing_had_happened() -> None:
    meeting = opened("a", "b")
    meeting.do(c.GiveFloor("a"))
    meeting.after(60).do(c.GiveFloor("b"))
    assert meeting.after(10).do(c.Undo()) == (e.ActUndone(5),)
    assert meeting.states() == {"a": "speaking", "b": "waiting"}
    assert meeting.floor.microphone == "a"
    assert used_ms(meeting.floor, meeting.now) == 70_000


def test_signals_for_the_wrong_speaker_do_not_pass_to_the_right_one() -> None:
    meeting = opened("a", "b")
    meeting.do(c.GiveFloor("a"))
    meeting.after(100).do(c.GiveFloor("b"))
    meeting.after(150).do(c.Tick())
    warned = [meeting.floor.warned]
    meeting.do(c.Undo())
    warned.append(meeting.floor.warned)
    assert warned == [True, False]
    assert meeting.do(c.Tick()) == (e.FloorWarned("a", 180_000), e.FloorExpired("a", 180_000))


def test_facts_stay_when_an_act_is_undone() -> None:
    meeting = opened("a")
    meeting.do(c.GiveFloor())
    meeting.after(140).do(c.Extend())
    meeting.do(c.Join("seat", "person-a", "a"), c.ReportMicrophone("a", open=True))
    meeting.do(c.ReportLink("seat", "person-a", "a", "up"), c.ReportBooth("fr", "x", "fr", True))
    meeting.after(45).do(c.Tick())
    before = meeting.floor
    meeting.do(c.Undo())
    facts = attrgetter("seats", "links", "booths", "heard", "signals", "ready", "points")
    assert facts(meeting.floor) == facts(before)
    assert left_ms(meeting.floor, meeting.now) == 0


@pytest.mark.parametrize(
    ("before", "act"),
    [
        ([], c.GiveFloor()),
        ([c.GiveFloor()], c.GiveFloor()),
        ([c.GiveFloor()], c.EndFloor()),
        ([c.GiveFloor()], c.Extend()),
        ([c.GiveFloor()], c.Interrupt()),
        ([c.GiveFloor(), c.Interrupt()], c.Continue()),
        ([c.GiveFloor()], c.Suspend()),
        ([c.GiveFloor(), c.Suspend()], c.Resume()),
        ([c.GiveFloor()], c.MarkAbsent()),
        ([c.GiveFloor()], c.Skip()),
        ([], c.MarkAbsent("b")),
        ([c.Skip("a")], c.Recall("a", "last")),
        ([], c.MoveSlot("c", "a", "note")),
        ([], c.AddSlot(speaker("d"))),
        ([c.GiveFloor()], c.WithdrawSlot("a")),
        ([], c.ReplaceSpeaker("a", "another")),
        ([], c.CloseList()),
        ([c.CloseList()], c.ReopenList()),
        ([], c.Reschedule(5)),
        ([c.GiveFloor()], c.CloseSegment()),
        ([c.CloseSegment()], segment("x", id="second")),
        ([c.CloseSegment()], c.CloseMeeting()),
        ([], c.DrawQuestion("question", "a")),
        ([c.DrawQuestion("question")], c.AnswerQuestion("question")),
        ([c.RaisePointOfOrder("point", "person")], c.RulePointOfOrder("point", "upheld")),
        ([c.RaisePointOfOrder("point", "person")], c.HearPointOfOrder("point")),
        ([c.RaisePointOfOrder("point", "person"), c.GiveFloor()], c.HearPointOfOrder("point")),
    ],
)
def test_each_act_can_be_undone(before: list[c.Command], act: c.Command) -> None:
    meeting = opened("a", "b", "c", rules=Rules(points_of_order=True))
    for command in before:
        meeting.after(10).do(command)
    floor = meeting.floor
    meeting.after(10).do(act)
    assert not same_acts(meeting.floor, floor)
    meeting.after(10).do(c.Undo())
    assert same_acts(meeting.floor, floor)
    assert meeting.floor.act_seq == meeting.floor.seq


def test_acts_and_facts_are_told_apart_field_by_field() -> None:
    facts = {"seats", "links", "booths", "ready", "left_at", "heard", "points", "signals"}
    facts |= {"reports_lines", "reached", "voiced_ms", "feed_seq", "feed_stopped", "feed_stops"}
    place = {"seq", "at", "act_seq", "marks"}
    assert {*ACT_FIELDS} | facts | place == {field.name for field in fields(Floor)}
    assert {*ACT_FIELDS}.isdisjoint(facts | place)


def test_an_undone_question_was_never_between_two_speakers() -> None:
    meeting = opened("a", "b")
    meeting.do(c.GiveFloor(), c.EndFloor())
    meeting.after(8).do(c.DrawQuestion("question"))
    meeting.after(2).do(c.Undo(), c.GiveFloor(), c.EndFloor())
    assert meeting.floor.history[-1].changeover_ms == 10_000


def test_several_undos_walk_back_to_the_beginning() -> None:
    meeting = Meeting()
    floors = [meeting.floor]
    acts = (c.OpenMeeting("meeting"), segment("a", "b"), c.GiveFloor(), c.GiveFloor(), c.EndFloor())
    for act in acts:
        meeting.after(5).do(act)
        floors.append(meeting.floor)
    for floor in reversed(floors[:-1]):
        meeting.after(5).do(c.Undo())
        assert same_acts(meeting.floor, floor)
    with pytest.raises(Refused, match="nothing_to_undo"):
        meeting.do(c.Undo())


def test_after_an_undo_the_meeting_goes_on() -> None:
    meeting = opened("a", "b")
    meeting.do(c.GiveFloor("b"), c.Undo(), c.GiveFloor("a"), c.EndFloor(), c.Undo())
    assert standing(meeting.floor) == "speaking"
    assert meeting.states() == {"a": "speaking", "b": "waiting"}


def test_walking_back_is_bounded() -> None:
    meeting = opened(*(f"s{n}" for n in range(40)))
    for _ in range(40):
        meeting.do(c.GiveFloor())
    assert len(meeting.floor.marks) == UNDO_DEPTH
    for _ in range(UNDO_DEPTH):
        meeting.do(c.Undo())
    with pytest.raises(Refused, match="nothing_to_undo"):
        meeting.do(c.Undo())


def test_an_old_act_stands() -> None:
    meeting = opened("a")
    meeting.do(c.CloseSegment(), c.CloseMeeting())
    meeting.now += UNDO_WINDOW_MS
    meeting.now += 1
    with pytest.raises(Refused, match="too_late_to_undo"):
        meeting.do(c.Undo())
    meeting.now -= 1
    meeting.do(c.Undo())
    assert standing(meeting.floor) == "between"
