"""A hearing that is over, to be summed up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.finished import Finished


@pytest.fixture
def finished(db: None) -> Iterator[Finished]:
    """The reference hearing after its panels, with nothing drafted yet."""
    from tests.support.finished import finished_hearing  # settings come after this file

    with finished_hearing() as hearing:
        yield hearing
