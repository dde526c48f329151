"""A plugin of pytest that numbers what runs: each test, and each fixture that several tests share.

What such a fixture runs counts for all tests that use it, not only for the first. A hearing that
tests share (`tests/support/shared_hearings.py`) is made while a test is set up, but outside its
fixtures; this counts for all tests with the same shared fixtures.
"""

import json
import os
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager

import pytest
import sitecustomize  # type: ignore[import-not-found]

NOT_LOADED_ALONE = frozenset(
    {"__main__", "allauth", "django", "django_tasks_db", "hemicycle", "tests", "tools", "bench"}
    | {"conftest", "sitecustomize", "mutation_contexts"}
)
"""Packages that are ours, or that Django loads once it has its settings."""


class Contexts:
    """The numbers of tests and shared fixtures in this process of pytest."""

    def __init__(self) -> None:
        name = str(os.getpid())
        path = sitecustomize.FOLDER / f"{name}.context"
        path.write_bytes(bytes(8))
        self._file = os.open(path, os.O_WRONLY)
        self._log = path.with_suffix(".tests").open("a", buffering=1)
        self._numbers = {"": 0}
        self._current = ""
        self._failures: set[str] = set()
        sitecustomize.begin(name)

    @contextmanager
    def _context(self, name: str) -> Iterator[None]:
        around = self._current
        self._switch(name)
        try:
            yield
        finally:
            self._switch(around)

    def _switch(self, name: str) -> None:
        self._current = name
        number = self._numbers.setdefault(name, len(self._numbers))
        os.pwrite(self._file, number.to_bytes(8, "little"), 0)
        sys.monitoring.restart_events()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        begin = time.perf_counter()
        with self._context(item.nodeid):
            result = yield
        fixtures = _shared(item)
        facts = {
            "test": item.nodeid,
            "seconds": round(time.perf_counter() - begin, 3),
            "passes": item.nodeid not in self._failures,
            "contexts": [self._numbers[item.nodeid]]
            + [
                self._numbers[name]
                for name in (*fixtures, " ".join(fixtures))
                if name in self._numbers
            ],
        }
        print(json.dumps(facts), file=self._log)
        return result

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None]:
        with self._context(" ".join(_shared(item))):
            yield

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
    ) -> Generator[None, object, object]:
        is_shared = fixturedef.scope != "function"
        with self._context(_name(fixturedef) if is_shared else request.node.nodeid):
            return (yield)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.outcome in {"failed", "skipped"}:
            self._failures.add(report.nodeid)

    def pytest_unconfigure(self) -> None:
        libraries = [name for name in sys.modules if name.partition(".")[0] not in NOT_LOADED_ALONE]
        (sitecustomize.FOLDER / "libraries").write_text(json.dumps(libraries))


def pytest_configure(config: pytest.Config) -> None:
    """Number the tests of this process, unless it only hands them out to others."""
    if hasattr(config, "workerinput") or not config.getoption("numprocesses", None):
        config.pluginmanager.register(Contexts())


def _shared(item: pytest.Item) -> list[str]:
    assert isinstance(item, pytest.Function)
    definitions = item._fixtureinfo.name2fixturedefs.values()
    return sorted(_name(chain[-1]) for chain in definitions if chain[-1].scope != "function")


def _name(fixture: pytest.FixtureDef[object]) -> str:
    return f"{fixture.baseid}::{fixture.argname}"
