"""A pooler in front of PostgreSQL: what needs a direct connection, and what reports this."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection

from hemicycle.record import direct_connection, notify
from hemicycle.site.processes import start_checks
from tests.support import database
from tools.cluster.pooler import Pooler

pytestmark = [
    pytest.mark.postgresql("notifications"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("pgbouncer") is None, reason="needs Debian's pgbouncer"),
]


@pytest.fixture
def server(settings: Any) -> dict[str, Any]:
    """The parameters of a connection to PostgreSQL itself."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no pooler")
    return direct_connection.parameters()


def behind(pooler: Pooler, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set Django's database address to the pooler's."""
    monkeypatch.setitem(connection.settings_dict, "HOST", pooler.host)
    monkeypatch.setitem(connection.settings_dict, "PORT", str(pooler.port))
    options = connection.settings_dict["OPTIONS"]
    for name in ("host", "port"):
        monkeypatch.delitem(options, name, raising=False)


@pytest.fixture
def pooler(server: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[Pooler]:
    """A pooler that Django's address leads to."""
    started = database.pooler_before(
        server["host"], int(server.get("port") or 5432), server["user"]
    )
    behind(started, monkeypatch)
    yield started
    started.stop()


def direct(server: dict[str, Any]) -> dict[str, Any]:
    return {"host": server["host"], "port": str(server.get("port") or 5432)}


def test_news_does_not_pass_a_pooler(pooler: Pooler, settings: Any) -> None:
    settings.DATABASE_DIRECT = {}
    assert not direct_connection.news_arrives(within_s=1)
    fault = start_checks.no_news()
    assert fault is not None
    assert fault.advice == "Let HEMICYCLE_DATABASE_DIRECT_URL name PostgreSQL itself."


def test_news_arrives_beside_a_pooler(
    pooler: Pooler, settings: Any, server: dict[str, Any]
) -> None:
    settings.DATABASE_DIRECT = direct(server)
    assert direct_connection.through_pooler()["host"] == pooler.host
    assert start_checks.no_news() is None


def test_another_database_is_found_out(
    pooler: Pooler, settings: Any, server: dict[str, Any]
) -> None:
    settings.DATABASE_DIRECT = {**direct(server), "dbname": "postgres"}
    fault = start_checks.no_news()
    assert fault is not None
    assert "HEMICYCLE_DATABASE_DIRECT_URL leads to a pooler, or to another database" in fault.found


def test_a_listener_hears_what_was_committed_through_the_pooler(
    pooler: Pooler, settings: Any, server: dict[str, Any]
) -> None:
    settings.DATABASE_DIRECT = direct(server)
    hearing = uuid4()

    async def heard() -> UUID:
        news: asyncio.Queue[UUID | None] = asyncio.Queue()
        listening = asyncio.create_task(notify._listen_postgresql(news.put_nowait))
        try:
            assert await asyncio.wait_for(news.get(), 10) is None  # it listens
            await asyncio.to_thread(_tell, hearing)
            return await asyncio.wait_for(news.get(), 10) or uuid4()
        finally:
            listening.cancel()

    assert asyncio.run(heard()) == hearing


def _tell(hearing: UUID) -> None:
    import psycopg

    with psycopg.connect(**direct_connection.through_pooler(), autocommit=True) as sender:
        sender.execute("SELECT pg_notify(%s, %s)", [notify.CHANNEL, hearing.hex])


def test_prepared_statements_are_followed(pooler: Pooler) -> None:
    assert start_checks.lost_statements() is None


def test_a_pooler_that_does_not_follow_them_is_named(
    server: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(server.get("port") or 5432)
    forgetful = database.pooler_before(
        server["host"], port, server["user"], max_prepared_statements=0
    )
    try:
        behind(forgetful, monkeypatch)
        fault = start_checks.lost_statements()
    finally:
        forgetful.stop()
    assert fault is not None
    assert fault.found == "The pooler in front of PostgreSQL loses prepared statements."


def test_options_of_the_address_hold_for_listeners_too(
    server: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "target_session_attrs", "read-write")
    assert direct_connection.parameters()["target_session_attrs"] == "read-write"


def test_a_process_does_not_start_where_news_does_not_arrive(pooler: Pooler) -> None:
    name = connection.settings_dict["NAME"]
    user = connection.settings_dict["USER"]
    url = f"postgresql://{user}@/{name}?host={pooler.host}&port={pooler.port}"
    environment = os.environ | {"HEMICYCLE_DATABASE_URL": url, "HEMICYCLE_DEBUG": "0"}
    environment.pop("HEMICYCLE_DATABASE_DIRECT_URL", None)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "hemicycle.site.cli", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    started = run("web", "--port", "0")
    assert started.returncode == 1, started.stdout
    assert started.stderr.startswith("hemicycle: Live pages would stand still: ")
    found = json.loads(run("doctor", "--json", "--ntp", "none").stdout)
    faults = [
        row["found"] for row in found if (row["check"], row["health"]) == ("database", "fault")
    ]
    assert len(faults) == 1
    assert faults[0].startswith("Live pages would stand still: ")
