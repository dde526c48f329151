"""A clock for jobs."""

from collections.abc import Iterator

import pytest

from hemicycle.record import clock

WHEN = 1_800_000_000_000


@pytest.fixture
def time() -> Iterator[clock.Virtual]:
    """Yield a clock that the test moves."""
    virtual = clock.Virtual(WHEN)
    with clock.using(virtual):
        yield virtual
