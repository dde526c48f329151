"""Three PostgreSQL servers that elect a primary automatically, with Debian's Patroni and etcd.

Replication is synchronous: a commit is acknowledged when a standby has it too, so the standby that
is elected has every acknowledged commit.

If a server crashes, Patroni notices at its next check (every second) and lets a standby be elected.
If a whole machine is lost, a standby is elected when its lease has expired, after 20 s, Patroni's
minimum.
"""

import json
import os
import pwd
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from tools.cluster.machines import Machine
from tools.cluster.programs import Missing, Program, find, wait_for

POSTGRESQL, REST, ETCD, ETCD_PEER = 5432, 8008, 2379, 2380
USER = "postgres"
"""The system user that runs the servers, and the database user with which all clients connect."""
DATABASE = "hemicycle"
ELECT_S = 120.0
SHARED = {
    "ttl": 20,
    "loop_wait": 1,
    "retry_timeout": 3,
    "maximum_lag_on_failover": 1_048_576,
    "primary_start_timeout": 0,
    "synchronous_mode": True,
    "synchronous_mode_strict": False,
    "postgresql": {
        "use_pg_rewind": True,
        "parameters": {
            "max_connections": 200,
            "wal_keep_size": "256MB",
            "wal_receiver_timeout": "5s",
            "wal_sender_timeout": "5s",
            "tcp_keepalives_idle": 5,
            "tcp_keepalives_interval": 1,
            "tcp_keepalives_count": 3,
        },
    },
}
"""The settings that the three machines share, as Patroni names them."""


