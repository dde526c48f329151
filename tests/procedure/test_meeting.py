"""The effects of the acts of a meeting, in order."""

import inspect

import pytest

from hemicycle.procedure import EMPTY, Impossible, Intervention, Listed, Rules, apply, standing
from hemicycle.procedure import commands as c
from hemicycle.procedure import events as e
from hemicycle.procedure.clock import READY_KEPT_MS, wake_at
from hemicycle.procedure.effects import EFFECTS
from hemicycle.procedure.folding import BESIDE_THE_FLOOR, pass_over
from hemicycle.procedure.state import HeardPoint, PassedOver, Seat
from tests.procedure.meeting import NINE, Meeting, opened, panellist, segment, speaker


def test_the_floor_goes_down_the_list() -> None:
    meeting = opened("a", "b")
    assert meeting.do(c.GiveFloor()) == (e.FloorGiven("a", 180_000),)
    assert meeting.after(100).do(c.EndFloor()) == (e.FloorEnded("a", "finished", 100_000),)
    assert meeting.after(12).do(c.GiveFloor()) == (e.FloorGiven("b", 180_000),)
    meeting.after(60).do(c.EndFloor("moderator"))
    given = NINE + 112_000
    assert meeting.floor.history[-1] == Intervention(
        slot="b",
        role="speaker",
        segment="panel",
        giving=5,
        given_at=given,
        ended_at=given + 60_000,
        limit_ms=180_000,
        used_ms=60_000,
        reason="moderator",
        changeover_ms=12_000,
    )
    assert meeting.states() == {"a": "delivered", "b": "delivered"}


def test_giving_the_floor_ends_the_present_holding() -> None:
    meeting = opened("a", "b")
    meeting.do(c.GiveFloor())
    assert meeting.after(30).do(c.GiveFloor()) == (
        e.FloorEnded("a", "finished", 30_000, "floor.given"),
        e.FloorGiven("b", 180_000),
    )
    assert [past.changeover_ms for past in meeting.floor.history] == [None]
    assert meeting.floor.holder is not None
    assert meeting.floor.holder.changeover_ms == 0


def test_each_role_has_its_limit_and_a_slot_may_have_its_own() -> None:
    meeting = opened(
        Listed("panellist", "panel", "p", "panellist"),
        Listed("short", "floor", "q", limit_ms=60_000),
        speaker("usual"),
    )
    given = [meeting.do(c.GiveFloor())[-1] for _ in range(3)]
    assert given == [
        e.FloorGiven("panellist", 420_000),
        e.FloorGiven("short", 60_000),
        e.FloorGiven("usual", 180_000),
    ]


def test_the_clock_may_wait_for_the_moderator() -> None:
    meeting = opened("a", rules=Rules(clock_starts="on_press"))
    assert meeting.do(c.GiveFloor()) == (e.FloorGiven("a", 180_000, waits=True),)
    assert standing(meeting.floor) == "halted"
    assert meeting.floor.microphone == "a"
    meeting.after(8).do(c.Continue())
    assert meeting.after(20).do(c.EndFloor()) == (e.FloorEnded("a", "finished", 20_000),)


def test_an_interruption_stops_the_clock() -> None:
    meeting = opened("a")
    meeting.do(c.GiveFloor())
    open_one = [meeting.floor.microphone]
    meeting.after(50).do(c.Interrupt("point_of_order"))
    open_one.append(meeting.floor.microphone)
    meeting.after(300).do(c.Continue())
    open_one.append(meeting.floor.microphone)
    assert open_one == ["a", None, "a"]
    assert meeting.after(10).do(c.EndFloor()) == (e.FloorEnded("a", "finished", 60_000),)


POINTS = Rules(points_of_order=True)


def test_a_point_of_order_is_heard_with_the_clock_stopped_and_over_with_the_ruling() -> None:
    meeting = opened("a", rules=POINTS)
    meeting.do(c.GiveFloor(), c.RaisePointOfOrder("point", "delegate"))
    heard = meeting.after(50).do(c.HearPointOfOrder("point"))
    assert heard == (
        e.FloorInterrupted("a", "point_of_order", 50_000, "point_of_order.heard"),
        e.PointOfOrderHeard("point"),
    )
    assert (meeting.floor.point_raiser, meeting.floor.microphone) == ("delegate", None)
    meeting.after(20).do(c.RulePointOfOrder("point", "dismissed"))
    assert (meeting.floor.point_raiser, meeting.floor.microphone) == ("", None)
    meeting.after(5).do(c.Continue())
    assert meeting.after(10).do(c.EndFloor()) == (e.FloorEnded("a", "finished", 60_000),)
    (kept,) = meeting.floor.heard_points
    assert kept == HeardPoint("point", kept.giving, NINE + 50_000, NINE + 70_000)


