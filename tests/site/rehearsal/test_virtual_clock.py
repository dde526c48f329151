"""The virtual clock runs fast until it reaches the real time, and only where it may."""

import time

import pytest

from hemicycle.record.clock import wall
from hemicycle.site.rehearsal.schedule import Schedule
from hemicycle.site.rehearsal.virtual_clock import VirtualClock

pytestmark = pytest.mark.alone

LONG_AGO = 1_000_000


def test_virtual_time_costs_none_however_far_it_goes() -> None:
    virtual_clock = VirtualClock(LONG_AGO)
    begun = time.monotonic()
    virtual_clock.until(wall() + 10**9)
    assert virtual_clock() > wall()
    assert not virtual_clock.caught_up
    assert time.monotonic() - begun < 1


def test_what_has_passed_changes_nothing() -> None:
    virtual_clock = VirtualClock(LONG_AGO)
    virtual_clock.until(LONG_AGO - 5)
    assert virtual_clock() == LONG_AGO


def test_a_live_stage_catches_up_and_then_waits() -> None:
    virtual_clock = VirtualClock(LONG_AGO, live=True)
    virtual_clock.until(LONG_AGO + 500)
    assert (virtual_clock(), virtual_clock.caught_up) == (LONG_AGO + 500, False)
    wanted = wall() + 150
    virtual_clock.until(wanted)
    assert virtual_clock.caught_up
    assert wanted <= wall() < wanted + 1000
    assert abs(virtual_clock() - wall()) < 100


def test_speed_shortens_what_is_waited_for() -> None:
    assert VirtualClock(0, live=True, speed=10).scaled(1_234) == 123


def test_the_agenda_runs_in_order_of_time_and_takes_what_comes_up() -> None:
    virtual_clock = VirtualClock(0)
    schedule = Schedule(virtual_clock)
    done: list[tuple[str, int]] = []

    def note(name: str) -> None:
        done.append((name, virtual_clock()))

    def first() -> None:
        note("first")
        schedule.put(25, lambda: note("follows"))

    schedule.put(30, lambda: note("third"))
    schedule.put(10, first)
    schedule.put(30, lambda: note("fourth"))
    schedule.put(90, lambda: note("too late"))
    schedule.run(50)
    assert done == [("first", 10), ("follows", 25), ("third", 30), ("fourth", 30)]
    assert virtual_clock() == 50
