"""Time flies until it has caught up with the wall's, and only where it may."""

import time

import pytest

from hemicycle.record.clock import wall
from hemicycle.site.rehearsal.agenda import Agenda
from hemicycle.site.rehearsal.virtual_clock import Stage

pytestmark = pytest.mark.alone

LONG_AGO = 1_000_000


def test_virtual_time_costs_none_however_far_it_goes() -> None:
    stage = Stage(LONG_AGO)
    begun = time.monotonic()
    stage.until(wall() + 10**9)
    assert stage() > wall()
    assert not stage.caught_up
    assert time.monotonic() - begun < 1


def test_what_has_passed_changes_nothing() -> None:
    stage = Stage(LONG_AGO)
    stage.until(LONG_AGO - 5)
    assert stage() == LONG_AGO


def test_a_live_stage_catches_up_and_then_waits() -> None:
    stage = Stage(LONG_AGO, live=True)
    stage.until(LONG_AGO + 500)
    assert (stage(), stage.caught_up) == (LONG_AGO + 500, False)
    wanted = wall() + 150
    stage.until(wanted)
    assert stage.caught_up
    assert wanted <= wall() < wanted + 1000
    assert abs(stage() - wall()) < 100


def test_speed_shortens_what_is_waited_for() -> None:
    assert Stage(0, live=True, speed=10).scaled(1_234) == 123


def test_the_agenda_runs_in_order_of_time_and_takes_what_comes_up() -> None:
    stage = Stage(0)
    agenda = Agenda(stage)
    done: list[tuple[str, int]] = []

    def note(name: str) -> None:
        done.append((name, stage()))

    def first() -> None:
        note("first")
        agenda.put(25, lambda: note("follows"))

    agenda.put(30, lambda: note("third"))
    agenda.put(10, first)
    agenda.put(30, lambda: note("fourth"))
    agenda.put(90, lambda: note("too late"))
    agenda.run(50)
    assert done == [("first", 10), ("follows", 25), ("third", 30), ("fourth", 30)]
    assert stage() == 50
