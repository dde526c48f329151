"""The chronicle is what happened on the floor, as the floor's state has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hemicycle.meeting.state import chronicle
from hemicycle.procedure import commands as c
from hemicycle.record.floor import floor_of

if TYPE_CHECKING:
    from tests.support.lists import World


def lines(world: World) -> list[tuple[str, int | None]]:
    found = chronicle.lines(floor_of(world.panels[0].meeting_id))
    return [(line.kind, line.used_ms) for line in found]


def test_what_was_undone_is_left_out(panel: World) -> None:
    panel.press(c.GiveFloor())
    panel.clock.advance(20_000)
    panel.press(c.EndFloor())
    assert lines(panel) == [("floor", 20_000), ("opened", None)]
    panel.press(c.Undo())
    assert lines(panel) == [("floor", None), ("opened", None)]
    panel.press(c.Undo())
    assert lines(panel) == [("opened", None)]


def test_who_was_absent_when_called_did_not_speak(panel: World) -> None:
    panel.press(c.GiveFloor())
    panel.clock.advance(20_000)
    panel.press(c.MarkAbsent())
    assert lines(panel) == [("opened", None)]
