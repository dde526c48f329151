"""Archives of a hearing that is over, built once for the tests that read or forge them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.support import browser as chromium

if TYPE_CHECKING:
    from pytest_django import DjangoDbBlocker

    from tests.outcome.archive.archived import Archived, Witnessed
    from tests.support.shared_hearings import SharedHearing, SharedHearings


@pytest.fixture(scope="session")
def shared_drafted(shared_hearings: SharedHearings) -> SharedHearing[Archived]:
    """The hearing that tests of `drafted` share."""
    from tests.outcome.archive.archived import (
        archived_hearing,  # Django's settings are loaded later
    )

    return shared_hearings.add("shared_drafted", partial(archived_hearing, public=False))


@pytest.fixture(scope="session")
def shared_published(shared_hearings: SharedHearings) -> SharedHearing[Archived]:
    """The hearing that tests of `published` share."""
    from tests.outcome.archive.archived import (
        archived_hearing,  # Django's settings are loaded later
    )

    return shared_hearings.add("shared_published", partial(archived_hearing, public=True))


@pytest.fixture
def drafted(shared_drafted: SharedHearing[Archived], db: None) -> Iterator[Archived]:
    """A hearing with a drafted summary, and the secretariat's archive of it."""
    with shared_drafted.copy() as archived:
        yield archived


@pytest.fixture
def published(shared_published: SharedHearing[Archived], db: None) -> Iterator[Archived]:
    """A hearing with a published summary, and the public's archive of it."""
    with shared_published.copy() as archived:
        yield archived


@pytest.fixture(scope="session")
def witnessed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Witnessed:
    """What the public gets of a hearing that is over, for tests that need no database."""
    from django.db import transaction

    from tests.outcome.archive import archived  # Django's settings are loaded later

    with chromium.without_loop(), django_db_blocker.unblock(), transaction.atomic():
        try:
            return archived.witnessed()
        finally:
            transaction.set_rollback(True)
