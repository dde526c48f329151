"""The clock's signals on real servers: each once and in time, with two workers and after a kill."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings

from hemicycle.procedure import commands as c
from hemicycle.record import clock
from hemicycle.record.models import Entry
from tests.support import database
from tests.support.site import Site

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.alone

SIGNALS = ("floor.warned", "floor.expired", "microphone.closed")
LATE_MS = 150
"""How late a signal may be on the record; on an idle machine it is a few milliseconds."""


@pytest.fixture
def pair(transactional_db: None, tmp_path: Path) -> Iterator[Site]:
    """A site of two web workers, each with a ticker."""
    running = Site(tmp_path, database.url_of(str(settings.DATABASES["default"]["NAME"])), workers=2)
    running.start()
    yield running
    running.stop()
    running.check_log()


@pytest.fixture
def speaking(transactional_db: None) -> World:
    """An open panel in which speakers have three seconds, and a warning after one of them."""
    from tests.support.lists import reference_world

    with reference_world() as world:
        world.ngo("Open Doors", 0)
        world.hearing.floor_time_limit_s = 3
        world.hearing.warning_s = 2
        world.hearing.extension_s = 1
        world.hearing.grace_s = 1
        world.hearing.save()
        for panel in world.panels:
            panel.members.filter(role="panellist").delete()
    world.clock = clock.Virtual(clock.now_ms())  # from now on, the record's clock is the machine's
    world.open_panel()
    return world


def signals(since: int) -> list[tuple[str, int]]:
    rows = Entry.objects.filter(kind__in=SIGNALS).order_by("seq").values_list("kind", "at")
    return [(kind, at - since) for kind, at in rows]


def given(world: World) -> int:
    world.press(c.GiveFloor())
    return Entry.objects.get(kind="floor.given").at


def check(found: list[tuple[str, int]], wanted: list[tuple[str, int]]) -> None:
    assert [kind for kind, _ in found] == [kind for kind, _ in wanted]
    late = [at - due for (_, at), (_, due) in zip(found, wanted, strict=True)]
    assert all(0 <= ms <= LATE_MS for ms in late), late


def test_two_workers_give_each_signal_once_and_in_time(pair: Site, speaking: World) -> None:
    start = given(speaking)
    time.sleep(1.5)
    speaking.press(c.Extend())  # from three seconds to four, so that the warning comes again
    time.sleep(3.8)
    wanted = [
        ("floor.warned", 1000),
        ("floor.warned", 2000),
        ("floor.expired", 4000),
        ("microphone.closed", 5000),
    ]
    check(signals(start), wanted)


def test_after_a_kill_what_is_overdue_is_given_once(site: Site, speaking: World) -> None:
    start = given(speaking)
    site.kill()
    time.sleep(1.3)
    assert signals(start) == []
    site.start()
    time.sleep(max(0.0, 4.3 - (clock.now_ms() - start) / 1000))
    given_signals = signals(start)
    assert [kind for kind, _ in given_signals] == list(SIGNALS)
    assert all(at >= due for (_, at), due in zip(given_signals, (1300, 3000, 4000), strict=True))
