from collections.abc import Iterator

import pytest

from tests.ui.lab import Lab


@pytest.fixture
def lab() -> Iterator[Lab]:
    """A server of the scripts, with a clock two hours and 123 ms ahead of the browser's."""
    running = Lab(skew_ms=7_200_123)
    yield running
    running.stop()
