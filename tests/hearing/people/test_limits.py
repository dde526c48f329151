"""A rate limit holds across processes, ends in time, and keeps no more data than it needs."""

from __future__ import annotations

import os
import re
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from hemicycle.hearing.people import limits
from hemicycle.hearing.people.models import Tally
from hemicycle.record import clock
from hemicycle.site.api import limits as api_limits
from tests.support import database
from tests.support.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.postgresql("locks")

START = 1_627_000_000_000
ADDRESS = "192.0.2.7"


@pytest.fixture
def at() -> Iterator[clock.Virtual]:
    virtual = clock.Virtual(START)
    with clock.using(virtual):
        yield virtual


def counted(most: int = 2, until_ms: int = START + 1000, what: str = "x") -> int:
    return limits.count(what, ADDRESS, most=most, until_ms=until_ms).used


@pytest.mark.django_db
def test_a_stretch_begins_with_the_first_attempt_and_ends(at: clock.Virtual) -> None:
    assert [counted(until_ms=START + 1000) for _ in range(2)] == [1, 2]
    at.advance(999)
    assert counted(until_ms=START + 1999) == 3
    at.advance(1)
    assert [counted(until_ms=START + 2000) for _ in range(2)] == [1, 2]


@pytest.mark.django_db
def test_each_caller_and_each_thing_has_a_count_of_its_own(at: clock.Virtual) -> None:
    asked = [RequestFactory(REMOTE_ADDR=f"192.0.2.{n}").get("/") for n in (1, 2)]
    for what in ("a", "b"):
        for request in asked:
            caller = limits.network_of(request)
            counts = [limits.count(what, caller, most=2, until_ms=START + 60_000) for _ in range(4)]
            assert [count.used for count in counts] == [1, 2, 3, 3]
    kept = str(list(Tally.objects.values()))
    assert (Tally.objects.count(), "192.0.2" in kept) == (4, False)


@pytest.mark.django_db
def test_who_has_spent_theirs_costs_no_more_writes(at: clock.Virtual) -> None:
    for _ in range(3):
        counted()
    with CaptureQueriesContext(connection) as asked:
        assert [counted() for _ in range(50)] == [3] * 50
    assert len(asked) == 0
    at.advance(1000)
    assert counted(until_ms=START + 2000) == 1


@pytest.mark.django_db
def test_what_is_over_is_forgotten(at: clock.Virtual) -> None:
    for number in range(20):
        counted(what=str(number))
    at.advance(1000)
    cache.clear()
    counted(what="later", until_ms=START + 2000)
    assert Tally.objects.count() == 1


def _environment() -> dict[str, str]:
    name = str(settings.DATABASES["default"]["NAME"])
    return os.environ | {"HEMICYCLE_DATABASE_URL": database.url_of(name)}


@pytest.mark.django_db(transaction=True)
def test_two_processes_never_count_the_same_attempt() -> None:
    forking = get_context("fork")
    both, told = forking.Barrier(2), forking.Queue()

    def count_many() -> None:
        both.wait(60)
        told.put([counted(most=10**6, until_ms=10**15) for _ in range(150)])

    connection.close()
    if close_pool := getattr(connection, "close_pool", None):
        close_pool()  # PostgreSQL: otherwise both would share the pool's connections
    running = [forking.Process(target=count_many) for _ in range(2)]
    for process in running:
        process.start()
    said = [told.get(timeout=60) for _ in running]
    for process in running:
        process.join(60)
    assert sorted(said[0] + said[1]) == list(range(1, 301))


def test_what_one_server_counts_the_other_knows(site: Site, tmp_path: Path) -> None:
    """Two servers share one database; asked in turn, they count down together."""
    (tmp_path / "other").mkdir()
    other = Site(tmp_path / "other", _environment()["HEMICYCLE_DATABASE_URL"])
    other.start()
    try:
        told = [_left(key) for _ in range(3) for key in (site, other)]
        if told[-1][1] > told[0][1]:  # a new minute has begun
            told = [_left(key) for _ in range(3) for key in (site, other)]
    finally:
        other.stop()
    other.check_log()
    left = [answer[0] for answer in told]
    assert left == list(range(left[0], left[0] - 6, -1))
    assert left[0] < api_limits.FOR_ADDRESS


def _left(site: Site) -> tuple[int, int]:
    """Return how many requests are left, and for how many seconds."""
    with urlopen(f"{site.url}/api/v1/hearings", timeout=30) as answer:
        found = re.fullmatch(r'"requests";r=(\d+);t=(\d+)', answer.headers["RateLimit"])
    assert found is not None
    return int(found[1]), int(found[2])
