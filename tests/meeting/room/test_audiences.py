"""A view computed step by step equals the view that a process without a cache computes."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.procedure import commands as c
from hemicycle.procedure.refusals import Refused
from hemicycle.record import feed
from hemicycle.record import floor as floors
from tests.support.examples import examples
from tests.support.lists import World

AUDIENCES = ("public", "seat", "room")
SLOT = st.integers(0, 5)
COMMANDS = st.one_of(
    st.just(("give", None)),
    st.tuples(st.just("give"), SLOT),
    st.tuples(st.sampled_from(("skip", "absent", "recall", "withdraw", "ready", "join")), SLOT),
    st.tuples(st.sampled_from(("end", "extend", "interrupt", "continue", "suspend")), st.none()),
    st.tuples(st.sampled_from(("resume", "undo", "undo", "close", "tick", "leave")), st.none()),
)
STEPS = st.lists(st.tuples(COMMANDS, st.integers(0, 240_000)), min_size=5, max_size=15)


def command(name: str, slot: str) -> c.Command:
    made: dict[str, c.Command] = {
        "give": c.GiveFloor(slot or None),
        "skip": c.Skip(slot),
        "absent": c.MarkAbsent(slot),
        "recall": c.Recall(slot),
        "withdraw": c.WithdrawSlot(slot),
        "ready": c.Ready(slot),
        "join": c.Join(f"{slot[:8]}", slot, slot),
        "leave": c.Leave("0"),
        "end": c.EndFloor(),
        "extend": c.Extend(),
        "interrupt": c.Interrupt(),
        "continue": c.Continue(),
        "suspend": c.Suspend(),
        "resume": c.Resume(),
        "undo": c.Undo(),
        "close": c.CloseSegment(),
        "tick": c.Tick(),
    }
    return made[name]


def view(name: str, hearing: UUID) -> str:
    audience = feed.audience_named(name)
    assert audience is not None
    return audience.render(hearing)


def views(hearing: UUID) -> dict[str, Any]:
    return {name: json.loads(view(name, hearing)) for name in AUDIENCES}


@pytest.mark.slow
@pytest.mark.any_database
@examples(10)
@given(steps=STEPS)
def test_warm_and_cold_views_agree(
    panel: World, steps: list[tuple[tuple[str, int | None], int]]
) -> None:
    with transaction.atomic():
        _play(panel, steps)
        transaction.set_rollback(True)
    floors._folded.clear()


def _play(world: World, steps: list[tuple[tuple[str, int | None], int]]) -> None:
    meeting = world.panels[0].meeting_id
    warm = floors.floor_of(meeting)
    order = warm.order
    for (name, number), wait in steps:
        slot = "" if number is None else order[number % len(order)]
        world.clock.advance(wait)
        with suppress(Refused):
            world.press(command(name, slot))
        floors._folded[meeting] = warm  # the floor that this process had cached
        told = views(world.hearing.id)
        warm = floors.floor_of(meeting)
        floors._folded.clear()
        assert views(world.hearing.id) == told


def test_what_the_public_sees_is_no_more_than_who_speaks_and_who_is_next(panel: World) -> None:
    panel.press(c.GiveFloor())
    text = view("public", panel.hearing.id)
    assert "Speaker of Examplia" in text
    assert "Speaker of Open Doors" in text
    assert "Safe Harbour" not in text
    assert "Late Voices" not in text


def test_the_seats_see_no_names_of_those_who_wait(panel: World) -> None:
    text = view("seat", panel.hearing.id)
    assert "Late Voices" not in text
    assert len(json.loads(text)["slots"]) == 4


def test_a_seat_that_was_first_is_next_and_then_speaks(panel: World) -> None:
    first, second, *_ = floors.floor_of(panel.panels[0].meeting_id).order
    before = views(panel.hearing.id)["seat"]["slots"]
    assert (before[first]["show"], before[second]["show"]) == ("next", "waiting")
    panel.press(c.GiveFloor())
    after = views(panel.hearing.id)["seat"]["slots"]
    assert (after[first]["show"], after[second]["show"]) == ("speaking", "next")
    panel.press(c.Interrupt("technical"))
    stopped = views(panel.hearing.id)["seat"]["slots"][first]["stopped"]
    assert stopped == "technical"


def test_a_whole_day_of_views(panel: World) -> None:
    hearing = panel.hearing.id
    assert views(hearing)["public"]["standing"] == "free"
    panel.press(c.GiveFloor())
    panel.clock.advance(10_000)
    panel.press(c.EndFloor())
    panel.press(c.CloseSegment())
    closed = views(hearing)["public"]
    assert closed["standing"] == "between"
    assert [line["kind"] for line in closed["lines"]] == ["closed", "floor", "opened"]
    assert closed["lines"][1]["used_ms"] == 10_000
    assert list(closed["items"].values()) == ["upcoming", "done"]
    panel.press(c.CloseMeeting())
    afternoon = views(hearing)["public"]
    assert afternoon["standing"] == "unopened"
    assert afternoon["meeting"]["id"] == panel.panels[1].meeting_id.hex
