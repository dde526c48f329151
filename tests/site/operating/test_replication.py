"""`hemicycle doctor` and the operations page say when no standby has each commit."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection
from django.utils import translation

from hemicycle.record import direct_connection
from hemicycle.site.operating.checks import replication
from hemicycle.site.operating.checks.replication import Replication
from hemicycle.site.operating.doctor import Health
from tests.site.own_postgresql import OwnPostgresql, own_postgresql

ALONE = Replication(
    names_standbys=False, commits_wait=True, tells_all=True, standbys=0, synchronous=0
)


def said(state: Replication, *, several_servers: bool = False) -> list[tuple[Health, str]]:
    with translation.override("en"):
        found = list(replication.judge(state, several_servers=several_servers))
    assert all(one.advice for one in found if one.health is not Health.OK)
    return [(one.health, one.found.partition(":")[0]) for one in found]


def test_a_single_server_is_not_mentioned() -> None:
    assert said(ALONE) == []


def test_several_servers_of_which_one_is_left() -> None:
    found = [(Health.WARNING, "no standby follows PostgreSQL’s primary")]
    assert said(ALONE, several_servers=True) == found


@pytest.mark.parametrize("names", [True, False])
def test_commits_that_do_not_wait(names: bool) -> None:
    state = Replication(
        names_standbys=names, commits_wait=not names, tells_all=True, standbys=2, synchronous=0
    )
    assert said(state) == [(Health.WARNING, "no commit waits for a standby")]


@pytest.mark.any_database
@pytest.mark.slow
def test_a_server_and_its_standby_as_they_are() -> None:
    """Compare what a superuser and an ordinary user see, with and without a standby."""
    with own_postgresql() as server:
        primary = server.folder / "data"
        server.run(f"initdb -D {primary} -U postgres --encoding=UTF8")
        server.serve(primary)
        with server.connected() as admin:
            admin.execute("CREATE ROLE office LOGIN")
            assert all(seen(server, user) == [] for user in ("postgres", "office"))

            server.run(f"pg_basebackup -D {server.folder}/copy -R --checkpoint=fast")
            options = f"-k {server.folder} -p {server.port + 1} -c listen_addresses="
            standby = server.start(f"postgres -D {server.folder}/copy {options}")
            loose = [(Health.WARNING, "no commit waits for a standby")]
            for user in ("postgres", "office"):
                wait_until(partial(sees, server, user, loose))

            admin.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            admin.execute("SELECT pg_reload_conf()")
            tight = [(Health.OK, "1 server has each commit before it is confirmed")]
            wait_until(partial(sees, server, "postgres", tight))
            assert seen(server, "office") == [(Health.OK, "each commit waits for a standby")]
            admin.execute("GRANT pg_monitor TO office")
            assert seen(server, "office") == tight

            standby.kill()
            standby.wait(30)
            stuck = [(Health.FAULT, "each commit waits for a standby, and none answers")]
            for user in ("postgres", "office"):
                wait_until(partial(sees, server, user, stuck))


def seen(server: OwnPostgresql, user: str) -> list[tuple[Health, str]]:
    with server.connected(user) as one, one.cursor() as cursor:
        return said(replication.read(cursor))


def sees(server: OwnPostgresql, user: str, found: list[tuple[Health, str]]) -> bool:
    return seen(server, user) == found


def wait_until(look: Callable[[], bool]) -> None:
    limit = time.monotonic() + 20
    while not look():
        assert time.monotonic() < limit
        time.sleep(0.1)


@pytest.mark.django_db
def test_the_site_asks_its_own_server(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(replication.commits_are_copied()) == []
    if connection.vendor != "postgresql":
        return
    own = direct_connection.parameters()
    monkeypatch.setattr(
        direct_connection, "parameters", lambda: own | {"host": "10.0.0.1,10.0.0.2"}
    )
    (found,) = replication.commits_are_copied()
    assert found.health is Health.WARNING