@pytest.mark.parametrize(
    "ending",
    [
        [c.Continue()],
        [c.EndFloor(), c.GiveFloor("b")],
        [c.CloseSegment()],
        [c.RemoveParticipant("delegate")],
    ],
)
def test_a_point_of_order_that_nobody_ruled_on_ends_with_what_follows(
    ending: list[c.Command],
) -> None:
    meeting = opened("a", "b", rules=POINTS)
    meeting.do(c.GiveFloor("a"), c.Join("seat", "delegate"))
    meeting.do(c.RaisePointOfOrder("point", "delegate"), c.HearPointOfOrder("point"))
    assert meeting.floor.point_raiser == "delegate"
    meeting.after(7).do(*ending)
    assert meeting.floor.point_raiser == ""
    assert meeting.floor.heard_points[-1].ended_at == meeting.now


def test_a_point_of_order_is_not_heard_while_the_meeting_is_suspended() -> None:
    meeting = opened("a", rules=POINTS)
    meeting.do(c.RaisePointOfOrder("point", "delegate"), c.HearPointOfOrder("point"))
    meeting.do(c.Suspend())
    assert meeting.floor.point_raiser == ""
    meeting.do(c.Resume())
    assert meeting.floor.point_raiser == "delegate"


def test_a_technical_fault_leaves_the_microphone_open() -> None:
    meeting = opened("a")
    meeting.do(c.GiveFloor(), c.Interrupt("technical"))
    assert meeting.floor.microphone == "a"


def test_a_suspension_halts_the_holder_and_is_no_changeover() -> None:
    meeting = opened("a", "b", "c")
    meeting.do(c.GiveFloor())
    assert meeting.after(40).do(c.Suspend()) == (
        e.FloorInterrupted("a", "suspension", 40_000, "meeting.suspended"),
        e.MeetingSuspended(),
    )
    meeting.after(600).do(c.Resume())
    meeting.after(5).do(c.Continue())
    meeting.after(10).do(c.EndFloor())
    assert meeting.floor.history[-1].used_ms == 50_000
    meeting.after(7).do(c.Suspend())
    meeting.after(900).do(c.Resume())
    meeting.after(4).do(c.GiveFloor(), c.EndFloor())
    assert meeting.floor.history[-1].changeover_ms == 11_000


def test_a_floor_that_becomes_free_in_a_suspension_changes_over_from_its_end() -> None:
    meeting = opened("a", "b")
    meeting.do(c.GiveFloor(), c.Suspend())
    meeting.after(60).do(c.WithdrawSlot("a"))
    meeting.after(60).do(c.Resume())
    meeting.after(3).do(c.GiveFloor(), c.EndFloor())
    assert meeting.floor.history[-1].changeover_ms == 3_000


def test_a_question_between_two_speakers_is_no_changeover() -> None:
    meeting = opened("a", "b")
    meeting.do(c.GiveFloor(), c.EndFloor(), c.DrawQuestion("question"))
    meeting.after(90).do(c.GiveFloor(), c.EndFloor())
    assert meeting.floor.history[-1].changeover_ms is None


def test_a_panellist_who_is_asked_takes_the_floor_again_to_answer() -> None:
    meeting = opened(Listed("p", "panel", "person", "panellist"), "a")
    meeting.do(c.GiveFloor("p"), c.EndFloor(), c.DrawQuestion("question", "p"))
    given = meeting.do(c.GiveFloor("p"))
    assert given == (e.FloorGiven("p", 180_000, question="question"),)
    meeting.do(c.EndFloor(), c.AnswerQuestion("question"))
    assert meeting.floor.slots["p"].times == 2
    assert meeting.floor.questions["question"].answered_at == NINE


def test_whoever_does_not_answer_is_absent_and_can_be_recalled() -> None:
    meeting = opened("a", "b", "c")
    meeting.do(c.GiveFloor())
    assert meeting.after(15).do(c.MarkAbsent()) == (
        e.FloorEnded("a", "absent", 15_000, "slot.marked_absent"),
        e.SlotMarkedAbsent("a"),
    )
    assert meeting.after(6).do(c.MarkAbsent()) == (e.SlotMarkedAbsent("b"),)
    meeting.do(c.Recall("a", "last"), c.Recall("b"))
    assert meeting.states() == {"b": "waiting", "c": "waiting", "a": "waiting"}
    assert [missed.lost_ms for missed in meeting.floor.passed_over] == [15_000, 6_000]


