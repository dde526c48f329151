"""The site's time when a database server with another clock takes over."""

from __future__ import annotations

import time
from typing import Any, cast

import pytest
from django.db import connection

from hemicycle import shared_clock
from hemicycle.procedure import clock as floor_clock
from hemicycle.procedure import commands as c
from hemicycle.record import clock, database_clock, server_clock
from hemicycle.record.floor import floor_of
from hemicycle.record.models import Entry, ServerClock
from hemicycle.record.server_clock import ClockLead, ExpectedTime, agree
from hemicycle.site.operating.checks import machine
from hemicycle.site.operating.doctor import Health
from tests.support.panel import Panel, panel_today

pytestmark = pytest.mark.postgresql("time")

TOLD_MS = 1_700_000_000_000
OFF_MS = 60_000
NEAR_MS = 1_000
LEADS = ClockLead("new", OFF_MS, TOLD_MS)


def test_a_new_database_has_the_site_s_time() -> None:
    assert agree(None, "one", TOLD_MS, ExpectedTime(TOLD_MS + OFF_MS)) == ClockLead("one")


@pytest.mark.parametrize("off_ms", [OFF_MS, -OFF_MS])
def test_the_first_who_knows_the_time_says_how_wrong_a_new_server_is(off_ms: int) -> None:
    found = agree(ClockLead("old"), "new", TOLD_MS, ExpectedTime(TOLD_MS + off_ms))
    assert found == ClockLead("new", off_ms, TOLD_MS)
    # The clock of the next server is right again.
    assert agree(
        found, "right", TOLD_MS + off_ms, ExpectedTime(TOLD_MS + off_ms + 0.3)
    ) == ClockLead("right")


def test_who_has_just_started_says_nothing_about_a_new_server() -> None:
    assert agree(ClockLead("old"), "new", TOLD_MS, None) is None
    assert agree(LEADS, "new", TOLD_MS + 5, None) == LEADS


def test_a_small_difference_is_none() -> None:
    assert agree(ClockLead("old"), "new", TOLD_MS, ExpectedTime(TOLD_MS + NEAR_MS)) == ClockLead(
        "new"
    )


@pytest.mark.parametrize("believed_ms", [OFF_MS - 10_000, OFF_MS, OFF_MS + 10_000])
def test_one_process_that_is_wrong_does_not_change_what_all_go_by(believed_ms: int) -> None:
    assert agree(LEADS, "new", TOLD_MS, ExpectedTime(TOLD_MS + believed_ms)) == LEADS
    assert agree(
        ClockLead("new"), "new", TOLD_MS, ExpectedTime(TOLD_MS + believed_ms)
    ) == ClockLead("new")


def test_a_server_whose_clock_was_set_right() -> None:
    assert agree(LEADS, "new", TOLD_MS + OFF_MS, ExpectedTime(TOLD_MS + OFF_MS + 40)) == ClockLead(
        "new"
    )
    # The site has used the wrong clock for a while: its time continues from there.
    later = agree(LEADS, "new", TOLD_MS + OFF_MS, ExpectedTime(TOLD_MS + OFF_MS - 7_000))
    assert later == ClockLead("new", -7_000, TOLD_MS + OFF_MS)


@pytest.mark.parametrize("lead_ms", [OFF_MS, -OFF_MS])
def test_the_difference_shrinks_so_slowly_that_no_speaker_notices(lead_ms: int) -> None:
    lead = ClockLead("new", lead_ms, TOLD_MS)
    assert lead.at(TOLD_MS) == lead.at(TOLD_MS - 5_000) == lead_ms
    speech_ms = 5 * 60_000
    assert abs(lead_ms - lead.at(TOLD_MS + speech_ms)) <= NEAR_MS
    steps = [lead.at(TOLD_MS + ms) + ms for ms in range(0, 10_000, 7)]
    assert steps == sorted(steps), "the site's time goes on"
    assert lead.at(TOLD_MS + OFF_MS * server_clock.SHRINKS_ONE_IN) == 0
    assert lead.at(TOLD_MS + 10**12) == 0


@pytest.fixture
def _started(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that has not compared its clock yet."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has this machine's own clock")
    monkeypatch.setattr(shared_clock, "_from_steady_ms", None)
    start(monkeypatch)


