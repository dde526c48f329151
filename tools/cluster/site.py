"""A whole site on several machines: everything that docs/machines.md names, in namespaces."""

import os
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from urllib.request import urlopen

from tools.cluster import edge, entrance
from tools.cluster.edge import Edge
from tools.cluster.entrance import Entrance
from tools.cluster.namespaces import ALL, HERE, Network, network
from tools.cluster.patroni import DATABASE, POSTGRESQL, USER, Servers
from tools.cluster.pooler import Pooler, Upstream
from tools.cluster.programs import Program, wait_for
from tools.cluster.proxy import Proxy
from tools.cluster.store import BUCKET, PUBLIC, Store

COMMAND = (sys.executable, "-m", "hemicycle.site.cli")
DATABASES = ("db1", "db2", "db3")
WEB = ("web1", "web2")
MEDIA = ("media1", "media2")
EDGES = ("edge1", "edge2")
NAMES = (*DATABASES, "pool", "store", *WEB, "worker", "mail", *MEDIA, *EDGES, "proxy")
ENGINE = 8090
SMTP = 8025
WEB_S = 180.0
"""How long a web machine may take to start, in seconds. The first one compresses the static files,
which takes long on a busy machine.
"""
PRIMARY, POOLED = 5000, 6432
"""Ports on the machine `pool`: HAProxy, which leads to the primary, and PgBouncer in front."""
SMALL = {"HEMICYCLE_MEDIA_PICTURE": "320x184", "HEMICYCLE_MEDIA_FPS": "8"}
"""Settings for a picture that is small enough for a machine with two processors."""