def programs_of_postgresql() -> Path:
    """Return the folder with the programs of Debian's newest PostgreSQL. Raises `Missing`."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda file: int(file.parts[-3])
    )
    if not found:
        raise Missing("PostgreSQL is not installed: apt install postgresql")
    return found[-1].parent


class Node:
    """One machine with PostgreSQL, Patroni and etcd."""

    def __init__(self, machine: Machine, everybody: Sequence[Machine]) -> None:
        self.machine = machine
        folder = machine.folder
        folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            owner = pwd.getpwnam(USER)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        self.data = folder / "postgresql"
        file = folder / "patroni.json"  # JSON is YAML too
        file.write_text(json.dumps(self._settings(everybody), indent=1))
        self.etcd = Program(
            f"etcd of {machine.name}",
            self._etcd_command(everybody),
            folder / "etcd.log",
            user=USER,
            inside=machine.inside,
        )
        self.patroni = Program(
            f"Patroni of {machine.name}",
            [find("patroni", "patroni"), str(file)],
            folder / "patroni.log",
            environment={**os.environ, "LC_ALL": "C.UTF-8"},
            user=USER,
            inside=machine.inside,
        )

    def start(self) -> None:
        """Start the machine, or start it again with its data."""
        for program in (self.etcd, self.patroni):
            if not program.runs:
                program.start()

    def stop(self) -> None:
        """Stop all programs of the machine in order."""
        self.patroni.stop()
        self.etcd.stop()
        self._kill_server()

    def crash_server(self) -> None:
        """Kill PostgreSQL only; Patroni and etcd continue to run."""
        self._kill_server()

    def lose(self) -> None:
        """Kill everything on the machine at once."""
        self.patroni.kill()
        self._kill_server()
        self.etcd.kill()

    def role(self) -> str:
        """Return the role by Patroni: `primary`, `replica`, or "" if no server runs or answers."""
        try:
            with urlopen(f"http://{self.machine.address}:{REST}/patroni", timeout=1) as answer:
                told = json.load(answer)
        except URLError as error:
            if not hasattr(error, "read"):
                return ""
            told = json.loads(error.read() or b"{}")  # 503 if its server does not run
        except (OSError, ValueError):
            return ""
        role = told.get("role", "")
        return str(role) if told.get("state") == "running" else ""

    def is_synchronous(self) -> bool:
        """Return whether this is the standby for which commits wait and which can be elected."""
        try:
            with urlopen(f"http://{self.machine.address}:{REST}/synchronous", timeout=1) as answer:
                return bool(answer.status == HTTPStatus.OK)
        except OSError:  # 503 if it is not
            return False

    def _kill_server(self) -> None:
        """Kill the server and its children; the first line of `postmaster.pid` has its id."""
        try:
            number = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return
        for process in (number, *_children(number)):
            try:
                os.kill(process, 9)
            except ProcessLookupError:
                continue

    def _etcd_command(self, everybody: Sequence[Machine]) -> list[str]:
        own = self.machine.address
        cluster = ",".join(f"{one.name}=http://{one.address}:{ETCD_PEER}" for one in everybody)
        return [
            find("etcd", "etcd-server"),
            f"--name={self.machine.name}",
            f"--data-dir={self.machine.folder / 'etcd'}",
            f"--listen-client-urls=http://{own}:{ETCD}",
            f"--advertise-client-urls=http://{own}:{ETCD}",
            f"--listen-peer-urls=http://{own}:{ETCD_PEER}",
            f"--initial-advertise-peer-urls=http://{own}:{ETCD_PEER}",
            f"--initial-cluster={cluster}",
            "--initial-cluster-state=new",
            "--log-level=warn",
        ]

    def _settings(self, everybody: Sequence[Machine]) -> dict[str, Any]:
        own = self.machine.address
        entrance = [f"host all all {own.rpartition('.')[0]}.0/24 trust"]
        entrance += [
            f"host replication all {own.rpartition('.')[0]}.0/24 trust",
            "local all all trust",
        ]
        entrance += ["host all all 127.0.0.0/8 trust", "host replication all 127.0.0.0/8 trust"]
        sign_in = {"username": USER}
        return {
            "scope": DATABASE,
            "name": self.machine.name,
            "restapi": {"listen": f"{own}:{REST}", "connect_address": f"{own}:{REST}"},
            "etcd3": {"hosts": [f"{one.address}:{ETCD}" for one in everybody]},
            "bootstrap": {
                "dcs": SHARED,
                "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}, "data-checksums"],
            },
            "postgresql": {
                "listen": f"{own}:{POSTGRESQL}",
                "connect_address": f"{own}:{POSTGRESQL}",
                "data_dir": str(self.data),
                "bin_dir": str(programs_of_postgresql()),
                "pgpass": str(self.machine.folder / "pgpass"),
                "authentication": {"superuser": sign_in, "replication": sign_in, "rewind": sign_in},
                "basebackup": [{"checkpoint": "fast"}],  # otherwise the checkpoint takes minutes
                "pg_hba": entrance,
                "parameters": {"unix_socket_directories": str(self.machine.folder)},
            },
            "watchdog": {"mode": "off"},
        }


def _children(process: int) -> list[int]:
    try:
        told = Path(f"/proc/{process}/task/{process}/children").read_text()
    except OSError:
        return []
    return [int(number) for number in told.split()]


class Servers:
    """The three nodes as one database."""

    def __init__(self, machines: Sequence[Machine]) -> None:
        self.nodes = {machine.name: Node(machine, machines) for machine in machines}

    @property
    def url(self) -> str:
        """The URL of all nodes, with which libpq finds the primary by asking each of them."""
        hosts = ",".join(f"{node.machine.address}:{POSTGRESQL}" for node in self.nodes.values())
        return f"postgresql://{USER}@{hosts}/{DATABASE}?target_session_attrs=read-write"

    def start(self) -> None:
        """Start all nodes and create the database; return when the standbys follow the primary.

        Raises TimeoutError.
        """
        import psycopg

        for node in self.nodes.values():
            node.start()
        wait_for("a primary", self.primary, ELECT_S)
        admin = self.url.replace(f"/{DATABASE}?", "/postgres?")
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {DATABASE}")
        self.wait_until_whole()

    def stop(self) -> None:
        """Stop all nodes, the primary last."""
        for node in sorted(self.nodes.values(), key=lambda node: node.role() == "primary"):
            node.stop()

    def primary(self) -> Node | None:
        """Return the node that reports itself as the primary, or None."""
        return next((node for node in self.nodes.values() if node.role() == "primary"), None)

    def has_successor(self) -> bool:
        """Return whether there is a synchronous standby, which can be elected.

        There is none until a second or two after a standby has caught up. If the primary is lost in
        that time, no standby can replace it.
        """
        return any(node.is_synchronous() for node in self.nodes.values())

    def wait_until_whole(self) -> None:
        """Wait until all nodes run and a standby can be elected. Raises TimeoutError."""
        wait_for("all servers", self._all_follow, ELECT_S)

    def _all_follow(self) -> bool:
        roles = [node.role() for node in self.nodes.values()]
        return all(roles) and self.has_successor()
