"""Each command in every standing, and in every state of a slot: allowed, or refused unchanged."""

from collections.abc import Callable

import pytest

from hemicycle.procedure import (
    Floor,
    Listed,
    Refused,
    Rules,
    Stale,
    decide,
    fresh,
    permitted,
    standing,
)
from hemicycle.procedure import commands as c
from hemicycle.procedure.deciding import DECIDERS
from hemicycle.procedure.effects import EFFECTS
from hemicycle.procedure.events import EVENTS, ActUndone
from hemicycle.procedure.refusals import CODES
from hemicycle.procedure.snapshot import to_json
from hemicycle.procedure.transitions import MEETING, OK, SLOT, STANDINGS, slot_standing
from tests.procedure.meeting import NINE, Meeting, chair, opened, panellist, segment, speaker

RULES = Rules(presentation_limit_ms=180_000, points_of_order=True, discussion="allowed")


def between() -> Meeting:
    meeting = Meeting()
    meeting.do(
        c.OpenMeeting("meeting"),
        segment(rules=RULES, id="opening"),
        c.RaisePointOfOrder("point", "person"),
        c.Join("seat", "person"),
        c.CloseSegment(),
    )
    return meeting


def free() -> Meeting:
    """Return a segment with a free floor, in which acts and facts of many kinds have happened."""
    meeting = opened(panellist("a"), panellist("b"), "gone", rules=RULES)
    meeting.do(
        c.MarkAbsent("gone"),
        c.RaisePointOfOrder("point", "person"),
        c.DrawQuestion("question"),
        c.Join("seat", "person"),
    )
    return meeting


def speaking() -> Meeting:
    meeting = free()
    meeting.do(c.GiveFloor("a"))
    return meeting


def halted() -> Meeting:
    meeting = speaking()
    meeting.do(c.Interrupt())
    return meeting


def discussing() -> Meeting:
    meeting = free()
    meeting.do(c.OpenDiscussion())
    return meeting


def suspended() -> Meeting:
    meeting = free()
    meeting.do(c.Suspend())
    return meeting


def recess() -> Meeting:
    meeting = free()
    meeting.do(c.CloseSegment(), c.Suspend())
    return meeting


def closed() -> Meeting:
    meeting = between()
    meeting.do(c.CloseMeeting())
    return meeting


FLOORS: dict[str, Callable[[], Meeting]] = {
    "unopened": Meeting,
    "between": between,
    "free": free,
    "speaking": speaking,
    "halted": halted,
    "discussing": discussing,
    "suspended": suspended,
    "recess": recess,
    "closed": closed,
}

COMMANDS: dict[str, c.Command] = {
    command.NAME: command
    for command in (
        c.OpenMeeting("meeting"),
        c.Suspend(),
        c.Resume(),
        c.CloseMeeting(),
        segment("x", "y", id="second"),
        c.Reschedule(NINE + 9_000_000),
        c.CloseSegment(),
        c.CloseList(),
        c.ReopenList(),
        c.AddSlot(speaker("new")),
        c.MoveSlot("b", None, "note"),
        c.WithdrawSlot("b"),
        c.ReplaceSpeaker("b", "another"),
        c.Skip(),
        c.MarkAbsent(),
        c.Recall("gone"),
        c.GiveFloor("b"),
        c.EndFloor(),
        c.Extend(),
        c.Interrupt(),
        c.Continue(),
        c.OpenDiscussion(),
        c.CloseDiscussion(),
        c.Mute("a"),
        c.Unmute("a"),
        c.RemoveParticipant("person"),
        c.ReadmitParticipant("person"),
        c.DrawQuestion("second"),
        c.AnswerQuestion("question"),
        c.HearPointOfOrder("point"),
        c.RulePointOfOrder("point", "noted"),
        c.Undo(),
        c.RaisePointOfOrder("another", "person"),
        c.Ready("later"),
        c.Join("another", "person"),
        c.Leave("seat"),
        c.ReportMicrophone("a", open=True),
        c.ReportLink("link", "person", "a", "up"),
        c.ReportVoice("a", NINE, NINE + 1000),
        c.ReportSound("a", -2300, -300),
        c.ReportBooth("fr", "interpreter", "fr", live=True),
        c.ReportSignal("fr", "slow"),
        c.ReportTechnician("silenced", "technician", "seat", "a"),
        c.StopFeed(),
        c.ResumeFeed(1),
        c.Tick(),
    )
}

SILENT = (
    {("unopened", "leave")}
    | {(standing, "tick") for standing in STANDINGS if standing != "speaking"}
    | {(standing, fact) for standing in STANDINGS for fact in ("resume_feed", "report_voice")}
)
"""Standings and facts where the fact says nothing new, and so leaves no entry."""


def test_everything_is_in_the_tables() -> None:
    assert set(MEETING) == set(c.COMMANDS) == set(COMMANDS)
    assert set(DECIDERS) == set(c.COMMANDS.values())
    assert set(EFFECTS) | {ActUndone} == set(EVENTS.values())
    assert set(FLOORS) == set(STANDINGS)
    for table in (MEETING, SLOT):
        cells = {cell for row in table.values() for cell in row.values()}
        assert cells - {OK} <= set(CODES)


