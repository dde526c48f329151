"""The public feed on a real server: the floor reaches the public by the passing of time alone."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from hemicycle.procedure import commands as c
from tests.support.feed import Listener
from tests.support.panel import panel_today

if TYPE_CHECKING:
    from tests.support.site import Site

pytestmark = [pytest.mark.alone, pytest.mark.any_database]

DELAY_S = 5


def test_the_floor_reaches_a_reader_after_the_delay(site: Site) -> None:
    with panel_today(site, 3, public_delay_s=DELAY_S) as panel:
        world = panel.world
        world.open_panel(0)
        time.sleep(DELAY_S + 1)
        reader = Listener(f"{site.url}/feed/{world.hearing.id.hex}/public")
        assert reader.next().data["holder"] is None
        seen = []
        for _ in range(2):
            given = time.time()
            world.press(c.GiveFloor())
            while not (view := reader.next().data)["holder"] or (view["holder"]["slot"] in seen):
                assert time.time() - given < DELAY_S + 3
            seen.append(view["holder"]["slot"])
            assert abs(time.time() - given - DELAY_S) < 0.3
        reader.close()