def test_marking_ahead_of_the_turn_costs_no_time() -> None:
    meeting = opened("a", "b", "c")
    meeting.do(c.GiveFloor(), c.EndFloor())
    meeting.after(9).do(c.MarkAbsent("c"))
    meeting.after(2).do(c.Skip())
    assert meeting.floor.passed_over == (
        PassedOver("c", "panel", 0),
        PassedOver("b", "panel", 11_000),
    )


def test_a_withdrawal_ends_the_holding() -> None:
    meeting = opened("a", "b")
    meeting.do(c.GiveFloor())
    assert meeting.do(c.WithdrawSlot("a", "note")) == (
        e.FloorEnded("a", "withdrawn", 0, "slot.withdrawn"),
        e.SlotWithdrawn("a", "note"),
    )
    assert meeting.states() == {"a": "withdrawn", "b": "waiting"}


def test_slots_are_added_moved_and_given_to_another_person() -> None:
    meeting = opened("a", "b", "c")
    meeting.do(
        c.AddSlot(speaker("d"), before="b"),
        c.MoveSlot("c", "a", "note"),
        c.ReplaceSpeaker("b", "another", ("fr",)),
        c.ReplaceSpeaker("b", "third"),
    )
    assert meeting.floor.order == ("c", "a", "d", "b")
    assert (meeting.floor.slots["b"].person, meeting.floor.slots["b"].languages) == (
        "third",
        ("fr",),
    )


def test_closing_the_segment_remembers_whoever_was_not_reached() -> None:
    meeting = opened("a", "b", "c")
    meeting.do(c.MarkAbsent("c"), c.GiveFloor())
    assert meeting.after(20).do(c.CloseSegment()) == (
        e.FloorEnded("a", "closed", 20_000, "segment.closed"),
        e.SegmentClosed("panel", ("b",)),
    )
    meeting.do(segment("x", id="second"))
    (past,) = meeting.floor.past
    assert {id: past.slots[id].state for id in past.order} == {
        "a": "delivered",
        "b": "not_reached",
        "c": "absent",
    }


def test_a_segment_may_be_given_more_time() -> None:
    meeting = opened("a")
    meeting.do(c.Reschedule(NINE + 1))
    assert meeting.floor.segment is not None
    assert meeting.floor.segment.ends_at == NINE + 1


def test_presence_is_told_by_connection_and_repeats_nothing() -> None:
    meeting = opened("a")
    meeting.do(c.Join("one", "person-a", "a"), c.Join("two", "person-a", "a"), c.Ready("a"))
    assert meeting.do(c.Join("one", "person-a", "a"), c.Ready("a")) == ()
    meeting.do(c.Leave("one"))
    assert (meeting.floor.seats, meeting.floor.ready) == (
        {"two": Seat("person-a", "a")},
        frozenset({"a"}),
    )
    meeting.do(c.Leave("two"))
    assert (meeting.floor.connected(), meeting.floor.ready) == (frozenset(), frozenset({"a"}))
    assert meeting.do(c.Leave("two")) == ()


def test_a_hand_stays_up_while_its_page_is_loaded_again() -> None:
    meeting = opened("a", "b")
    for slot in ("a", "b"):
        meeting.do(c.Join(slot, f"person-{slot}", slot), c.Ready(slot), c.Leave(slot))
    kept_s = READY_KEPT_MS / 1000
    assert wake_at(meeting.floor) == meeting.now + READY_KEPT_MS
    assert meeting.after(kept_s - 0.001).do(c.Tick()) == ()
    meeting.do(c.Join("again", "person-a", "a"))
    assert meeting.after(0.001).do(c.Tick()) == (e.SlotReadied("b", ready=False),)
    assert (meeting.floor.ready, wake_at(meeting.floor)) == (frozenset({"a"}), None)
    assert meeting.after(kept_s).do(c.Tick()) == ()
    meeting.do(c.Leave("again"))
    assert meeting.after(kept_s).do(c.Tick()) == (e.SlotReadied("a", ready=False),)
    assert (meeting.floor.ready, meeting.floor.left_at) == (frozenset(), {})


def test_a_hand_of_one_who_has_left_goes_down_with_the_meeting_or_a_removal() -> None:
    meeting = opened("a", "b", "c")
    for slot in ("a", "b", "c"):
        meeting.do(c.Join(slot, f"person-{slot}", slot), c.Ready(slot))
    meeting.do(c.RemoveParticipant("person-a"))
    assert (meeting.floor.ready, meeting.floor.left_at) == (frozenset({"b", "c"}), {})
    meeting.do(c.Leave("b"), c.GiveFloor("b"), c.EndFloor())
    assert (meeting.floor.ready, meeting.floor.left_at) == (frozenset({"c"}), {})
    meeting.do(c.CloseSegment(), c.CloseMeeting(), c.Leave("c"))
    assert (meeting.floor.ready, wake_at(meeting.floor)) == (frozenset(), None)