def refusal(floor: Floor, command: c.Command) -> str:
    """Return the code with which `command` is refused, or "ok"; neither changes `floor`."""
    before = to_json(floor)
    code = OK
    try:
        decide(floor, command, NINE + 170_000)
    except Refused as refused:
        code = refused.code
    assert to_json(floor) == before
    return code


def prepared(name: str, command: str) -> Meeting:
    """Return a meeting in a standing, with everything else that the command needs."""
    meeting = FLOORS[name]()
    if MEETING[command][name] != OK:
        return meeting
    if command == "reopen_list" and meeting.floor.list_open:
        meeting.do(c.CloseList())
    if command == "unmute":
        meeting.do(c.Mute("a"))
    if command in ("remove_participant", "readmit_participant"):
        meeting.do(c.Join("another seat", "person"))
    if command == "readmit_participant":
        meeting.do(c.RemoveParticipant("person"))
    return meeting


@pytest.mark.parametrize("command", sorted(COMMANDS))
@pytest.mark.parametrize("name", STANDINGS)
def test_each_standing_and_command(name: str, command: str) -> None:
    meeting = prepared(name, command)
    assert standing(meeting.floor) == name
    cell = MEETING[command][name]
    assert permitted(meeting.floor, command) == (cell == OK)
    if (name, command) == ("unopened", "undo"):
        cell = "nothing_to_undo"
    assert refusal(meeting.floor, COMMANDS[command]) == cell
    if cell == OK:
        events = meeting.after(170).do(COMMANDS[command])
        assert bool(events) == ((name, command) not in SILENT)
        assert standing(meeting.floor) in STANDINGS


CHAIRED = ("chair", "presiding")
"""The states of a chair's slot, as the table's columns name them."""


def with_slot(state: str) -> Meeting:
    """Return a meeting in which the slot "s" has reached `state`."""
    meeting = opened(chair("s") if state in CHAIRED else "s", "t")
    steps: dict[str, tuple[c.Command, ...]] = {
        "waiting": (),
        "speaking": (c.GiveFloor("s"),),
        "delivered": (c.GiveFloor("s"), c.EndFloor()),
        "asked": (c.GiveFloor("s"), c.EndFloor(), c.DrawQuestion("question", "s")),
        "absent": (c.MarkAbsent("s"),),
        "skipped": (c.Skip("s"),),
        "withdrawn": (c.WithdrawSlot("s"),),
        "chair": (),
        "presiding": (c.GiveFloor("s"),),
    }
    meeting.do(*steps[state])
    return meeting


ABOUT_S: dict[str, c.Command] = {
    "give_floor": c.GiveFloor("s"),
    "skip": c.Skip("s"),
    "mark_absent": c.MarkAbsent("s"),
    "recall": c.Recall("s"),
    "move_slot": c.MoveSlot("s", None, "note"),
    "withdraw_slot": c.WithdrawSlot("s"),
    "replace_speaker": c.ReplaceSpeaker("s", "another"),
    "mute": c.Mute("s"),
    "unmute": c.Unmute("s"),
    "ready": c.Ready("s"),
}


@pytest.mark.parametrize("command", sorted(ABOUT_S))
@pytest.mark.parametrize("state", [state for state in SLOT["recall"] if state != "not_reached"])
def test_each_state_of_a_slot_and_command(state: str, command: str) -> None:
    meeting = with_slot(state)
    if command in ("mute", "unmute") and state not in ("speaking", "presiding"):
        meeting.do(c.GiveFloor("t"))
    if command == "unmute" and state in ("speaking", "presiding"):
        meeting.do(c.Mute("s"))
    assert slot_standing(meeting.floor, meeting.floor.slots["s"]) == state
    cell = SLOT[command][state]
    assert refusal(meeting.floor, ABOUT_S[command]) == cell
    if cell == OK:
        assert meeting.do(ABOUT_S[command])


def test_who_was_not_reached_is_out_of_reach() -> None:
    # The segment is closed then: its standing refuses all commands about a slot except readiness.
    meeting = with_slot("waiting")
    meeting.do(c.CloseSegment())
    assert meeting.states() == {"s": "not_reached", "t": "not_reached"}
    assert {row["not_reached"] for row in SLOT.values()} == {"not_reached"}
    assert refusal(meeting.floor, c.Ready("s")) == "not_reached"
    assert refusal(meeting.floor, c.GiveFloor("s")) == "between"


def test_a_refusal_carries_its_code() -> None:
    with pytest.raises(Refused) as refused:
        decide(opened("a").floor, c.EndFloor(), NINE)
    assert (refused.value.code, str(refused.value)) == ("free", "free")


