"""Reports of screens are measured against the server's clock."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.urls import reverse

from hemicycle.procedure import commands as c
from hemicycle.record import clock
from hemicycle.ui import screen_passes
from hemicycle.ui.screen_passes import ScreenPass
from tests.support.altered import altered_text

if TYPE_CHECKING:
    from django.test import Client

    from tests.support.lists import World

SCREEN = UUID(int=7)


def report(world: World, **changes: Any) -> Any:
    from hemicycle.meeting.room import screens

    own = ScreenPass(world.hearing.id, changes.pop("kind", "hall"), changes.pop("id", SCREEN))
    data = {
        "pass": own.text,
        "server_now_estimate_ms": clock.now_ms() - 5,
        "offset_ms": 4,
        "uncertainty_ms": 5,
        "shown_left_ms": None,
        "seq": 3,
    }
    return screens.report(hearing=world.hearing, data=data | changes)


def states(world: World) -> list[tuple[str, str]]:
    from hemicycle.meeting.room import screens

    return [(row.screen.kind, row.state) for row in screens.connected(world.hearing)]


def test_a_screen_in_time_one_out_of_time_and_one_silent(panel: World) -> None:
    panel.press(c.GiveFloor())
    panel.clock.advance(30_005)
    row = report(panel, shown_left_ms=150_000)
    assert (row.offset_ms, row.lag_ms) == (4, 0)
    report(panel, id=UUID(int=8), kind="console", shown_left_ms=150_060)
    report(panel, id=UUID(int=9), kind="seat", offset_ms=-56)
    assert states(panel) == [
        ("console", "out_of_time"),
        ("hall", "in_time"),
        ("seat", "out_of_time"),
    ]
    panel.clock.advance(36_000)
    assert {state for _kind, state in states(panel)} == {"away"}


def test_a_cut_clock_is_expected_to_stand_at_the_end_of_its_grace(panel: World) -> None:
    panel.press(c.GiveFloor())
    panel.clock.advance(900_000)
    row = report(panel, shown_left_ms=-10_000)
    assert row.lag_ms == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"server_now_estimate_ms": "nan"},
        {"offset_ms": 1e400},
        {"offset_ms": None},
        {"uncertainty_ms": None},
        {"seq": {}},
    ],
)
def test_what_is_no_report_is_refused(panel: World, client: Client, changes: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        report(panel, **changes)
    beat = reverse("room:beat", args=(panel.hearing.slug,))
    for body in ("", "[]", "{", '{"screen": 1}', "[" * 5000):
        assert client.post(beat, body, content_type="application/json").status_code == 400
    assert states(panel) == []


def test_a_screen_reports_for_itself_alone(panel: World, client: Client) -> None:
    """Others know a screen's id, but nobody can report under it without the screen's pass."""
    report(panel, id=SCREEN, kind="console")
    beat = reverse("room:beat", args=(panel.hearing.slug,))
    figures = {
        "screen": SCREEN.hex,
        "kind": "console",
        "seq": 3,
        "shown_left_ms": None,
        "server_now_estimate_ms": clock.now_ms(),
        "offset_ms": 9000,
        "uncertainty_ms": 1,
    }
    own = ScreenPass(panel.hearing.id, "console", SCREEN).text
    others = (
        SCREEN.hex,
        altered_text(own),
        ScreenPass(UUID(int=5), "console", SCREEN).text,
    )
    for text in others:
        body = {**figures, "pass": text}
        assert client.post(beat, body, content_type="application/json").status_code == 403
    assert states(panel) == [("console", "in_time")]
    body = {**figures, "pass": own}
    assert client.post(beat, body, content_type="application/json").status_code == 204
    assert states(panel) == [("console", "out_of_time")]


def test_each_page_is_given_a_pass_of_its_own(panel: World, client: Client) -> None:
    where = reverse("room:hall", args=(panel.hearing.slug,))
    given = [
        re.findall(r'data-screen-pass="([^"]+)"', client.get(where).content.decode())
        for _ in range(2)
    ]
    (first,), (second,) = given
    assert screen_passes.read(first).id != screen_passes.read(second).id
    assert screen_passes.read(first).kind == "hall"


def test_the_public_cannot_crowd_out_the_screens_of_staff(
    panel: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hemicycle.meeting.room import screens

    monkeypatch.setattr(screens, "MOST_HALLS", 2)
    for number in (1, 2):
        report(panel, id=UUID(int=number))
    with pytest.raises(screens.TooManyScreens):
        report(panel, id=UUID(int=3))
    report(panel, id=UUID(int=2))
    report(panel, id=UUID(int=4), kind="console")
    assert [kind for kind, _state in states(panel)] == ["console", "hall", "hall"]


def test_the_staff_see_the_screens(panel: World) -> None:
    report(panel)
    url = reverse("room:diagnostics", args=(panel.hearing.slug,))
    page = panel.client(panel.moderator).get(url).content.decode()
    assert "in time" in page
