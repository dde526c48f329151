"""PgBouncer in transaction mode in front of PostgreSQL, from Debian's package pgbouncer."""

import os
import pwd
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tools.cluster.programs import Program, find, wait_for

CONFIGURATION = """\
[databases]
* = {upstream}

[pgbouncer]
pool_mode = transaction
{listening}
; The address is this machine's own, or one of the cluster's network.
auth_type = any
admin_users = console
max_client_conn = 1000
; After a failover: ask again at once, and let nobody wait longer than a page may.
server_login_retry = 0.5
server_connect_timeout = 3
query_wait_timeout = 10
server_check_delay = 0
tcp_user_timeout = 5000
tcp_keepidle = 5
tcp_keepintvl = 1
tcp_keepcnt = 3
log_connections = 0
log_disconnections = 0
log_stats = 0
{more}
"""
SETTINGS = {"max_prepared_statements": 200, "default_pool_size": 20}
"""Default settings, which a caller can override."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where PostgreSQL is (a host, or the folder of its socket), and which user connects."""

    host: str
    port: int
    user: str
    password: str = ""

    def as_text(self) -> str:
        """Return the upstream as a connection string for PgBouncer's settings."""
        secret = f" password={self.password}" if self.password else ""
        return f"host={self.host} port={self.port} user={self.user}{secret}"


class Pooler:
    """A PgBouncer that listens at `host`, or at a socket in its folder if `host` is None."""

    def __init__(
        self,
        folder: Path,
        upstream: Upstream,
        port: int,
        *,
        host: str | None = None,
        settings: Mapping[str, int] | None = None,
        user: str = "postgres",
        inside: Sequence[str] = (),
    ) -> None:
        """Write the settings; `user` runs PgBouncer, which refuses to run as root."""
        folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            owner = pwd.getpwnam(user)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        folder.chmod(0o755)
        self.host, self.port = host or str(folder), port
        listening = f"listen_port = {port}\n"
        listening += f"listen_addr = {host}\n" if host else ""
        listening += "unix_socket_dir =" if host else f"unix_socket_dir = {folder}"
        more = (f"{name} = {value}" for name, value in (SETTINGS | dict(settings or {})).items())
        file = folder / "pgbouncer.ini"
        file.write_text(
            CONFIGURATION.format(
                upstream=upstream.as_text(), listening=listening, more="\n".join(more)
            )
        )
        file.chmod(0o644)
        self.program = Program(
            "pgbouncer",
            [find("pgbouncer", "pgbouncer"), str(file)],
            folder / "pgbouncer.log",
            user=user,
            inside=inside,
        )

    def start(self) -> None:
        """Start PgBouncer, and return when it answers."""
        self.program.start()
        wait_for("PgBouncer", self._answers, 20)

    def stop(self) -> None:
        """Stop PgBouncer."""
        self.program.stop()

    def command(self, text: str) -> None:
        """Run a command in PgBouncer's console, such as `KILL name`."""
        with psycopg.connect(
            host=self.host,
            port=self.port,
            user="console",
            dbname="pgbouncer",
            autocommit=True,
            cursor_factory=psycopg.ClientCursor,
        ) as console:
            console.execute(text)

    def _answers(self) -> bool:
        assert self.program.runs, f"PgBouncer ended:\n{self.program.told()}"
        try:
            self.command("SHOW VERSION")
        except psycopg.OperationalError:
            return False
        return True
