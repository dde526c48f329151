"""Fixtures of the engine's tests."""

from collections.abc import Iterator

import pytest

from tests.engine import virtual_time as virtual


@pytest.fixture
def virtual_time(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let the time of this test pass as fast as its threads work, unless it runs in real time."""
    if request.node.get_closest_marker("real_time"):
        yield
        return
    with virtual.passing():
        yield
