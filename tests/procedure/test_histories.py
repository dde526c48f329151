"""What holds in every history: thousands of random ones, with a clock that also steps back."""

import json
from operator import attrgetter

from hypothesis import given, settings
from hypothesis import strategies as st

from hemicycle.procedure import (
    EMPTY,
    Entry,
    Floor,
    Listed,
    Refused,
    Rules,
    Stale,
    apply,
    decide,
    fold,
    fresh,
)
from hemicycle.procedure import commands as c
from hemicycle.procedure.clock import due, left_ms, over_ms, used_ms, wake_at
from hemicycle.procedure.events import ActUndone, from_body, to_body
from hemicycle.procedure.snapshot import from_json, to_json
from hemicycle.procedure.state import ACT_FIELDS
from tests.procedure.meeting import NINE

acts_of = attrgetter(*ACT_FIELDS)

SLOT_IDS = ("a", "b", "c", "d", "e")
slots = st.sampled_from(SLOT_IDS)
maybe_slot = st.none() | slots
ids = st.sampled_from(("x", "y"))
notes = st.sampled_from(("", "note"))

RULES = st.builds(
    Rules,
    warning_ms=st.sampled_from((0, 30_000, 200_000)),
    max_extensions=st.sampled_from((None, 1)),
    at_limit=st.sampled_from(("signal", "cut")),
    grace_ms=st.sampled_from((0, 5_000)),
    clock_starts=st.sampled_from(("on_floor", "on_press")),
    points_of_order=st.booleans(),
)
LISTED = st.builds(
    Listed,
    slots,
    st.just("track"),
    ids,
    st.sampled_from(("speaker", "panellist")),
    limit_ms=st.sampled_from((None, 60_000)),
)
SEGMENTS = st.builds(
    c.OpenSegment,
    st.sampled_from(("first", "second")),
    st.just("panel"),
    st.just(NINE),
    RULES,
    st.lists(LISTED, min_size=2, unique_by=lambda each: each.id).map(tuple),
)
ON_THE_FLOOR = {
    "give_floor": st.builds(c.GiveFloor, maybe_slot),
    "end_floor": st.just(c.EndFloor()),
    "extend": st.builds(c.Extend, st.sampled_from((None, 10_000))),
    "interrupt": st.builds(c.Interrupt, st.sampled_from(("technical", "moderator"))),
    "continue": st.just(c.Continue()),
    "skip": st.builds(c.Skip, maybe_slot),
    "mark_absent": st.builds(c.MarkAbsent, maybe_slot),
    "recall": st.builds(c.Recall, slots, st.sampled_from(("own_place", "last"))),
    "tick": st.just(c.Tick()),
    "undo": st.just(c.Undo()),
}
AROUND_IT = {
    "open_meeting": st.just(c.OpenMeeting("meeting")),
    "open_segment": SEGMENTS,
    "suspend": st.builds(c.Suspend, notes),
    "resume": st.just(c.Resume()),
    "close_segment": st.just(c.CloseSegment()),
    "close_meeting": st.just(c.CloseMeeting()),
    "reschedule": st.builds(c.Reschedule, st.integers(NINE, NINE + 9)),
    "add_slot": st.builds(c.AddSlot, LISTED, maybe_slot),
    "move_slot": st.builds(c.MoveSlot, slots, maybe_slot, notes),
    "withdraw_slot": st.builds(c.WithdrawSlot, slots),
    "replace_speaker": st.builds(c.ReplaceSpeaker, slots, ids),
    "close_list": st.just(c.CloseList()),
    "reopen_list": st.just(c.ReopenList()),
    "draw_question": st.builds(c.DrawQuestion, ids, st.just("") | slots),
    "answer_question": st.builds(c.AnswerQuestion, ids),
    "raise_point_of_order": st.builds(c.RaisePointOfOrder, ids, ids),
    "rule_point_of_order": st.builds(c.RulePointOfOrder, ids, st.just("noted")),
    "ready": st.builds(c.Ready, slots, st.booleans()),
    "join": st.builds(c.Join, ids, ids, st.just("") | slots),
    "leave": st.builds(c.Leave, ids),
    "report_microphone": st.builds(c.ReportMicrophone, slots, st.booleans()),
}
# Acts on the floor are as frequent as all others together: they are what a panel is made of.
FLOOR_COMMANDS: st.SearchStrategy[c.Command] = st.one_of(*ON_THE_FLOOR.values())
ANY_COMMAND: st.SearchStrategy[c.Command] = st.booleans().flatmap(
    lambda on_the_floor: st.one_of(*(ON_THE_FLOOR if on_the_floor else AROUND_IT).values())
)
STEPS = st.lists(st.tuples(ANY_COMMAND, st.integers(-20_000, 120_000)), max_size=30)
BEGINNINGS = st.one_of(
    st.just(()),
    SEGMENTS.map(lambda segment: ((c.OpenMeeting("meeting"), 0), (segment, 0))),
)
HISTORIES = st.builds(lambda begun, steps: (*begun, *steps), BEGINNINGS, STEPS)

type Steps = tuple[tuple[c.Command, int], ...]

often = settings(max_examples=700, deadline=None)


class Run:
    """A random history played; each step is checked as it is taken."""

    def __init__(self) -> None:
        self.now = NINE
        self.floor: Floor = EMPTY
        self.entries: list[Entry] = []

    def play(self, steps: Steps) -> "Run":
        for command, later in steps:
            self.now += later
            self.step(command)
        return self

    def step(self, command: c.Command) -> bool:
        """Take one step; whether it was allowed and changed something."""
        try:
            events = decide(self.floor, command, self.now)
        except Refused:
            return False
        for event in events:
            entry = (self.floor.seq + 3, self.now, event)
            self.entries.append(entry)
            self.floor = apply(self.floor, *entry)
        return bool(events)