def start(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(database_clock, "_compared_at", float("-inf"))
    patch.setattr(database_clock, "_last", None)
    patch.setattr(database_clock, "_known", None)


def compare() -> None:
    connection.ensure_connection()
    database_clock.compare(connection)


def take_over(patch: pytest.MonkeyPatch, off_ms: int) -> None:
    """Let another server answer, whose clock is ahead by `off_ms`."""
    told = f"floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint + {off_ms}"
    patch.setattr(database_clock, "_SQL", f"SELECT {told}, 'server {off_ms}'")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_started")
@pytest.mark.parametrize("off_ms", [OFF_MS, -OFF_MS])
def test_a_speaker_keeps_the_time_left(off_ms: int, monkeypatch: pytest.MonkeyPatch) -> None:
    compare()
    with panel_today(cast("Any", None), speakers=2, floor_time_limit_s=30, warning_s=10) as panel:
        pass
    meeting = speaks(panel)
    assert floor_clock.phase(floor_of(meeting), clock.now_ms()) == "speaking"
    left_ms = floor_clock.left_ms(floor_of(meeting), clock.now_ms())
    begun = time.monotonic()
    take_over(monkeypatch, off_ms)
    for _ in range(3):
        compare()
    passed_ms = (time.monotonic() - begun) * 1000
    left_now_ms = floor_clock.left_ms(floor_of(meeting), clock.now_ms())
    assert abs(left_ms - passed_ms - left_now_ms) < NEAR_MS
    assert floor_clock.due(floor_of(meeting), clock.now_ms()) == ()
    panel.world.press(c.GiveFloor(panel.slots()[1]))
    times = list(Entry.objects.order_by("seq").values_list("at", flat=True))
    assert times == sorted(times)
    assert max(times) <= (time.time() * 1000) + NEAR_MS
    (row,) = ServerClock.objects.all()
    assert abs(row.lead_ms + off_ms) < NEAR_MS


def speaks(panel: Panel) -> Any:
    panel.world.open_panel()
    panel.world.press(c.GiveFloor(panel.slots()[0]))
    return panel.world.panels[0].meeting_id


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_started")
def test_all_processes_go_by_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compare()
    take_over(monkeypatch, OFF_MS)
    with monkeypatch.context() as patch:
        start(patch)  # no process that knows the time has met the server yet
        compare()
        assert ServerClock.objects.get().lead_ms == 0
    monkeypatch.setattr(shared_clock, "_from_steady_ms", None)
    compare()
    assert abs(clock.now_ms() - time.time() * 1000) < NEAR_MS
    start(monkeypatch)
    monkeypatch.setattr(shared_clock, "_from_steady_ms", None)
    compare()
    assert abs(clock.now_ms() - time.time() * 1000) < NEAR_MS

    (found,) = (
        one
        for one in machine.clock_is_right()
        if one.health is Health.FAULT and "site’s time" in one.found
    )
    assert found.found == "the clock of the database’s server is 60.0 s ahead of the site’s time"
    assert "Set the clocks of all database servers by NTP" in found.advice

    take_over(monkeypatch, 0)  # an operator has set the clock; the server remains the same
    monkeypatch.setattr(database_clock, "_SQL", database_clock._SQL.replace("r 0", f"r {OFF_MS}"))
    compare()
    assert ServerClock.objects.get().lead_ms == 0
    assert abs(clock.now_ms() - time.time() * 1000) < NEAR_MS


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_started")
def test_a_clock_of_a_machine_that_was_set_is_not_the_server_s(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compare()
    monkeypatch.setattr(shared_clock, "own_ms", lambda: time.time() * 1000 + OFF_MS)
    compare()
    assert ServerClock.objects.get().lead_ms == 0
    assert abs(shared_clock.ahead_ms() - OFF_MS) < NEAR_MS


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_started")
@pytest.mark.parametrize("jump_ms", [OFF_MS, -OFF_MS])
def test_a_machine_s_clock_that_jumps_in_a_speech_moves_nothing(
    jump_ms: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_over(monkeypatch, 0)
    compare()
    with panel_today(cast("Any", None), speakers=1, floor_time_limit_s=30, warning_s=10) as panel:
        pass
    meeting = speaks(panel)
    left_ms = floor_clock.left_ms(floor_of(meeting), clock.now_ms())
    begun = time.monotonic()
    jump(monkeypatch, jump_ms)
    for _ in range(3):
        passed_ms = (time.monotonic() - begun) * 1000
        left_now_ms = floor_clock.left_ms(floor_of(meeting), clock.now_ms())
        assert abs(left_ms - passed_ms - left_now_ms) < NEAR_MS
        compare()
    assert abs(ServerClock.objects.get().lead_ms + jump_ms) < NEAR_MS
    start(monkeypatch)  # a process that starts later uses the stored lead
    monkeypatch.setattr(shared_clock, "_from_steady_ms", None)
    compare()
    assert abs(clock.now_ms() - time.time() * 1000) < NEAR_MS


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_started")
def test_a_clock_that_was_wrong_by_much_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    take_over(monkeypatch, 0)
    compare()
    hour_ms = 3_600_000
    jump(monkeypatch, hour_ms)
    compare()
    assert ServerClock.objects.get().lead_ms == 0
    assert abs(clock.now_ms() - time.time() * 1000 - hour_ms) < NEAR_MS


def jump(patch: pytest.MonkeyPatch, ms: int) -> None:
    """Set the clock of a machine that runs both this process and the database's server."""
    patch.setattr(database_clock, "_SQL", database_clock._SQL.replace("+ 0", f"+ {ms}"))
    patch.setattr(shared_clock, "own_ms", lambda: time.time() * 1000 + ms)


def test_each_process_sees_the_jump_and_one_stores_it() -> None:
    found = agree(ClockLead("one"), "one", TOLD_MS + OFF_MS, ExpectedTime(TOLD_MS, OFF_MS))
    assert found == ClockLead("one", -OFF_MS, TOLD_MS + OFF_MS)
    assert agree(found, "one", TOLD_MS + OFF_MS, ExpectedTime(TOLD_MS, OFF_MS)) == found


def test_a_jump_of_another_machine_is_not_the_server_s() -> None:
    assert agree(LEADS, "new", TOLD_MS, ExpectedTime(TOLD_MS + OFF_MS, OFF_MS)) == LEADS
    assert agree(LEADS, "next", TOLD_MS, ExpectedTime(TOLD_MS + OFF_MS, OFF_MS)) is None


def test_a_jump_to_the_right_time_ends_the_difference() -> None:
    set_right = agree(LEADS, "new", TOLD_MS + OFF_MS, ExpectedTime(TOLD_MS + OFF_MS, OFF_MS))
    assert set_right == ClockLead("new")
