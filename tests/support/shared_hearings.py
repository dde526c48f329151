"""Hearings that tests share.

It takes a second or more to make a hearing and all its events. A shared hearing is made once, in a
transaction that stays open while tests that use it follow one another; the changes of each test are
rolled back.

A test that commits its transactions makes a hearing of its own, which other connections can see. So
does a test that drives a browser: Playwright's event loop gives it another connection, which would
wait for that transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from django.db import transaction

from hemicycle.documents.reading import guarded
from hemicycle.record import clock
from hemicycle.record.clock import Clock
from tests.support import unconfined

if TYPE_CHECKING:
    from pytest_django import DjangoDbBlocker


class Timed(Protocol):
    """A world with a clock."""

    @property
    def clock(self) -> Clock:
        """The clock, which shows the time that the hearing has reached."""


class InWorld(Protocol):
    """Something made in a world."""

    @property
    def world(self) -> Timed:
        """The world, such as the hearing, its panels and its clock."""


class SharedHearing[Made: InWorld]:
    """A hearing that tests share. While it is closed, it is not in the database."""

    def __init__(
        self, blocker: DjangoDbBlocker, make: Callable[[], AbstractContextManager[Made]]
    ) -> None:
        self._blocker = blocker
        self._make = make
        self._made: Made | None = None
        self._transaction = ExitStack()

    def open(self) -> None:
        """Make the hearing, unless it exists."""
        if self._made is None:
            with (
                self._blocker.unblock(),
                pytest.MonkeyPatch.context() as here,
                ExitStack() as opening,
            ):
                here.setattr(guarded, "run", unconfined.run)  # its files are read here
                opening.enter_context(transaction.atomic())
                opening.callback(transaction.set_rollback, True)
                with self._make() as self._made:
                    self._transaction = opening.pop_all()

    def close(self) -> None:
        """Remove the hearing from the database."""
        self._made = None
        with self._blocker.unblock():
            self._transaction.close()

    @contextmanager
    def copy(self) -> Iterator[Made]:
        """Yield a copy for one test, with the clock at the time that the hearing has reached.

        If the hearing is closed, make another one for this test only.
        """
        if self._made is None:
            with self._make() as made:
                yield made
            return
        copied = deepcopy(self._made)
        with clock.using(copied.world.clock):
            yield copied


class SharedHearings:
    """The shared hearings of this process, of which at most one is open.

    `is_shared` returns whether the test that is being set up may use them.
    """

    def __init__(self, blocker: DjangoDbBlocker, is_shared: Callable[[], bool]) -> None:
        self._blocker = blocker
        self._is_shared = is_shared
        self._hearings: dict[str, SharedHearing[Any]] = {}

    def add[Made: InWorld](
        self, fixture: str, make: Callable[[], AbstractContextManager[Made]]
    ) -> SharedHearing[Made]:
        """Add a hearing for the tests that use the fixture of that name, and open it."""
        added = SharedHearing(self._blocker, make)
        self._hearings[fixture] = added
        self.follow([fixture])
        return added

    def follow(self, fixtures: Collection[str]) -> None:
        """Open the hearing that a test with these fixtures shares, and close the others."""
        if not self._is_shared():
            fixtures = ()
        for name, hearing in self._hearings.items():
            if name not in fixtures:
                hearing.close()
        for name, hearing in self._hearings.items():
            if name in fixtures:
                hearing.open()
