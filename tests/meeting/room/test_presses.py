"""Presses on the console, as the commands that reach the procedure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hemicycle.procedure.commands import BadCommand
from hemicycle.procedure.refusals import Refused, Stale
from hemicycle.record.floor import floor_of

if TYPE_CHECKING:
    from hemicycle.procedure.state import Floor
    from tests.support.lists import World

pytestmark = pytest.mark.postgresql("locks")


def press(world: World, name: str, seen: int | None = None, **data: str) -> Floor:
    from hemicycle.meeting.room.presses import press

    meeting = world.panels[0].meeting
    data |= {"press": name} | ({} if seen is None else {"seen": str(seen)})
    return press(hearing=world.hearing, meeting=meeting, data=data, actor=world.chair)


def floor(world: World) -> Floor:
    return floor_of(world.panels[0].meeting_id)


def test_of_two_presses_on_one_sight_the_first_wins(panel: World) -> None:
    seen = floor(panel).act_seq
    given = press(panel, "give_floor", seen)
    with pytest.raises(Stale):
        press(panel, "give_floor", seen)
    assert floor(panel) == given


def test_what_is_not_a_press_is_refused_with_a_sentence(panel: World) -> None:
    before = floor(panel)
    for name in ("", "tick", "join:a:b", "give_floor:nobody", "recall", "open_segment:x"):
        with pytest.raises((BadCommand, Refused)) as refused:
            press(panel, name)
        assert str(refused.value)
    assert floor(panel) == before


def test_a_whole_panel_by_presses(panel: World) -> None:
    first, second, third, fourth = floor(panel).order
    steps: tuple[tuple[str, dict[str, str]], ...] = (
        ("give_floor", {}),
        ("extend", {}),
        ("interrupt:technical", {}),
        ("continue", {}),
        ("end_floor", {}),
        (f"skip:{second}", {}),
        (f"mark_absent:{third}", {}),
        (f"recall:{second}:last", {}),
        (f"move_slot:{fourth}", {"before": "", "note": "They asked to speak last."}),
        ("close_list", {}),
        ("undo", {}),
        ("close_segment", {}),
        ("close_meeting", {}),
    )
    for name, data in steps:
        now = press(panel, name, floor(panel).act_seq, **data)
    states = {slot.id: slot.state for slot in now.slots.values()}
    assert (now.phase, now.order) == ("closed", (first, third, second, fourth))
    assert states == {
        first: "delivered",
        second: "not_reached",
        third: "absent",
        fourth: "not_reached",
    }


def test_a_move_without_a_reason_is_refused(panel: World) -> None:
    slot = floor(panel).order[-1]
    with pytest.raises(Refused, match="no_reason"):
        press(panel, f"move_slot:{slot}", before=floor(panel).order[0], note="  ")
