"""The reference hearing, and the fields that a browser sends to register for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.support.lists import World

type Typed = dict[str, Any]


@pytest.fixture
def stakeholder(world: World) -> Callable[..., Typed]:
    """Return a function that makes a stakeholder's fields; its arguments change or add some."""

    def typed(**changes: Any) -> Typed:
        return {
            "form_key": f"k{next(world.numbers):042}",
            "category": str(world.hearing.categories.get(key="civil-society").id),
            "organization": "River Watch",
            "country": "KE",
            "name": "Amina Otieno",
            "title": "Director",
            "email": "amina@example.org",
            "language": "en",
            "wishes_to_intervene": "yes",
            "segment": str(world.panels[0].id),
            "consents_to_list": "on",
            **changes,
        }

    return typed


@pytest.fixture
def mission(world: World) -> Callable[..., Typed]:
    """Return a function that makes a mission's fields; its arguments change or add some."""

    def typed(**changes: Any) -> Typed:
        return {
            "form_key": f"m{next(world.numbers):042}",
            "category": str(world.hearing.categories.get(key="member-state").id),
            "state": "FR",
            "name": "Claire Martin",
            "rank": "7",
            "email": "claire@example.org",
            "language": "fr",
            "segments": [str(world.panels[0].id)],
            **changes,
        }

    return typed


@pytest.fixture
def world(world: World) -> World:
    """The reference hearing, in which the tests decide who is accepted."""
    world.accepts = False
    return world