def check(floor: Floor, now: int) -> None:
    """What must be true of any floor at any time."""
    speaking = [slot.id for slot in floor.slots.values() if slot.state == "speaking"]
    assert speaking == ([floor.holder.slot] if floor.holder else [])
    assert sorted(floor.order) == sorted(floor.slots)
    assert not any(mark.awaits for mark in floor.marks)
    assert min(used_ms(floor, now), left_ms(floor, now), over_ms(floor, now)) >= 0
    assert (floor.phase == "suspended") == (floor.suspended_at is not None)
    for past in floor.history:
        assert past.used_ms >= 0
        assert past.given_at <= past.ended_at <= floor.at
        assert past.changeover_ms is None or past.changeover_ms >= 0
    for earlier, later in zip(floor.history, floor.history[1:], strict=False):
        assert earlier.ended_at <= later.given_at
    assert all(lost.lost_ms is None or lost.lost_ms >= 0 for lost in floor.passed_over)


@often
@given(HISTORIES)
def test_no_double_floor_and_no_negative_time(steps: Steps) -> None:
    run = Run()
    for command, later in steps:
        run.now += later
        run.step(command)
        check(run.floor, run.now)


@often
@given(HISTORIES)
def test_no_place_is_lost(steps: Steps) -> None:
    run = Run()
    for command, later in steps:
        before = run.floor
        run.now += later
        run.step(command)
        after = run.floor
        if isinstance(command, c.OpenSegment | c.Undo) or before.slots.keys() == after.slots.keys():
            continue
        assert isinstance(command, c.AddSlot)
        assert after.slots.keys() - before.slots.keys() == {command.slot.id}
        assert before.slots.keys() <= after.slots.keys()
    listed = [id for past in run.floor.past for id in past.slots]
    assert len(listed) == len(set(listed))


@often
@given(HISTORIES, st.integers(0, 40))
def test_a_snapshot_and_later_entries_are_a_fresh_read(steps: Steps, cut: int) -> None:
    run = Run().play(steps)
    assert fold(run.entries) == run.floor
    early = fold(run.entries[:cut])
    restored = from_json(json.loads(json.dumps(to_json(early), sort_keys=True)))
    assert restored == early
    assert fold(run.entries[cut:], restored) == run.floor


@often
@given(HISTORIES)
def test_entries_survive_the_record(steps: Steps) -> None:
    for _, _, event in Run().play(steps).entries:
        body = json.loads(json.dumps(to_body(event), sort_keys=True))
        assert from_body(event.KIND, event.VERSION, body) == event


@often
@given(HISTORIES, ANY_COMMAND, st.integers(0, 100_000))
def test_an_act_and_its_undo_leave_the_acts_as_they_were(
    steps: Steps, act: c.Command, later: int
) -> None:
    run = Run().play(steps)
    before = run.floor
    run.now = max(run.now, before.at)
    if not act.ACT or isinstance(act, c.Undo) or not run.step(act):
        return
    # Facts come between: they must survive.
    run.now += later
    run.step(c.Join("late", "person"))
    run.step(c.Tick())
    between = run.floor
    assert run.step(c.Undo())
    assert acts_of(run.floor) == acts_of(before)
    assert run.floor.marks == before.marks[-19:]
    for fact in ("seats", "ready", "heard", "points", "signals"):
        assert getattr(run.floor, fact) == getattr(between, fact)


@often
@given(HISTORIES)
def test_undo_walks_back_through_every_act_once(steps: Steps) -> None:
    run = Run().play(steps)
    run.now = max(run.now, run.floor.at)
    left = [mark.act for mark in run.floor.marks]
    undone = []
    while run.floor.marks and run.step(c.Undo()):
        event = run.entries[-1][2]
        assert isinstance(event, ActUndone)
        undone.append(event.act)
    assert undone == left[::-1][: len(undone)]


@often
@given(HISTORIES)
def test_signals_are_given_once_and_the_clock_asks_for_them(steps: Steps) -> None:
    run = Run().play(steps)
    while (at := wake_at(run.floor)) is not None:
        run.now = max(run.now, at)
        assert run.step(c.Tick())
        assert due(run.floor, run.now) == ()
        assert not run.step(c.Tick())
    for given_signals in run.floor.signals.values():
        assert len(given_signals) == len(set(given_signals))


@often
@given(HISTORIES, FLOOR_COMMANDS, FLOOR_COMMANDS)
def test_two_acts_on_one_sight_cannot_both_win(
    steps: Steps, first: c.Command, second: c.Command
) -> None:
    run = Run().play(steps)
    seen = run.floor.act_seq
    run.step(c.Tick())
    fresh(run.floor, seen)
    taken = [run.step(first)] if first.ACT else [False]
    try:
        fresh(run.floor, seen)
        taken.append(second.ACT and run.step(second))
    except Stale:
        assert taken == [True]
    assert taken.count(True) <= 1


@often
@given(HISTORIES, ANY_COMMAND)
def test_a_refusal_changes_nothing(steps: Steps, command: c.Command) -> None:
    run = Run().play(steps)
    before = json.dumps(to_json(run.floor))
    if not run.step(command):
        assert json.dumps(to_json(run.floor)) == before


def test_random_histories_know_every_command() -> None:
    assert ON_THE_FLOOR.keys() | AROUND_IT.keys() == c.COMMANDS.keys()