class Site:
    """All parts of the site by the names of their machines. Each can be killed and started."""

    def __init__(self, folder: Path, net: Network) -> None:
        self.folder, self.network = folder, net
        self.machines = net.machines
        self.servers = Servers([self.machines[name] for name in DATABASES])
        pool = self.machines["pool"]
        databases = [self.machines[name] for name in DATABASES]
        self.to_primary = Proxy(
            pool.folder / "haproxy", databases, pool.address, PRIMARY, pool.inside
        )
        self.pooler = Pooler(
            pool.folder / "pgbouncer",
            Upstream(pool.address, PRIMARY, USER),
            POOLED,
            host=pool.address,
            inside=pool.inside,
        )
        self.store = Store(self.machines["store"])
        self.entrance = Entrance(self.machines["proxy"], [self.machines[name] for name in WEB])
        keys = f"{self.entrance.url}/media-api/edges/keys"
        self.edges = {name: Edge(self.machines[name], keys) for name in EDGES}
        self.letters_to = f"smtp://{HERE}:{SMTP}?tls=never"
        self._shared = self._settings()
        self.processes = self._processes()

    @property
    def url(self) -> str:
        """The address of the site, without a slash at the end."""
        return self.entrance.url

    def environment(self) -> dict[str, str]:
        """Return the settings of a process outside the namespaces.

        It connects directly to the database servers.
        """
        own = {"HEMICYCLE_DATA_DIR": str(self.folder / "here")}
        return self._shared | own | {"HEMICYCLE_DATABASE_URL": self.servers.url}

    def starting(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """Yield the parts in the order of their start: a name, and the function that starts it.

        The function returns when the part runs.
        """
        yield "PostgreSQL: Patroni and etcd on three machines", self.servers.start
        yield "HAProxy to the primary", self.to_primary.start
        yield "PgBouncer", self.pooler.start
        yield "the object store", self.store.start
        yield "the tables of the database", self._migrate
        for name in WEB:
            yield f"web on {name}", partial(self.start, name)
        yield "HAProxy before web", partial(self.start, "proxy")
        for name in ("worker", "mail", *MEDIA, *EDGES):
            yield f"{name}", partial(self.start, name)

    def start(self, name: str) -> None:
        """Start one part, or start it again, and return when it works. Raises TimeoutError."""
        if name in self.edges:
            self.edges[name].start()
        elif name == "store":
            self.store.start()
        elif name == "pool":
            self.pooler.start()
        else:
            self.processes[name].start()
            if name in WEB:
                wait_for(name, partial(_answers, self._address(name, entrance.WEB)), WEB_S)
            elif name == "proxy":
                wait_for("the site", partial(_answers, self.url))
            elif name in MEDIA:
                wait_for(name, lambda: "The media engine is at" in self.processes[name].told())

    def kill(self, name: str) -> None:
        """Kill everything that runs on a machine; on a database machine, only PostgreSQL."""
        if name in self.servers.nodes:
            self.servers.nodes[name].crash_server()
        elif name in self.edges:
            self.edges[name].program.kill()
        elif name == "store":
            self.store.program.kill()
        elif name == "pool":
            self.pooler.program.kill()
        else:
            self.processes[name].kill()

    def stop(self) -> None:
        """Stop all parts, each before the parts that it needs."""
        for name in (*EDGES, *MEDIA, "mail", "worker", *WEB, "proxy"):
            program = self.edges[name].program if name in self.edges else self.processes[name]
            program.kill()
        self.store.program.kill()
        self.pooler.stop()
        self.to_primary.stop()
        self.servers.stop()

    def _address(self, name: str, port: int) -> str:
        return f"http://{self.machines[name].address}:{port}"

    def _migrate(self) -> None:
        """Create the tables, and the key that all machines share."""
        program = Program(
            "hemicycle migrate",
            [*COMMAND, "migrate"],
            self.folder / "migrate.log",
            environment=os.environ | self.environment(),
        )
        program.start()
        wait_for("the tables", lambda: not program.runs, 300)

    def _settings(self) -> dict[str, str]:
        """Return the settings that all machines share."""
        pool = self.machines["pool"].address
        direct = ",".join(f"{self.machines[name].address}:{POSTGRESQL}" for name in DATABASES)
        return {
            "HEMICYCLE_DATABASE_URL": f"postgresql://{USER}@{pool}:{POOLED}/{DATABASE}",
            "HEMICYCLE_DATABASE_DIRECT_URL": f"postgresql://{direct}/"
            "?target_session_attrs=read-write",
            "HEMICYCLE_SECRET_KEY": secrets.token_urlsafe(48),
            "HEMICYCLE_RECORD_KEY": f"file:{self.folder / 'receipts.pem'}",
            "HEMICYCLE_MEDIA_SECRET": secrets.token_urlsafe(48),
            "HEMICYCLE_FILES": f"s3://{BUCKET}/files",
            **self.store.settings("FILES"),
            "HEMICYCLE_WEBCAST_STORE": f"s3://{PUBLIC}",
            "HEMICYCLE_WEBCAST_URL": self.store.public_url,
            **self.store.settings("WEBCAST"),
            "HEMICYCLE_BASE_URL": self.url,
            "HEMICYCLE_HOSTS": ",".join(machine.address for machine in self.machines.values()),
            "HEMICYCLE_TRUSTED_PROXIES": self.machines["proxy"].address,
            "HEMICYCLE_LIMIT_FREE_NETWORKS": ALL,
            "HEMICYCLE_STATIC_DIR": str(self.folder / "static"),
            "HEMICYCLE_MEDIA_EDGES": ",".join(edge.address(self.machines[name]) for name in EDGES),
            "HEMICYCLE_MEDIA_EDGE_API": f"http://{{host}}:{edge.API}",
            "HEMICYCLE_SMTP_URL": self.letters_to,
            "HEMICYCLE_MAILROOM_LMTP": "none",
            "HEMICYCLE_LOG_FORMAT": "json",  # its lines have timestamps
            "PYTHONUNBUFFERED": "1",
        }

    def _processes(self) -> dict[str, Program]:
        """Return Hemicycle's processes and the proxy by the names of their machines."""
        found = {}
        for name in WEB:
            at = ["--host", self.machines[name].address, "--port", str(entrance.WEB)]
            found[name] = self._process(name, ["web", *at])
        found["proxy"] = self.entrance.program
        found["worker"] = self._process("worker", ["worker"])
        smtp = {"HEMICYCLE_MAILROOM_SMTP": f"{self.machines['mail'].address}:{SMTP}"}
        found["mail"] = self._process("mail", ["mail"], smtp)
        for name in MEDIA:
            own = {
                "HEMICYCLE_MEDIA_MACHINE": name,
                "HEMICYCLE_MEDIA_URL": self._address(name, ENGINE),
                "HEMICYCLE_MEDIA_SITE": self.url,
            }
            found[name] = self._process(name, ["media"], own | SMALL)
        return found

    def _process(
        self, name: str, arguments: list[str], more: Mapping[str, str] | None = None
    ) -> Program:
        machine = self.machines[name]
        machine.folder.mkdir(parents=True, exist_ok=True)
        kept = {key: value for key, value in os.environ.items() if "HEMICYCLE" not in key}
        own = {"HEMICYCLE_DATA_DIR": str(machine.folder / "data")}
        return Program(
            name,
            [*COMMAND, *arguments],
            machine.folder / f"{arguments[0]}.log",
            environment=kept | self._shared | own | dict(more or {}),
            inside=machine.inside,
        )


def _answers(url: str) -> bool:
    try:
        urlopen(f"{url}/healthz", timeout=1).close()  # noqa: S310 - our own
    except OSError:
        return False
    return True


@contextmanager
def machines_of_a_site(folder: Path) -> Iterator[Site]:
    """Make the machines without starting anything; stop and remove everything at the end."""
    folder.chmod(0o755)  # PostgreSQL and PgBouncer run as another user
    with ExitStack() as stack:
        site = Site(folder, stack.enter_context(network(folder, NAMES)))
        stack.callback(site.stop)
        yield site