def test_of_two_presses_on_the_same_sight_one_is_taken() -> None:
    meeting = speaking()
    seen = meeting.floor.act_seq
    meeting.do(c.Join("late", "person"), c.ReportMicrophone("a", open=True))
    fresh(meeting.floor, seen)
    meeting.do(c.Extend())
    with pytest.raises(Stale) as stale:
        fresh(meeting.floor, seen)
    assert stale.value.code == "stale"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (c.GiveFloor("nobody"), "unknown_slot"),
        (c.AddSlot(speaker("a")), "listed_twice"),
        (c.AddSlot(speaker("new"), before="nobody"), "bad_place"),
        (c.AddSlot(Listed("new", "floor", "p", limit_ms=0)), "bad_duration"),
        (c.MoveSlot("b", "nobody", "note"), "bad_place"),
        (c.MoveSlot("b", "b", "note"), "bad_place"),
        (c.MoveSlot("b", "a"), "no_reason"),
        (c.ReopenList(), "list_open"),
        (c.DrawQuestion("question"), "drawn"),
        (c.DrawQuestion("second", "nobody"), "unknown_slot"),
        (c.AnswerQuestion("second"), "not_drawn"),
        (c.RaisePointOfOrder("point", "person"), "raised"),
        (c.RulePointOfOrder("second", "upheld"), "not_raised"),
        (c.HearPointOfOrder("second"), "not_raised"),
        (c.RemoveParticipant("nobody"), "unknown_person"),
        (c.RemoveParticipant(""), "unknown_person"),
        (c.ReadmitParticipant("person"), "not_removed"),
    ],
)
def test_a_command_wrong_in_itself(command: c.Command, code: str) -> None:
    assert refusal(free().floor, command) == code


def test_a_command_that_was_obeyed_once() -> None:
    meeting = free()
    once = (c.CloseList(), c.AnswerQuestion("question"), c.RulePointOfOrder("point", "upheld"))
    meeting.do(*once)
    codes = [refusal(meeting.floor, command) for command in once]
    assert codes == ["list_closed", "answered", "ruled"]
    assert refusal(meeting.floor, c.AddSlot(speaker("new"))) == "list_closed"


@pytest.mark.parametrize(
    ("extend", "rules", "code"),
    [
        (c.Extend(0), Rules(), "bad_duration"),
        (c.Extend(-5), Rules(), "bad_duration"),
        (c.Extend(), Rules(max_extensions=0), "no_extension"),
        (c.Extend(), Rules(max_extensions=1), OK),
    ],
)
def test_extensions_within_the_rules(extend: c.Extend, rules: Rules, code: str) -> None:
    meeting = opened("a", rules=rules)
    meeting.do(c.GiveFloor())
    assert refusal(meeting.floor, extend) == code


def test_nobody_is_left_to_call() -> None:
    meeting = opened("a")
    meeting.do(c.GiveFloor())
    assert refusal(meeting.floor, c.GiveFloor()) == "list_done"
    meeting.do(c.EndFloor())
    assert refusal(meeting.floor, c.Skip()) == "list_done"
    assert refusal(meeting.floor, c.MarkAbsent()) == "list_done"


def test_one_point_of_order_is_heard_at_a_time_until_the_ruling() -> None:
    meeting = free()
    meeting.do(c.RaisePointOfOrder("second", "other"), c.HearPointOfOrder("point"))
    assert refusal(meeting.floor, c.HearPointOfOrder("point")) == "point_heard"
    assert refusal(meeting.floor, c.HearPointOfOrder("second")) == "point_heard"
    meeting.do(c.RulePointOfOrder("point", "noted"))
    assert refusal(meeting.floor, c.HearPointOfOrder("point")) == "ruled"
    meeting.do(c.HearPointOfOrder("second"))


def test_nobody_who_was_removed_is_heard_with_a_point_of_order() -> None:
    meeting = free()
    meeting.do(c.RemoveParticipant("person"))
    assert refusal(meeting.floor, c.HearPointOfOrder("point")) == "removed"


def test_points_of_order_are_off_unless_the_rules_turn_them_on() -> None:
    meeting = opened("a")
    assert refusal(meeting.floor, c.RaisePointOfOrder("point", "person")) == "points_off"


def test_segments_are_held_once_and_list_a_slot_once() -> None:
    meeting = opened("a")
    meeting.do(c.CloseSegment())
    assert refusal(meeting.floor, segment("b")) == "segment_held"
    assert refusal(meeting.floor, segment("a", id="second")) == "listed_twice"
    assert refusal(meeting.floor, segment("b", "b", id="second")) == "listed_twice"
    meeting.do(segment("b", id="second"))
    assert refusal(meeting.floor, c.AddSlot(speaker("a"))) == "listed_twice"


@pytest.mark.parametrize(
    "rules",
    [
        Rules(time_limit_ms=0),
        Rules(presentation_limit_ms=-1),
        Rules(extension_ms=0),
        Rules(warning_ms=-1),
        Rules(grace_ms=-1),
        Rules(max_extensions=-1),
    ],
)
def test_rules_that_cannot_be_kept(rules: Rules) -> None:
    assert refusal(between().floor, segment("a", rules=rules)) == "bad_rules"
