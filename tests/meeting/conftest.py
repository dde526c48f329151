"""A hearing whose first panel is open, for the tests of meetings."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.lists import Convened, World
    from tests.support.shared_hearings import SharedHearing, SharedHearings


@contextmanager
def opened() -> Iterator[Convened]:
    """Yield the reference hearing with its first panel open."""
    from hemicycle.hearing.people.models import Role  # Django is set up by now
    from tests.support.lists import convened

    with convened() as made:
        world = made.world
        for segment in world.panels:
            segment.members.filter(role=Role.PANELLIST).delete()
        world.mission("Examplia", 0)
        for name in ("Open Doors", "Safe Harbour", "Late Voices"):
            world.ngo(name, 0)
        world.open_panel()
        yield made


@pytest.fixture(scope="session")
def shared_panel(shared_hearings: SharedHearings) -> SharedHearing[Convened]:
    """The shared hearing that `panel` copies."""
    return shared_hearings.add("shared_panel", opened)


@pytest.fixture
def panel(shared_panel: SharedHearing[Convened], db: None) -> Iterator[World]:
    """The first panel, open, with a mission and three organizations on its list."""
    with shared_panel.copy() as made:
        yield made.world
