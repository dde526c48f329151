"""`verify` rebuilds the list with which a panel opens from the rule, the arrivals and the moves."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from hemicycle.before.registration.access import actor_of
from hemicycle.before.registration.changes import withdraw
from hemicycle.before.speakers import actions
from hemicycle.record.chain import Content, genesis, link
from hemicycle.record.models import Entry
from hemicycle.record.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.lists import World

OTHER_LIST = "its list of speakers is not the one that its rule and the moves make"


@pytest.fixture
def opened(world: World) -> World:
    """An open panel with speakers of two tracks, one of whom was moved and one withdrew."""
    world.accepts = True
    people = [world.mission(name, 0, rank=rank) for name, rank in (("Chad", 7), ("Peru", 1))]
    people += [world.ngo(f"Group {number}", 0) for number in range(4)]
    rows = [registration.inscriptions.get() for registration in people]
    actions.move(inscription=rows[5], before=rows[0], reason="An early flight.", actor=world.office)
    withdraw(registration=people[2], segments=(), reason="", actor=actor_of(people[2]))
    world.open_panel()
    return world


def forged(world: World, change: Callable[[dict[str, Any]], object]) -> list[dict[str, Any]]:
    """Return the record with the opening of the panel changed, and with a valid chain."""
    hash, rows = genesis(world.hearing.id.hex), list[dict[str, Any]]()
    for found in Entry.objects.filter(hearing=world.hearing.id).order_by("seq").values():
        row: dict[str, Any] = {**found, "hearing": world.hearing.id.hex}
        if row["kind"] == "segment.opened":
            body = json.loads(row["body"])
            change(body)
            row["body"] = json.dumps(body)
        row["digest"] = replace(Content.of(row)).digest()
        row["hash"] = hash = link(hash, row["digest"])
        rows.append(row)
    return rows


def swapped(body: dict[str, Any]) -> None:
    *_before, last = range(len(body["slots"]))
    body["slots"][last], body["slots"][last - 1] = body["slots"][last - 1], body["slots"][last]


def test_the_list_follows(opened: World) -> None:
    assert verify(forged(opened, lambda body: None)).broken is None
    body = json.loads(Entry.objects.get(kind="segment.opened").body)
    assert body["rule"] == {
        "kind": "alternate",
        "tracks": [["member-states", 1], ["stakeholders", 1]],
    }
    assert [slot["rank"] for slot in body["slots"] if slot["role"] == "speaker"] == [9, 7, 9, 1, 9]


@pytest.mark.parametrize(
    "change",
    [
        swapped,
        lambda body: body["rule"].update(kind="blocks"),
        lambda body: body["rule"].update(tracks=[["stakeholders", 1], ["member-states", 1]]),
        lambda body: body["slots"].append(body["slots"][-1]),
    ],
    ids=["two change places", "another rule", "another track first", "one is listed twice"],
)
def test_another_list_is_found(opened: World, change: Callable[[dict[str, Any]], object]) -> None:
    broken = verify(forged(opened, change)).broken
    assert broken is not None
    assert broken.problem == OTHER_LIST


def test_a_rule_that_is_none_is_found(opened: World) -> None:
    broken = verify(forged(opened, lambda body: body["rule"].update(kind="lottery"))).broken
    assert broken is not None
    assert broken.problem == "it cannot be read"


@pytest.mark.parametrize("kind", ["ratio", "blocks", "protocol"])
def test_each_rule_is_made_again(world: World, kind: str) -> None:
    world.accepts = True
    counts = [2, 1] if kind == "ratio" else []
    tracks = ["stakeholders", "member-states"]
    merge = {"kind": kind, "tracks": tracks, "counts": counts}
    actions.set_rule(hearing=world.hearing, merge=merge, actor=world.office)
    for rank in (7, 1, 5):
        world.ngo(f"Group {rank}", 0)
        world.mission(f"State {rank}", 0, rank=rank)
    world.open_panel()
    assert verify(forged(world, lambda body: None)).broken is None
    broken = verify(forged(world, swapped)).broken
    assert broken is not None
    assert broken.problem == OTHER_LIST
