"""A segment's chair: on no list, given the floor at any time, without a limit unless one is set."""

import pytest

from hemicycle.procedure import Refused, Rules, decide
from hemicycle.procedure import commands as c
from hemicycle.procedure import events as e
from hemicycle.procedure.clock import UNLIMITED_MS, cut_at, due, holder_clock, phase, wake_at
from hemicycle.procedure.forecast import PRIOR, forecast, foresee
from hemicycle.procedure.snapshot import from_json, to_json
from hemicycle.procedure.terms import Listed
from tests.procedure.meeting import NINE, Meeting, chair, opened, panellist, speaker

CUT = Rules(at_limit="cut", grace_ms=5_000)


def chaired(*slots: str | Listed, rules: Rules | None = None) -> Meeting:
    """Return a meeting whose panel has opened with a chair "z"."""
    return opened(chair("z"), *(slots or ("a", "b")), rules=rules)


def code_of(meeting: Meeting, command: c.Command) -> str:
    with pytest.raises(Refused) as refused:
        decide(meeting.floor, command, meeting.now)
    return refused.value.code


def test_a_chair_stands_on_no_list() -> None:
    meeting = chaired()
    assert meeting.floor.order == ("a", "b")
    assert [slot.id for slot in meeting.floor.waiting()] == ["a", "b"]
    meeting.do(c.GiveFloor())
    assert meeting.floor.holder is not None
    assert meeting.floor.holder.slot == "a"
    meeting.do(c.AddSlot(chair("y"), before="b"))
    assert meeting.floor.order == ("a", "b")
    assert meeting.floor.slots["y"].role == "chair"


def test_nobody_is_placed_in_front_of_a_chair() -> None:
    meeting = chaired()
    assert code_of(meeting, c.MoveSlot("b", "z", "They asked.")) == "bad_place"
    assert code_of(meeting, c.AddSlot(speaker("new"), before="z")) == "bad_place"


def test_a_chair_speaks_before_between_and_after_the_list() -> None:
    meeting = chaired()
    for slot in ("z", "a", "z", "b", "z"):
        meeting.do(c.GiveFloor(slot if slot == "z" else None))
        meeting.after(30)
    meeting.do(c.EndFloor())
    assert [past.slot for past in meeting.floor.history] == ["z", "a", "z", "b", "z"]
    assert [past.role for past in meeting.floor.history if past.slot == "z"] == ["chair"] * 3
    assert meeting.floor.slots["z"].times == 3
    assert meeting.floor.slots["z"].used_ms == 90_000
    assert code_of(meeting, c.GiveFloor()) == "list_done"


def test_giving_the_chair_the_floor_ends_a_speech_and_its_undo_restores_it() -> None:
    meeting = chaired()
    meeting.do(c.GiveFloor())
    meeting.after(60)
    events = meeting.do(c.GiveFloor("z"))
    assert [type(event) for event in events] == [e.FloorEnded, e.FloorGiven]
    meeting.after(10).do(c.Undo())
    assert meeting.floor.holder is not None
    assert meeting.floor.holder.slot == "a"
    assert meeting.floor.slots["z"].state == "waiting"


def test_without_a_limit_the_clock_counts_up_and_never_warns_or_cuts() -> None:
    meeting = chaired(rules=CUT)
    (given,) = meeting.do(c.GiveFloor("z"))
    assert isinstance(given, e.FloorGiven)
    assert given.limit_ms == UNLIMITED_MS
    later = meeting.after(5 * 3600).now
    assert (wake_at(meeting.floor), cut_at(meeting.floor), due(meeting.floor, later)) == (
        None,
        None,
        (),
    )
    clock = holder_clock(meeting.floor)
    assert clock is not None
    assert (clock.figures(later), phase(meeting.floor, later)) == ("300:00", "speaking")
    assert meeting.floor.microphone == "z"
    assert code_of(meeting, c.Extend()) == "no_limit"
    meeting.do(c.EndFloor())
    assert (meeting.floor.history[-1].reason, meeting.floor.history[-1].used_ms) == (
        "finished",
        5 * 3_600_000,
    )


def test_a_limit_of_the_segment_applies_as_to_anybody() -> None:
    meeting = opened(chair("z", 120_000), "a", rules=CUT)
    meeting.do(c.GiveFloor("z"))
    assert cut_at(meeting.floor) == NINE + 125_000
    (extended,) = meeting.do(c.Extend())
    assert isinstance(extended, e.FloorExtended)
    assert extended.limit_ms == 150_000


@pytest.mark.parametrize("spoken", [False, True])
def test_a_chair_is_neither_missed_nor_left_over(spoken: bool) -> None:
    meeting = chaired()
    if spoken:
        meeting.do(c.GiveFloor("z"), c.EndFloor())
    (closed,) = meeting.do(c.CloseSegment())
    assert isinstance(closed, e.SegmentClosed)
    assert closed.not_reached == ("a", "b")
    assert meeting.floor.past[-1].slots["z"].state == ("delivered" if spoken else "waiting")


def test_a_chair_who_did_not_come_can_be_given_the_floor_again() -> None:
    meeting = chaired()
    meeting.do(c.ReportLink("other", "person-a", "a", "up"), c.GiveFloor("z"))
    (ended,) = meeting.do(c.EndFloor())
    assert isinstance(ended, e.FloorEnded)
    assert ended.reason == "absent"
    assert not meeting.floor.passed_over
    meeting.do(c.GiveFloor("z"))


def test_a_chair_discusses_with_the_panel() -> None:
    meeting = chaired(panellist("p"), "a", rules=Rules(discussion="allowed"))
    meeting.do(c.OpenDiscussion())
    assert meeting.floor.microphones == {"z", "p"}


def test_no_forecast_waits_for_a_chair_or_learns_from_one() -> None:
    meeting = chaired()
    alone = opened("a", "b")
    assert forecast(meeting.floor, NINE) == forecast(alone.floor, NINE)
    slots = (speaker("a"), speaker("b"))
    end = NINE + 7_200_000
    assert foresee((chair("z"), *slots), Rules(), NINE, end) == foresee(slots, Rules(), NINE, end)
    meeting.do(c.GiveFloor("z"))
    meeting.after(3_000).do(c.EndFloor())
    assert PRIOR.after(meeting.floor.history) == PRIOR


def test_while_a_chair_speaks_the_rest_of_the_list_is_forecast_soon() -> None:
    meeting = chaired()
    meeting.do(c.GiveFloor("z"))
    first = forecast(meeting.floor, NINE).expectations[0]
    assert first.slot == "a"
    assert NINE < first.expected < NINE + 300_000


def test_a_snapshot_keeps_the_chair() -> None:
    meeting = chaired()
    meeting.do(c.GiveFloor("z"))
    assert from_json(to_json(meeting.floor)) == meeting.floor
