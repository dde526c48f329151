"""HAProxy in front of the database: one address that always leads to the primary.

PgBouncer can connect to one address only. Clients with libpq do not need HAProxy: see
`patroni.Servers.url`. HAProxy asks Patroni every half second, and closes the connections to a
server that is no longer the primary.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from tools.cluster import patroni
from tools.cluster.machines import Machine
from tools.cluster.programs import Program, find, wait_for

CONFIGURATION = """\
global
  maxconn 2000
defaults
  mode tcp
  timeout connect 2s
  timeout client 1h
  timeout server 1h
  timeout check 1s
  option clitcpka
  option srvtcpka
listen primary
  bind {listen}
  option httpchk OPTIONS /primary
  http-check expect status 200
  default-server inter 500ms fall 2 rise 1 on-marked-down shutdown-sessions
{servers}
"""


class Proxy:
    """The process of an HAProxy in front of the database."""

    def __init__(
        self,
        folder: Path,
        servers: Sequence[Machine],
        host: str,
        port: int,
        inside: Sequence[str] = (),
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.host, self.port = host, port
        lines = (
            f"  server {one.name} {one.address}:{patroni.POSTGRESQL} check port {patroni.REST}"
            for one in servers
        )
        file = folder / "haproxy.cfg"
        file.write_text(CONFIGURATION.format(listen=f"{host}:{port}", servers="\n".join(lines)))
        self.program = Program(
            "HAProxy",
            [find("haproxy", "haproxy"), "-db", "-f", str(file)],
            folder / "haproxy.log",
            environment=dict(os.environ),
            inside=inside,
        )

    def start(self) -> None:
        """Start HAProxy, and return when it leads to a primary."""
        import psycopg

        def leads() -> bool:
            assert self.program.runs, f"HAProxy ended:\n{self.program.told()}"
            try:
                psycopg.connect(
                    host=self.host,
                    port=self.port,
                    user=patroni.USER,
                    dbname="postgres",
                    connect_timeout=3,
                ).close()
            except psycopg.OperationalError:
                return False
            return True

        self.program.start()
        wait_for("the primary behind HAProxy", leads, 30)

    def stop(self) -> None:
        """Stop HAProxy."""
        self.program.stop()
