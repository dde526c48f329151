"""On connecting, processes compare their clock with PostgreSQL's, which the record follows."""

from __future__ import annotations

import time

import pytest
from django.db import DatabaseError, connection

from hemicycle import shared_clock
from hemicycle.meeting.media_machines import leases
from hemicycle.record import clock, database_clock

pytestmark = [pytest.mark.postgresql("time"), pytest.mark.django_db(transaction=True)]
OFF_MS = 60_000
NEAR_MS = 1_000


@pytest.fixture(autouse=True)
def _on_postgresql() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has this machine's own clock")


@pytest.fixture(params=[OFF_MS, -OFF_MS])
def off_ms(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """The error of this machine's clock in ms; this process has not compared it yet."""
    wrong: int = request.param
    monkeypatch.setattr(shared_clock, "own_ms", lambda: time.time() * 1000 + wrong)
    monkeypatch.setattr(shared_clock, "_from_steady_ms", None)
    monkeypatch.setattr(database_clock, "_compared_at", float("-inf"))
    return wrong


def test_a_new_connection_corrects_the_clock_of_the_record(off_ms: int) -> None:
    assert abs(clock.now_ms() - time.time() * 1000 - off_ms) < NEAR_MS
    connection.close()
    database_clock.compare_at_start()
    assert abs(clock.now_ms() - leases.database_ms()) < NEAR_MS
    assert abs(shared_clock.ahead_ms() - off_ms) < NEAR_MS


def test_it_is_not_compared_with_each_connection(
    off_ms: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection.close()
    connection.ensure_connection()
    told: list[float] = []
    monkeypatch.setattr(shared_clock, "compare", lambda before, _told, _after: told.append(before))
    for _ in range(2):
        connection.close()
        connection.ensure_connection()
    assert told == []
    monkeypatch.setattr(database_clock, "COMPARED_EVERY_S", 0.0)
    connection.close()
    connection.ensure_connection()
    assert len(told) == 1


def test_a_database_that_is_away_leaves_the_clock_as_it_was(
    off_ms: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise DatabaseError("gone")

    connection.close()
    with monkeypatch.context() as patch:
        patch.setattr(database_clock, "compare", refuse)
        database_clock.compare_at_start()
    assert shared_clock.ahead_ms() == 0
