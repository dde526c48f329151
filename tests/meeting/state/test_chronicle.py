"""The chronicle tells what happened on the floor, in agreement with the floor's state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hemicycle.meeting.state import chronicle
from hemicycle.meeting.state.display_names import display_names
from hemicycle.meeting.state.meeting_view import live_view
from hemicycle.procedure import commands as c
from hemicycle.record.floor import floor_of

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.postgresql("ordering")


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


def test_a_discussion_names_who_was_heard_for_longest_first(world: World) -> None:
    world.panels[0].discussion = "at_once"
    world.panels[0].save()
    world.open_panel()
    first, second, silent = sorted(floor_of(world.panels[0].meeting_id).panel)[:3]
    begun = world.clock()
    for slot in (first, second, silent):
        world.press(c.ReportMicrophone(slot, open=True))
    world.clock.advance(30_000)
    world.press(c.ReportVoice(first, begun, begun + 5_000))
    world.press(c.ReportVoice(second, begun, begun + 9_000))
    (line,) = (
        line
        for line in chronicle.lines(floor_of(world.panels[0].meeting_id))
        if line.kind == "discussion"
    )
    assert [slot.id for slot in line.spoke] == [second, first]
    view = live_view(world.hearing.id)
    assert view is not None
    (shown,) = (line for line in view["lines"] if line["kind"] == "discussion")
    names = display_names(line.spoke)
    assert shown["more"] == ", ".join(names[slot.id].name for slot in line.spoke)
    assert (view["standing"], view["discussing"]) == ("discussing", True)
