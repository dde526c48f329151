"""The reference hearing, as its file describes it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hemicycle.record import clock

if TYPE_CHECKING:
    from hemicycle.hearing.setup.models import Hearing
    from hemicycle.record.clock import Clock
    from tests.support.shared_hearings import SharedHearing, SharedHearings

REFERENCE = Path(__file__).parents[3] / "hearings" / "2021-trafficking.toml"


@pytest.fixture
def reference() -> str:
    """Return the text of the reference hearing's file."""
    return REFERENCE.read_text()


@dataclass(frozen=True)
class Published:
    """A published hearing, at the time of this machine."""

    hearing: Hearing
    clock: Clock

    @property
    def world(self) -> Published:
        """Itself, since it has the clock."""
        return self


@contextmanager
def published() -> Iterator[Published]:
    """Yield the reference hearing, published."""
    from hemicycle.hearing.setup import actions  # Django is set up by now

    yield Published(actions.convene(REFERENCE, publish=True), clock.wall)


@pytest.fixture(scope="session")
def shared_reference(shared_hearings: SharedHearings) -> SharedHearing[Published]:
    """The shared hearing that `hearing` copies."""
    return shared_hearings.add("shared_reference", published)


@pytest.fixture
def hearing(shared_reference: SharedHearing[Published], db: None) -> Iterator[Hearing]:
    """The reference hearing, published."""
    with shared_reference.copy() as made:
        yield made.hearing
