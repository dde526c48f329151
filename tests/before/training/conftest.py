"""A training session of the reference hearing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from hemicycle.before.training.models import Session
    from tests.support.lists import World


@pytest.fixture
def session(world: World) -> Session:
    """A session in five days with two places."""
    from hemicycle.before.training import actions  # Django is set up by now
    from tests.before.training.sessions import plan

    return actions.schedule(hearing=world.hearing, plan=plan(), actor=world.office)
