"""The public feed on a real server: the floor reaches the public by the passing of time alone."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from hemicycle.procedure import commands as c
from hemicycle.record.floor import floor_of
from tests.support.feed import Listener
from tests.support.panel import panel_today

if TYPE_CHECKING:
    from tests.support.site import Site

pytestmark = [pytest.mark.real_time, pytest.mark.any_database]

DELAY_S = 5


def test_the_floor_reaches_a_reader_after_the_delay(site: Site) -> None:
    with panel_today(site, 3, public_delay_s=DELAY_S) as panel:
        world = panel.world
        world.open_panel(0)
        reader = Listener(f"{site.url}/feed/{world.hearing.id.hex}/public")
        assert reader.next().data["holder"] is None
        given = {}
        for _ in range(2):
            time.sleep(1)
            world.press(c.GiveFloor())
            holder = floor_of(world.panels[0].meeting_id).holder
            assert holder is not None
            given[holder.slot] = time.time()
        seen: dict[str, float] = {}
        while len(seen) < 2:
            assert time.time() < max(given.values()) + DELAY_S + 3
            if holder := reader.next().data["holder"]:
                seen.setdefault(holder["slot"], time.time())
        assert list(seen) == list(given)
        assert all(abs(seen[slot] - given[slot] - DELAY_S) < 0.3 for slot in given)
        reader.close()
