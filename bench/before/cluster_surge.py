"""Registrations per second with one and with two `hemicycle web` machines on one PostgreSQL.

The machines are processes with their own data folders and copies of the same keys, as
docs/machines.md describes. They reach PostgreSQL through PgBouncer in transaction mode. The
visitors of `registration_surge` connect to HAProxy, which sends each request to the next machine:
the form from one machine is submitted to the other. One address of the proxy leads to the first
machine only.

If all cores are busy, a second web machine cannot add as much as on separate hardware. Therefore
the processor time of each part is measured, and `limit` derives from it what limited the rate.

Registrations for one hearing wait for each other, because they get their places in the order of
commits; those for two hearings do not. Therefore both cases are measured.
"""

import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import batched
from pathlib import Path
from typing import Any

import uvloop

from bench import processor
from bench.before.registration_surge import Job, checked, convene, jobs_for
from bench.before.surge_client import Taken, surge
from bench.fixtures import fresh
from bench.sizes import size
from tests.support import database
from tests.support.ports import free_port
from tests.support.site import Site
from tools.cluster.pooler import Pooler
from tools.cluster.programs import Program, find

RUN = ("hearings", "web", "per_s", "p50_ms", "p99_ms", "cores")
FIGURES = (
    *("registrations", *(f"runs.{name}" for name in RUN), "ratios", "limits", "aim_takes_cores"),
    *("errors", "lost", "doubled", "out_of_order", "verifies"),
)
REGISTRATIONS = size(1000, 16, "BENCH_REGISTRATIONS")
WARM = size(40, 4)
MACHINES = ("web1", "web2")
SLUGS = ("one", "other")
ROUNDS = ((1, 1), (1, 2), (2, 1), (2, 2), (2, 2), (2, 1), (1, 2), (1, 1))
"""The numbers of hearings and of web machines in each round. The order is symmetric, so that slow
changes of the machine affect all cases equally.
"""
CLIENTS = 128
"""Visitors at once: 64 for each machine, as in `registration_surge`. With fewer, two machines would
wait for visitors.
"""
AIM = 1.5
"""The ratio of the rates of two machines and one that is expected if there are enough cores."""
FULL = 0.9
"""The share of its time from which a core counts as fully used: schedulers leave a rest."""

PROXY = """\
global
  maxconn 4000
defaults
  mode http
  option httpchk GET /healthz
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  balance roundrobin
"""
LISTEN = """\
listen of_{count}
  bind 127.0.0.1:{port}
{servers}
"""
# The visitors send X-Forwarded-For with their own addresses, so the proxy does not add it.


@dataclass(frozen=True, slots=True)
class Round:
    """One surge: its length in seconds, and the processor time of each part (`used_s`)."""

    hearings: int
    machines: int
    taken: list[Taken]
    took_s: float
    used_s: Mapping[str, float]


