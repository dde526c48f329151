"""Hearings that tests share.

A hearing with all that happened in it takes a second or more to make. It is made once in a
transaction that stays open while tests that ask for it follow one another; what each of them
changes is rolled back to it.

A test whose transactions end in the database makes a hearing of its own, since others must see it.
So does one that drives a browser: Playwright's event loop gives it another connection, which would
wait for that transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Protocol

from django.db import transaction

from hemicycle.record import clock

if TYPE_CHECKING:
    from pytest_django import DjangoDbBlocker

    from tests.support.lists import World


class InWorld(Protocol):
    """Something made in a world, whose clock tells how far it was played."""

    @property
    def world(self) -> World:
        """The hearing, its panels and its clock."""


class SharedHearing[Made: InWorld]:
    """One of them; while it is closed, the database knows nothing of it."""

    def __init__(
        self, blocker: DjangoDbBlocker, make: Callable[[], AbstractContextManager[Made]]
    ) -> None:
        self._blocker = blocker
        self._make = make
        self._made: Made | None = None
        self._transaction = ExitStack()

    def open(self) -> None:
        """Make it, unless it is there."""
        if self._made is None:
            with self._blocker.unblock(), ExitStack() as opening:
                opening.enter_context(transaction.atomic())
                opening.callback(transaction.set_rollback, True)
                with self._make() as self._made:
                    self._transaction = opening.pop_all()

    def close(self) -> None:
        """Take it out of the database."""
        self._made = None
        with self._blocker.unblock():
            self._transaction.close()

    @contextmanager
    def copy(self) -> Iterator[Made]:
        """A test's own copy of what names its rows, at the time to which it was played."""
        if self._made is None:
            with self._make() as made:
                yield made
            return
        copied = deepcopy(self._made)
        with clock.using(copied.world.clock):
            yield copied


class SharedHearings:
    """Those of this process, of which one at most is open.

    `is_shared` says whether the test that is being set up shares them.
    """

    def __init__(self, blocker: DjangoDbBlocker, is_shared: Callable[[], bool]) -> None:
        self._blocker = blocker
        self._is_shared = is_shared
        self._hearings: dict[str, SharedHearing[Any]] = {}

    def add[Made: InWorld](
        self, fixture: str, make: Callable[[], AbstractContextManager[Made]]
    ) -> SharedHearing[Made]:
        """Add one, and open it for tests that use the fixture of that name."""
        added = SharedHearing(self._blocker, make)
        self._hearings[fixture] = added
        self.follow([fixture])
        return added

    def follow(self, fixtures: Collection[str]) -> None:
        """Open the one that a test with these fixtures shares, and close the others."""
        if not self._is_shared():
            fixtures = ()
        for name, hearing in self._hearings.items():
            if name not in fixtures:
                hearing.close()
        for name, hearing in self._hearings.items():
            if name in fixtures:
                hearing.open()
