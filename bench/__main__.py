"""Run benchmarks by name, each in its own process, and print one line of JSON for each."""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from tools.clients import golang

MODULES = (
    "before.registration_surge",
    "before.cluster_surge",
    "mail.mail_in",
    "meeting.live_fanout",
    "meeting.live_machines",
    "meeting.changeover",
    "record.record_fold",
    "record.record_verify",
    "record.browser_verify",
    "record.checkpoint",
    "procedure.forecast",
    "procedure.balance",
    "convening.convene",
    "site.rehearse",
    "site.office",
    "site.page_weight",
    "site.languages",
    "engine.mic_cut",
    "engine.mic_to_ear",
    "engine.turn",
    "engine.channel_switch",
    "engine.handover_gap",
    "engine.masking",
    "engine.sound_gate",
    "engine.input_verdict",
    "engine.seats",
    "engine.peers",
    "engine.loss",
    "engine.poor_link",
    "engine.encoders",
    "engine.ladder",
    "meeting.webcast_delay",
    "engine.origin_load",
    "engine.public_delay",
    "engine.reconnect",
    "engine.engine_failover",
    "engine.edge_failover",
    "engine.soak",
    "mail.mail_out",
    "outcome.summary_draft",
    "outcome.summary_pdf",
    "before.search",
    "before.registration_import",
    "site.footprint",
    "site.install",
    "site.abuse",
    "site.backup",
    "site.restore",
    "site.erasure",
    "site.rolling_restart",
    "site.failover",
)
"""The module of each benchmark, below `bench`, in the order in which all are run."""

NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"
HERE = Path(__file__).parent
ENSURE_BROWSER = HERE.parent / "tools/ensure-browser"
ENSURE_CLIENTS = HERE.parent / "tools/ensure-clients"
ENSURE_PEERS = HERE.parent / "tools/ensure-peers"
NAMES = {module.rpartition(".")[2]: module for module in MODULES}


def machine() -> dict[str, Any]:
    """Return the machine and the Python on which figures are measured, and the load before."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return {
        "cores": len(os.sched_getaffinity(0)),
        "cpu": models[0] if models else platform.machine(),
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def run(name: str) -> dict[str, Any]:
    """Run one benchmark in this process; return its figures with its name and the machine."""
    here = machine()
    figures: dict[str, Any] = import_module(f"bench.{NAMES[name]}").run()
    return {"bench": name, **figures, "machine": here}


def needs_browser(name: str) -> bool:
    """Return whether a benchmark opens pages in a real browser."""
    file = HERE.joinpath(*NAMES[name].split(".")).with_suffix(".py")
    return "from playwright" in file.read_text("utf-8")


def needs_go(name: str) -> bool:
    """Return whether a benchmark builds a program in Go."""
    return name in {"peers", "edge_failover"}


def needs_cluster(name: str) -> bool:
    """Return whether a benchmark starts the servers of a site of several machines."""
    return name in {"cluster_surge", "failover"}


NEEDS: tuple[tuple[Callable[[str], bool], list[str | Path], str], ...] = (
    (needs_browser, [ENSURE_BROWSER], "Chromium"),
    (needs_go, [ENSURE_CLIENTS, "pion"], golang.NEEDED),
    (
        needs_cluster,
        [ENSURE_PEERS, "cluster"],
        "PgBouncer, HAProxy, Patroni, etcd and PostgreSQL",
    ),
)
"""What benchmarks need: a test by name, the command that installs it or fails, and what it is."""


def runnable(names: list[str]) -> list[str]:
    """Install what benchmarks need, and return the benchmarks that can run.

    Write a sentence on the standard error for each of the others.
    """
    left = names
    for needs, ensure, what in NEEDS:
        wanting = [name for name in left if needs(name)]
        if not wanting or subprocess.run(ensure, check=False).returncode == 0:
            continue
        for name in wanting:
            sys.stderr.write(f"{name} needs {what} and was not run.\n")
        left = [name for name in left if name not in wanting]
    return left


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all. Return 1 if one failed or could not run, 2 if unknown."""
    if names[:1] == ["--here"]:
        print(json.dumps(run(names[1])), flush=True)
        return 0
    unknown = sorted(set(names) - NAMES.keys())
    if unknown:
        print(f"There is no benchmark {unknown[0]!r}. There are: {', '.join(NAMES)}.")
        return 2
    wanted = names or list(NAMES)
    begun = runnable(wanted)
    commands = [[sys.executable, "-m", "bench", "--here", name] for name in begun]
    # Without bytecode files, servers compile their sources at every start and keep the processors
    # busy. Browsers then hear gaps, and delay the sound for a minute.
    environment = {name: os.environ[name] for name in os.environ if name != NO_BYTECODE}
    codes = [
        subprocess.run(command, check=False, env=environment).returncode for command in commands
    ]
    return int(any(codes) or begun != wanted)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
