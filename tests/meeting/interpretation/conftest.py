"""A hearing whose French booth has two interpreters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.meeting.interpretation.house import House
    from tests.support.lists import World


@pytest.fixture
def house(world: World) -> House:
    """Ada and Bea interpret into French."""
    from tests.meeting.interpretation.house import House  # Django is set up by now

    return House.of(world)
