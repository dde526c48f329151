"""A library with statements, shared by the tests that read it or withdraw something from it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.before.statements.library.libraries import FilledLibrary
    from tests.support.shared_hearings import SharedHearing, SharedHearings


@pytest.fixture(scope="session")
def shared_library(shared_hearings: SharedHearings) -> SharedHearing[FilledLibrary]:
    """The shared hearing that `library` copies."""
    from tests.before.statements.library.libraries import filled_library  # after the settings

    return shared_hearings.add("shared_library", filled_library)


@pytest.fixture
def library(shared_library: SharedHearing[FilledLibrary], db: None) -> Iterator[FilledLibrary]:
    """A hearing that has ended, with statements in six languages."""
    with shared_library.copy() as library:
        yield library
