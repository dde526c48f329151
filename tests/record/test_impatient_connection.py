"""A database server that stands still: connections that wait for it are closed."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import OperationalError, connection, connections

from hemicycle.record import direct_connection, impatient_connection, notify
from hemicycle.record.impatient_connection import ImpatientConnection, ServerSilent

pytestmark = [pytest.mark.postgresql("locks"), pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _on_postgresql() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite is a file in this process")


@pytest.fixture
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(impatient_connection, "_limit_s", 0.4)


@pytest.mark.usefixtures("_soon")
def test_a_statement_without_an_answer_ends() -> None:
    with ImpatientConnection.connect(**direct_connection.parameters(), autocommit=True) as one:
        assert one.execute("SELECT 1").fetchone() == (1,)
        begun = time.monotonic()
        with pytest.raises(ServerSilent, match=r"no answer from the database server for 0\.4 s"):
            one.execute("SELECT pg_sleep(3)")
        assert 0.4 <= time.monotonic() - begun < 2
        assert one.closed


@pytest.mark.usefixtures("_soon")
def test_an_answer_that_comes_bit_by_bit_is_not_cut_off() -> None:
    rows = "SELECT pg_sleep(0.25), repeat('x', 20000) FROM generate_series(1, 4)"
    with ImpatientConnection.connect(**direct_connection.parameters(), autocommit=True) as one:
        begun = time.monotonic()
        assert len(one.execute(rows).fetchall()) == 4
        assert time.monotonic() - begun > 0.9


def test_a_command_waits_for_as_long_as_it_takes() -> None:
    assert impatient_connection._limit_s == float("inf")


@pytest.mark.usefixtures("_soon")
def test_the_pool_closes_what_leads_to_the_same_server() -> None:
    pool = connections["default"].pool  # type: ignore[attr-defined] # PostgreSQL's has one
    connection.close()
    idle = [pool.getconn() for _ in range(3)]
    for one in idle:
        pool.putconn(one)
    with pytest.raises(OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(3)")
    connection.close()
    assert all(one.closed for one in idle)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 2")
        assert cursor.fetchone() == (2,)


def test_a_listener_leaves_a_server_that_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notify, "QUIET_S", 0.2)
    monkeypatch.setattr(impatient_connection, "PAGES_S", 0.4)
    hearing = uuid4()

    async def heard() -> UUID | None:
        news: asyncio.Queue[UUID | None] = asyncio.Queue()
        listening = asyncio.create_task(notify._listen_postgresql(news.put_nowait))
        try:
            assert await asyncio.wait_for(news.get(), 10) is None  # it listens
            with standing_still(await asyncio.to_thread(_listeners)):
                # It listens again, on another connection.
                assert await asyncio.wait_for(news.get(), 10) is None
                await asyncio.to_thread(_tell, hearing)
                return await asyncio.wait_for(news.get(), 10)
        finally:
            listening.cancel()

    assert asyncio.run(heard()) == hearing


def test_a_listener_hears_what_comes_with_a_sign_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    """News may arrive while the server is asked for a sign of life, and come with that answer."""
    monkeypatch.setattr(notify, "QUIET_S", 0.001)
    hearings = [uuid4() for _ in range(30)]

    async def heard() -> set[UUID | None]:
        news: asyncio.Queue[UUID | None] = asyncio.Queue()
        listening = asyncio.create_task(notify._listen_postgresql(news.put_nowait))
        try:
            assert await asyncio.wait_for(news.get(), 10) is None
            for hearing in hearings:
                await asyncio.to_thread(_tell, hearing)
            return {await asyncio.wait_for(news.get(), 10) for _ in hearings}
        finally:
            listening.cancel()

    assert asyncio.run(heard()) == set(hearings)


@contextmanager
def standing_still(processes: list[int]) -> Iterator[None]:
    """Stop processes of the server; their kernel still acknowledges what they receive."""
    assert processes
    for number in processes:
        os.kill(number, signal.SIGSTOP)
    try:
        yield
    finally:
        for number in processes:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGCONT)


def _listeners() -> list[int]:
    """Return the server's processes that serve the listeners of this database."""
    with psycopg.connect(**direct_connection.parameters(), autocommit=True) as asking:
        found = asking.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid != pg_backend_pid() AND query = %s",
            [f"LISTEN {notify.CHANNEL}"],
        )
        return [number for (number,) in found]


def _tell(hearing: UUID) -> None:
    with psycopg.connect(**direct_connection.parameters(), autocommit=True) as sender:
        sender.execute("SELECT pg_notify(%s, %s)", [notify.CHANNEL, hearing.hex])
