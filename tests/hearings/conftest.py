"""The reference hearing, as its file tells it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from hemicycle.hearings.models import Hearing

REFERENCE = Path(__file__).parents[2] / "hearings" / "2021-trafficking.toml"


@pytest.fixture
def reference() -> str:
    """The text of the reference hearing's file."""
    return REFERENCE.read_text()


@pytest.fixture
def hearing(db: None) -> Hearing:
    """The reference hearing, published."""
    from hemicycle.hearings import actions

    return actions.convene(REFERENCE, publish=True)
