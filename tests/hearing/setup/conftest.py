"""The reference hearing, as its file describes it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from hemicycle.hearing.setup.models import Hearing

REFERENCE = Path(__file__).parents[3] / "hearings" / "2021-trafficking.toml"


@pytest.fixture
def reference() -> str:
    """Return the text of the reference hearing's file."""
    return REFERENCE.read_text()


@pytest.fixture
def hearing(db: None) -> Hearing:
    """Return the reference hearing, published."""
    from hemicycle.hearing.setup import actions

    return actions.convene(REFERENCE, publish=True)
