"""A hearing whose French booth has two interpreters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.meeting.interpretation.booth_world import BoothWorld
    from tests.support.lists import World


@pytest.fixture
def booths(world: World) -> BoothWorld:
    """Ada and Bea interpret into French."""
    from tests.meeting.interpretation.booth_world import BoothWorld  # Django must be set up first

    return BoothWorld.of(world)
