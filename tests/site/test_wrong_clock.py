"""Machines whose clock is one minute wrong.

Speaking times, the record and passes follow the clock of the database, and the operator can read
which clock is wrong.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.request import urlopen

import pytest
from django.conf import settings
from django.db import connection

from bench.site.failover import moderator_of
from hemicycle.meeting.media_machines.models import MediaMachine
from hemicycle.procedure import commands as c
from hemicycle.record.floor import floor_of
from hemicycle.record.models import Entry
from hemicycle.site.operating.checks import machine
from hemicycle.site.operating.doctor import Health
from hemicycle.site.operating.models import SignOfLife
from tests.engine.test_process import Engine, eventually
from tests.support import database
from tests.support.panel import Panel, panel_today
from tests.support.site import Site

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.real_time]
OFF_MS = 60_000
NEAR_MS = 1_000
WRONG = {"PYTHONPATH": str(Path(__file__).parents[1] / "support/wrong_clock")}
RULES = {"floor_time_limit_s": 30, "warning_s": 10, "grace_s": 2}


@pytest.fixture(autouse=True)
def _on_postgresql() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("with SQLite there is one machine")


@pytest.fixture
def sites(tmp_path: Path) -> Iterator[list[Site]]:
    """One web machine whose clock is ahead, and one whose clock is behind."""
    url = database.url_of(str(settings.DATABASES["default"]["NAME"]))
    with ExitStack() as running:
        found = []
        for off_ms in (OFF_MS, -OFF_MS):
            folder = tmp_path / str(off_ms)
            folder.mkdir()
            found.append(Site(folder, url, more={**WRONG, "WRONG_CLOCK_MS": str(off_ms)}))
            running.callback(found[-1].stop)
            found[-1].start()
        yield found
    for one in found:
        one.check_log()


@pytest.fixture
def panel(sites: list[Site]) -> Iterator[Panel]:
    with panel_today(sites[0], speakers=3, **RULES) as panel:
        yield panel


def test_web_machines_with_wrong_clocks_keep_the_speaking_time_and_the_record(
    panel: Panel, sites: list[Site]
) -> None:
    for one in sites:
        with urlopen(f"{one.url}/time") as answer:
            assert abs(int(answer.read()) - time.time() * 1000) < NEAR_MS
    panel.world.open_panel()
    meeting = panel.world.panels[0].meeting_id
    panel.world.press(c.GiveFloor(panel.slots()[0]))
    time.sleep(1.5)  # the tickers of both machines have examined the panel
    assert not Entry.objects.filter(actor="system:ticker").exists()
    for number, one in enumerate(sites, 1):
        panel.site = one
        moderator = moderator_of(panel)
        moderator.press("give_floor")
        ((_answered, seq),) = moderator.done
        entry = Entry.objects.get(hearing=panel.world.hearing.id, seq=seq)
        assert abs(entry.at - time.time() * 1000) < 10 * NEAR_MS
        holder = floor_of(meeting).holder
        assert holder is not None
        assert holder.slot == panel.slots()[number]
    (told,) = SignOfLife.objects.filter(name=SignOfLife.Name.WEB)  # both have the same host name
    assert abs(abs(told.clock_ahead_ms) - OFF_MS) < NEAR_MS
    times = list(Entry.objects.order_by("seq").values_list("at", flat=True))
    assert max(times) < (time.time() + 1) * 1000, "no time is of the future"
    assert not Entry.objects.filter(actor="system:ticker").exists()


@pytest.mark.parametrize("off_ms", [OFF_MS, -OFF_MS])
def test_a_media_machine_with_a_wrong_clock_works_and_is_told(
    off_ms: int, panel: Panel, sites: list[Site], tmp_path: Path
) -> None:
    panel.world.open_panel()
    engine = Engine(tmp_path, sites[1].url)
    engine.environment |= WRONG | {
        "WRONG_CLOCK_MS": str(off_ms),
        "HEMICYCLE_MEDIA_MACHINE": "media7",
    }
    with ExitStack() as running:
        engine.start()
        running.callback(engine.end, signal.SIGKILL)
        # The engine accepts a pass that this process signs, and the site accepts the engine's pass.
        eventually(lambda: engine.attend(panel.world.hearing.id.hex) == 201)
        eventually(lambda: abs(told_ms() - off_ms) < NEAR_MS)
        (found,) = [one for one in machine.clock_is_right() if one.health is Health.FAULT]
        direction = "ahead of" if off_ms > 0 else "behind"
        assert found.found.startswith("media machine media7: its clock is ")
        assert found.found.endswith(f" s {direction} the database’s")
        assert "Set it by NTP" in found.advice
    assert "Traceback" not in engine.log.read_text()


def told_ms() -> int:
    return MediaMachine.objects.values_list("clock_ahead_ms", flat=True).get(name="media7")
