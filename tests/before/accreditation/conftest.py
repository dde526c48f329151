"""The reference hearing with every step of accreditation turned on for civil society."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from hemicycle.before.accreditation.models import FocalPoint
    from tests.support.lists import World


@pytest.fixture
def steps(world: World) -> Callable[..., None]:
    """Return a function that sets fields of the category of civil society, and so its steps."""
    from hemicycle.hearing.setup.models import Category  # Django is set up by now

    def turn_on(**fields: object) -> None:
        rows = Category.objects.filter(hearing=world.hearing, key="civil-society")
        rows.update(**fields)

    return turn_on


@pytest.fixture
def focal_point(world: World, steps: Callable[..., None]) -> FocalPoint:
    """A focal point who approves registrations of civil society."""
    from tests.before.accreditation.people import named  # Django is set up by now

    steps(focal_point=True)
    return named(world)


@pytest.fixture
def world(world: World) -> World:
    """The reference hearing, in which the tests decide who is accepted."""
    world.accepts = False
    return world
