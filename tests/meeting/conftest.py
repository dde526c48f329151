"""A hearing whose first panel is open, for the tests of meetings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.lists import World


@pytest.fixture
def panel(world: World) -> World:
    """The first panel, open, with a mission and three organizations on its list."""
    from hemicycle.hearing.people.models import Role

    for segment in world.panels:
        segment.members.filter(role=Role.PANELLIST).delete()
    world.mission("Examplia", 0)
    for name in ("Open Doors", "Safe Harbour", "Late Voices"):
        world.ngo(name, 0)
    world.open_panel()
    return world
