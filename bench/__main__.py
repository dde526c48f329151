"""Run benchmarks by name, each in its own process, and print one line of JSON for each.

`python -m bench --small NAME` runs the same code in a few seconds, with figures that mean nothing.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from math import isnan
from pathlib import Path
from typing import Any

from bench.sizes import SMALL
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
"""The module of each benchmark, below `bench`, in the order in which all are run.

Each has a function `run`, which returns the figures, and declares their names in `FIGURES`.
"""

NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"
TOOLS = Path(__file__).parents[1] / "tools"
NAMES = {module.rpartition(".")[2]: module for module in MODULES}

NEEDS: tuple[tuple[str, list[str | Path], str], ...] = (
    (
        (
            "browser_verify changeover channel_switch checkpoint edge_failover loss mic_to_ear "
            "page_weight reconnect turn webcast_delay"
        ),
        [TOOLS / "ensure-browser"],
        "Chromium",
    ),
    ("edge_failover peers", [TOOLS / "ensure-clients", "pion"], golang.NEEDED),
    (
        "cluster_surge failover",
        [TOOLS / "ensure-peers", "cluster"],
        "PgBouncer, HAProxy, Patroni, etcd and PostgreSQL",
    ),
    ("encoders input_verdict sound_gate", [TOOLS / "ensure-sound"], "espeak-ng and pesq"),
    ("origin_load", [TOOLS / "ensure-peers", "cache"], "nginx"),
    ("turn", [TOOLS / "ensure-peers", "office"], "root, coturn, nftables and iproute2"),
)
"""What benchmarks need: their names, the command that installs it or fails, and what it is."""


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
    """Run one benchmark in this process; return its figures with its name and the machine.

    Raises RuntimeError if they are not those that it declares.
    """
    here = machine()
    figures: dict[str, Any] = import_module(f"bench.{NAMES[name]}").run()
    if faults := list(faults_of(figures, declared(name))):
        raise RuntimeError(f"{name}: {'; '.join(faults)}. It returned {figures}")
    return {"bench": name, "small": SMALL in os.environ, **figures, "machine": here}


def declared(name: str) -> tuple[str, ...]:
    """Return the names of a benchmark's figures. One inside another one has a name with a dot."""
    names: tuple[str, ...] = import_module(f"bench.{NAMES[name]}").FIGURES
    return names


def faults_of(figures: dict[str, Any], names: tuple[str, ...]) -> Iterator[str]:
    """Yield what is wrong with the figures of a benchmark that declares these names."""
    leaves = list(_leaves(figures))
    for name in names:
        if not any(_is_in(path, name) for path, _value in leaves):
            yield f"{name} is missing"
    for path, value in leaves:
        if value is None or (isinstance(value, float) and isnan(value)):
            yield f"{path} has no value"
        if not any(_is_in(path, name) for name in names):
            yield f"{path} is not declared"


def _is_in(path: str, name: str) -> bool:
    return f"{path}.".startswith(f"{name}.")


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each value inside dictionaries and lists with its keys, joined by dots."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value:
        for inner in value:
            yield from _leaves(inner, path)
    else:
        yield path, value


def runnable(names: list[str]) -> list[str]:
    """Install what benchmarks need, and return the benchmarks that can run.

    Write a sentence on the standard error for each of the others.
    """
    left = names
    for needing, ensure, what in NEEDS:
        wanting = [name for name in left if name in needing.split()]
        if not wanting or subprocess.run(ensure, stdout=sys.stderr, check=False).returncode == 0:
            continue
        for name in wanting:
            sys.stderr.write(f"{name} needs {what} and was not run.\n")
        left = [name for name in left if name not in wanting]
    return left


def main() -> int:
    """Run the named benchmarks, or all. Return 1 if one failed or could not run, 2 if unknown."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Run benchmarks.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="which; all if none is named")
    parser.add_argument("--small", action="store_true", help="in seconds; the figures mean nothing")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        print(json.dumps(run(options.names[0])), flush=True)
        return 0
    if unknown := sorted(set(options.names) - NAMES.keys()):
        print(f"There is no benchmark {unknown[0]!r}. There are: {', '.join(NAMES)}.")
        return 2
    wanted = options.names or list(NAMES)
    begun = runnable(wanted)
    commands = [[sys.executable, "-m", "bench", "--here", name] for name in begun]
    # Without bytecode files, servers compile their sources at every start and keep the processors
    # busy. Browsers then hear gaps, and delay the sound for a minute.
    environment = {name: os.environ[name] for name in os.environ if name != NO_BYTECODE}
    if options.small:
        environment[SMALL] = "1"
    codes = [
        subprocess.run(command, check=False, env=environment).returncode for command in commands
    ]
    return int(any(codes) or begun != wanted)


if __name__ == "__main__":
    sys.exit(main())
