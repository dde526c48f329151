"""Checks whether a standby has each commit, for a PostgreSQL site with several servers.

PostgreSQL tells every user which standbys follow it, and what it waits for. Only superusers and
members of `pg_read_all_stats` or `pg_monitor` see how far each standby is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hemicycle.record import direct_connection
from hemicycle.site.operating.doctor import Diagnosis, Health, ok

NAME: Final = "replication"

_BACKUPS: Final = ["pg_basebackup", "pg_receivewal", "barman_receive_wal"]
"""Programs that copy the write-ahead log for a backup. They cannot take over from a primary."""

_SQL: Final = """
SELECT current_setting('synchronous_standby_names') != '',
       current_setting('synchronous_commit') NOT IN ('off', 'local'),
       pg_has_role(current_user, 'pg_read_all_stats', 'USAGE'),
       (SELECT count(*) FROM pg_stat_replication WHERE coalesce(application_name, '') != ALL(%s)),
       (SELECT count(*) FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum'))
"""


@dataclass(frozen=True, slots=True)
class Replication:
    """The state of a server's replication."""

    names_standbys: bool
    """Whether the server is set to wait for a standby before it confirms a commit."""
    commits_wait: bool
    """Whether our commits wait for that, by `synchronous_commit`."""
    tells_all: bool
    """Whether our user may see how far each standby is."""
    standbys: int
    """The number of followers except backups."""
    synchronous: int
    """The number of followers, including backups, that have each commit; 0 if it is not visible."""


def read(cursor: Any) -> Replication:
    """Return the state of the server behind a cursor of Django or psycopg."""
    cursor.execute(_SQL, [_BACKUPS])
    return Replication(*cursor.fetchone())


def commits_are_copied() -> Iterator[Diagnosis]:
    """Check that a standby has each commit; yield nothing for a single server."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        state = read(cursor)
    yield from judge(state, several_servers=_names_several())


def _names_several() -> bool:
    """Whether the settings name several servers, one of which is the primary."""
    return "," in str(direct_connection.parameters().get("host", ""))


def judge(state: Replication, *, several_servers: bool) -> Iterator[Diagnosis]:
    """Yield the finding on a server's state; nothing for one that is meant to be alone."""
    if state.names_standbys and state.commits_wait:
        yield _of_waiting(state)
    elif state.standbys:
        found = _(
            "no commit waits for a standby: if PostgreSQL’s primary dies, what was saved last is "
            "lost"
        )
        advice = _(
            "Set `synchronous_mode: true` in Patroni, or `synchronous_standby_names` in "
            "PostgreSQL, and leave `synchronous_commit` on."
        )
        yield Diagnosis(NAME, Health.WARNING, found, advice)
    elif several_servers:
        found = _("no standby follows PostgreSQL’s primary: if it dies, no server can take over")
        yield Diagnosis(NAME, Health.WARNING, found, _start_one())


def _of_waiting(state: Replication) -> Diagnosis:
    """Return the finding on a server that waits for a standby or, if named, for a backup's copy."""
    if state.tells_all and not state.synchronous:
        found = _("each commit waits for a standby, and none answers: nothing can be saved")
        return Diagnosis(NAME, Health.FAULT, found, _start_one())
    if state.tells_all:
        said = ngettext(
            "%(count)s server has each commit before it is confirmed",
            "%(count)s servers have each commit before it is confirmed",
            state.synchronous,
        )
        return ok(NAME, said % {"count": state.synchronous})
    return ok(NAME, _("each commit waits for a standby"))


def _start_one() -> str:
    return _(
        "Start a standby: `patronictl list` shows which ones are missing. Without Patroni, empty "
        "`synchronous_standby_names` until one follows."
    )
