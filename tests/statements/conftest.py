"""A hearing to hand statements in to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.lists import World


@pytest.fixture
def world(db: None) -> Iterator[World]:
    """The reference hearing before its deadlines, with nobody on its lists yet."""
    from tests.support.lists import reference_world  # settings come after this file

    with reference_world() as world:
        yield world