def run() -> dict[str, Any]:
    """Return the figures.

    `runs` has the rate (`per_s`) and the cores that each part kept busy, for each number of
    hearings and machines. `ratios` and `limits` compare two machines with one, for one hearing and
    for two. `aim_takes_cores` is the number of cores for `AIM` times the rate of one machine.
    """
    with fresh("postgresql") as folder, _cluster(folder) as (ports, parts, sites):
        from hemicycle.record.verify.databases import verify_postgresql  # needs Django's setup

        hearings = [convene(slug) for slug in SLUGS]
        for site in sites:
            # The first hearing has made the keys; an operator copies them to each machine.
            shutil.copytree(folder / "keys", site.log.parent / "data/keys")
            site.start()
        parts["web"] = [site.pid for site in sites]
        for count, port in ports.items():
            uvloop.run(surge(port, 4, _jobs(hearings, WARM, f"warm{count}")))
        rounds = []
        for number, (of, web) in enumerate(ROUNDS):
            jobs = _jobs(hearings[:of], REGISTRATIONS, f"round{number}")
            rounds.append(_round(of, web, ports[web], jobs, parts))
        for site in sites:
            site.check_log()
        taken = [visit for one in rounds for visit in one.taken]
        report = verify_postgresql(os.environ["HEMICYCLE_DATABASE_URL"])
        found = [
            checked(hearing, taken, sum(REGISTRATIONS // of for of, _web in ROUNDS if place < of))
            for place, hearing in enumerate(hearings)
        ]
    runs = [_figures(of, web, rounds) for of, web in sorted(set(ROUNDS))]
    pairs = list(batched(runs, 2))
    cores = len(os.sched_getaffinity(0))
    return {
        "registrations": len(ROUNDS) * REGISTRATIONS,
        "runs": runs,
        "ratios": [round(two["per_s"] / one["per_s"], 2) for one, two in pairs],
        "limits": [limit(cores, two["cores"], len(sites)) for _one, two in pairs],
        "aim_takes_cores": [aim_takes_cores(one, two) for one, two in pairs],
        "errors": sum(not visit.confirmed for visit in taken),
        **{name: sum(figures[name] for figures in found) for name in found[0]},
        "verifies": report.holds,
    }


def _jobs(hearings: list[Any], count: int, name: str) -> list[Job]:
    """Return `count` registrations, for these hearings in turn."""
    each = (jobs_for(hearing, count // len(hearings), name) for hearing in hearings)
    return [job for turn in zip(*each, strict=True) for job in turn]


def aim_takes_cores(one: Mapping[str, Any], two: Mapping[str, Any]) -> float:
    """Return how many cores `AIM` times the rate of one machine needs, at the cost of two."""
    busy = sum(two["cores"].values())
    return float(round(AIM * one["per_s"] * busy / two["per_s"], 2))


def limit(cores: int, used: Mapping[str, float], machines: int) -> str:
    """Return a sentence on what limited the rate, by the cores that each part kept busy."""
    busy = sum(used.values())
    shares = ", ".join(
        f"{name} {share:.2f}" for name, share in sorted(used.items(), key=lambda part: -part[1])
    )
    found = f"{busy:.2f} of {cores} cores were busy with {machines} web machines ({shares})"
    if busy >= FULL * cores:
        return f"the cores of this machine: {found}"
    if used["web"] >= FULL * machines:
        return f"the web processes, each of which uses one core: {found}"
    return f"no processor: {found}; requests waited for each other's locks and commits"


@contextmanager
def _cluster(folder: Path) -> Iterator[tuple[dict[int, int], dict[str, list[int]], list[Site]]]:
    """Start PgBouncer in front of PostgreSQL, and HAProxy; prepare the web machines.

    Yield the proxy's port for each number of machines behind it, the processes of each part, and
    the machines, which are not started.
    """
    from django.db import connection

    from hemicycle.record import direct_connection

    own = direct_connection.parameters()
    host, port = str(own["host"]), int(own.get("port") or 5432)
    with ExitStack() as ends, connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        server = processor.parent_of(int(cursor.fetchone()[0]))
        pooler = database.pooler_before(host, port, str(own["user"]))
        ends.callback(pooler.stop)
        ports = {count: free_port() for count in sorted({web for _of, web in ROUNDS})}
        given = {
            "HEMICYCLE_DATABASE_DIRECT_URL": f"postgresql://?host={host}&port={port}",
            "HEMICYCLE_BASE_URL": f"http://localhost:{ports[len(MACHINES)]}",
        }
        sites = [_site(folder / name, pooler, str(own["user"]), given) for name in MACHINES]
        proxy = _proxy(folder, ports, sites)
        proxy.start()
        ends.callback(proxy.stop)
        for site in sites:
            ends.callback(site.stop)
        parts = {"PostgreSQL": [server], "PgBouncer": [pooler.program.pid], "HAProxy": [proxy.pid]}
        yield ports, parts, sites


def _site(folder: Path, pooler: Pooler, user: str, given: Mapping[str, str]) -> Site:
    folder.mkdir()
    url = f"postgresql://{user}@/postgres?host={pooler.host}&port={pooler.port}"
    site = Site(folder, url, more={**given, "HEMICYCLE_DATA_DIR": str(folder / "data")})
    site.port = free_port()
    return site


def _proxy(folder: Path, ports: Mapping[int, int], sites: list[Site]) -> Program:
    text = PROXY
    for count, port in ports.items():
        servers = (
            f"  server {name} 127.0.0.1:{site.port} check inter 500ms"
            for name, site in zip(MACHINES[:count], sites, strict=False)
        )
        text += LISTEN.format(count=count, port=port, servers="\n".join(servers))
    file = folder / "haproxy.cfg"
    file.write_text(text)
    command = [find("haproxy", "haproxy"), "-db", "-f", str(file)]
    return Program("HAProxy", command, folder / "haproxy.log")


def _round(
    hearings: int, machines: int, port: int, jobs: list[Job], parts: dict[str, list[int]]
) -> Round:
    before, begun = _used(parts), time.perf_counter()
    taken = uvloop.run(surge(port, CLIENTS, jobs))
    took_s = time.perf_counter() - begun
    after = _used(parts)
    used_s = {name: after[name] - before[name] for name in after}
    return Round(hearings, machines, taken, took_s, used_s)


def _used(parts: Mapping[str, list[int]]) -> dict[str, float]:
    """Return the processor time of each part so far, and of other work on this machine (s)."""
    used = {name: sum(map(processor.used_s, roots)) for name, roots in parts.items()}
    used["clients"] = time.process_time()
    return {**used, "other work": processor.busy_s() - sum(used.values())}


def _figures(hearings: int, machines: int, rounds: list[Round]) -> dict[str, Any]:
    own = [one for one in rounds if (one.hearings, one.machines) == (hearings, machines)]
    took_s = sum(one.took_s for one in own)
    used_s = {name: sum(one.used_s[name] for one in own) for name in own[0].used_s}
    times = sorted(visit.answered - visit.sent for one in own for visit in one.taken)
    return {
        "hearings": hearings,
        "web": machines,
        "per_s": round(len(times) / took_s, 1),
        "p50_ms": round(times[len(times) // 2] * 1000, 1),
        "p99_ms": round(times[int(len(times) * 0.99)] * 1000, 1),
        "cores": {name: round(max(s / took_s, 0.0), 2) for name, s in used_s.items()},
    }