def test_the_green_room_opens_before_the_list_is_loaded() -> None:
    meeting = Meeting()
    meeting.do(c.Join("seat", "person-a", "a"), c.Ready("a"))
    meeting.do(c.OpenMeeting("meeting"), segment("a"))
    assert meeting.floor.ready == frozenset({"a"})
    assert meeting.do(c.Ready("a", ready=False)) == (e.SlotReadied("a", ready=False),)


def test_who_has_spoken_asks_for_the_floor_again_by_a_raised_hand() -> None:
    meeting = opened(panellist("p"), "a")
    meeting.do(c.Join("seat", "person-p", "p"), c.Ready("p"), c.GiveFloor(), c.EndFloor())
    assert meeting.floor.ready == frozenset()  # they were ready for the turn that is over
    assert meeting.do(c.Ready("p")) == (e.SlotReadied("p"),)
    meeting.do(c.Recall("p"), c.GiveFloor("p"), c.EndFloor())
    assert meeting.floor.ready == frozenset()


def test_the_engine_reports_what_is_heard() -> None:
    meeting = opened("a")
    on, off = c.ReportMicrophone("a", open=True), c.ReportMicrophone("a", open=False)
    assert meeting.do(off) == ()
    assert meeting.do(on) == (e.MicrophoneOpened("a"),)
    assert meeting.floor.heard == frozenset({"a"})
    assert meeting.do(on) == ()
    assert meeting.do(off) == (e.MicrophoneClosed("a", "engine"),)
    assert meeting.floor.heard == frozenset()


@pytest.mark.parametrize(
    "event",
    [
        e.FloorGiven("nobody", 180_000),
        e.FloorGiven("b", 180_000),
        e.FloorEnded("b", "finished", 0),
        e.FloorWarned("b", 180_000),
        e.SlotMoved("nobody", None, "note"),
        e.ParticipantLeft("nobody"),
        e.QuestionAnswered("nothing"),
        e.PointOfOrderRuled("nothing", "noted"),
        e.PointOfOrderHeard("nothing"),
        e.MeetingResumed(),
        e.ActUndone(1),
    ],
)
def test_an_entry_that_could_never_have_been_decided(event: e.Event) -> None:
    meeting = opened("a", "b")
    meeting.do(c.GiveFloor("a"))
    with pytest.raises(Impossible):
        apply(meeting.floor, meeting.floor.seq + 1, NINE, event)


def test_entries_come_in_their_order_and_acts_of_two_events_whole() -> None:
    with pytest.raises(Impossible, match="comes after"):
        apply(EMPTY, 0, NINE, e.MeetingOpened("meeting"))
    meeting = opened("a", "b")
    meeting.do(c.GiveFloor("a"))
    half = apply(meeting.floor, 90, NINE, e.FloorEnded("a", "finished", 0, "floor.given"))
    with pytest.raises(Impossible, match="must follow"):
        apply(half, 91, NINE, e.ListClosed())


def test_an_entry_that_cannot_be_read_takes_the_floor_from_everybody() -> None:
    meeting = opened("a", "b")
    meeting.do(c.GiveFloor("a"))
    passed = pass_over(meeting.floor, meeting.floor.seq + 1, meeting.now, "floor.lent")
    assert (passed.holder, passed.microphones, passed.seq) == (
        None,
        frozenset(),
        meeting.floor.seq + 1,
    )
    given = apply(passed, passed.seq + 1, meeting.now, e.FloorGiven("b", 60_000))
    assert given.microphone == "b"
    with pytest.raises(Impossible):
        apply(given, given.seq + 1, meeting.now, e.ActUndone(meeting.floor.act_seq))


@pytest.mark.parametrize(
    "kind", ["link.measured", "sound.measured", "question.drawn", "list.closed"]
)
def test_an_entry_beside_the_floor_leaves_the_floor(kind: str) -> None:
    meeting = opened("a", "b")
    meeting.do(c.GiveFloor("a"))
    passed = pass_over(meeting.floor, meeting.floor.seq + 1, meeting.now, kind)
    assert passed.microphone == "a"


def test_no_kind_that_leaves_the_floor_has_an_effect_on_who_is_heard() -> None:
    """An older engine lets people speak on by this rule, which is checked for all known kinds."""
    heard = {"holder", "phase", "discussions", "heard_points", "muted", "removed"}
    for event_type, effect in EFFECTS.items():
        if event_type.KIND.partition(".")[0] in BESIDE_THE_FLOOR:
            body = inspect.getsource(effect)
            assert not [name for name in sorted(heard) if f'"{name}":' in body], event_type.KIND
