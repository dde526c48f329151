"""Properties of every history, on thousands of random ones with a clock that also steps back."""

import json
from collections import Counter
from operator import attrgetter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.procedure import Floor, Stale, fold, fresh
from hemicycle.procedure import commands as c
from hemicycle.procedure.bodies import from_body, to_body
from hemicycle.procedure.clock import due, left_ms, used_ms, wake_at
from hemicycle.procedure.events import EVENTS, ActUndone
from hemicycle.procedure.snapshot import from_json, to_json
from hemicycle.procedure.state import ACT_FIELDS, UNDO_DEPTH
from tests.procedure.histories import MAKERS, Run

pytestmark = pytest.mark.slow

acts_of = attrgetter(*ACT_FIELDS)

SEEDS = st.integers(0, 2**32)
LENGTHS = st.integers(0, 60)


def check(floor: Floor, now: int) -> None:
    """Check what must be true of any floor at any time."""
    speaking = [slot.id for slot in floor.slots.values() if slot.state == "speaking"]
    assert speaking == ([floor.holder.slot] if floor.holder else [])
    listed = [slot.id for slot in floor.slots.values() if slot.role != "chair"]
    assert sorted(floor.order) == sorted(listed)
    assert not any(mark.awaits for mark in floor.marks)
    assert min(used_ms(floor, now), left_ms(floor, now)) >= 0
    assert floor.muted <= ({floor.holder.slot} if floor.holder else set(floor.slots))
    assert not floor.muted or floor.holder or floor.discussion
    assert not (floor.holder and floor.discussion)
    assert len(floor.microphones) < 2 or floor.discussion
    assert floor.microphones <= floor.slots.keys()
    for talk in floor.discussions[:-1]:
        assert talk.ended_at is not None
    assert all(ms >= 0 for voiced in floor.voiced_ms.values() for ms in voiced.values())
    for connected in (floor.seats, floor.links):
        assert floor.removed.isdisjoint(seat.person for seat in connected.values())
    assert (floor.phase == "suspended") == (floor.suspended_at is not None)
    for past in floor.history:
        assert past.used_ms >= 0
        assert past.given_at <= past.ended_at <= floor.at
        assert past.changeover_ms is None or past.changeover_ms >= 0
    for earlier, later in zip(floor.history, floor.history[1:], strict=False):
        assert earlier.ended_at <= later.given_at
    assert all(lost.lost_ms is None or lost.lost_ms >= 0 for lost in floor.passed_over)


@given(SEEDS, LENGTHS)
def test_no_double_floor_and_no_negative_time(seed: int, length: int) -> None:
    run = Run(seed)
    for _ in range(length):
        run.play(1)
        check(run.floor, run.now)


@given(SEEDS, LENGTHS)
def test_no_place_is_lost(seed: int, length: int) -> None:
    run = Run(seed)
    for _ in range(length):
        before, command = run.floor, run.choose()
        run.take(command)
        after = run.floor
        if isinstance(command, c.OpenSegment | c.Undo) or before.slots.keys() == after.slots.keys():
            continue
        assert isinstance(command, c.AddSlot)
        assert after.slots.keys() - before.slots.keys() == {command.slot.id}
        assert before.slots.keys() <= after.slots.keys()
    listed = [id for past in run.floor.past for id in past.slots]
    assert len(listed) == len(set(listed))


@given(SEEDS, LENGTHS, st.integers(0, 60))
def test_a_snapshot_and_later_entries_are_a_fresh_read(seed: int, length: int, cut: int) -> None:
    run = Run(seed).play(length)
    assert fold(run.entries) == run.floor
    early = fold(run.entries[:cut])
    restored = from_json(json.loads(json.dumps(to_json(early), sort_keys=True)))
    assert restored == early
    assert fold(run.entries[cut:], restored) == run.floor


@given(SEEDS, LENGTHS)
def test_entries_survive_the_record(seed: int, length: int) -> None:
    for _, _, event in Run(seed).play(length).entries:
        body = json.loads(json.dumps(to_body(event), sort_keys=True))
        assert from_body(event.KIND, event.VERSION, body) == event


@given(SEEDS, LENGTHS, st.integers(0, 100_000))
def test_an_act_and_its_undo_leave_the_acts_as_they_were(
    seed: int, length: int, later: int
) -> None:
    run = Run(seed).play(length)
    before, act = run.floor, run.choose()
    run.now = max(run.now, before.at)
    if not act.ACT or isinstance(act, c.Undo) or not run.take(act):
        return
    # Facts between the act and its undo must survive.
    run.now += later
    run.take(c.Join("late", "person"))
    run.take(c.Tick())
    between = run.floor
    assert run.take(c.Undo())
    assert acts_of(run.floor) == acts_of(before)
    assert run.floor.marks == before.marks[1 - UNDO_DEPTH :]
    for fact in ("seats", "links", "booths", "ready", "heard", "points", "signals", "voiced_ms"):
        assert getattr(run.floor, fact) == getattr(between, fact)


@given(SEEDS, LENGTHS)
def test_undo_walks_back_through_every_act_once(seed: int, length: int) -> None:
    run = Run(seed).play(length)
    run.now = max(run.now, run.floor.at)
    left = [mark.act for mark in run.floor.marks]
    undone = []
    while run.floor.marks and run.take(c.Undo()):
        event = run.entries[-1][2]
        assert isinstance(event, ActUndone)
        undone.append(event.act)
    assert undone == left[::-1][: len(undone)]


@given(SEEDS, LENGTHS)
def test_signals_are_given_once_and_the_clock_asks_for_them(seed: int, length: int) -> None:
    run = Run(seed).play(length)
    while (at := wake_at(run.floor)) is not None:
        run.now = max(run.now, at)
        assert run.take(c.Tick())
        assert due(run.floor, run.now) == ()
        assert not run.take(c.Tick())
    for given_signals in run.floor.signals.values():
        assert len(given_signals) == len(set(given_signals))


@given(SEEDS, LENGTHS)
def test_two_acts_on_one_sight_cannot_both_win(seed: int, length: int) -> None:
    run = Run(seed).play(length)
    first, second = run.choose(), run.choose()
    seen = run.floor.act_seq
    run.take(c.Tick())
    fresh(run.floor, seen)
    taken = [run.take(first)] if first.ACT else [False]
    try:
        fresh(run.floor, seen)
        taken.append(second.ACT and run.take(second))
    except Stale:
        assert taken == [True]
    assert taken.count(True) <= 1


@given(SEEDS, LENGTHS)
def test_no_command_changes_the_floor_that_it_was_decided_on(seed: int, length: int) -> None:
    run = Run(seed).play(length)
    floor = run.floor
    before = json.dumps(to_json(floor))
    run.play(5)
    assert json.dumps(to_json(floor)) == before


def test_random_histories_know_every_command_and_bring_about_every_event() -> None:
    assert MAKERS.keys() == c.COMMANDS.keys()
    entries = [entry for seed in range(190) for entry in Run(seed).play(60).entries]
    seen = Counter(event.KIND for _, _, event in entries)
    assert seen.keys() == EVENTS.keys()
    assert seen["floor.given"] > 500
