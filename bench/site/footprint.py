"""The resources that Hemicycle needs: packages, disk space, and memory without users.

The environment is a real one, with the packages in `requirements.txt` only. The memory is measured
for `hemicycle up` on an empty folder, `IDLE_S` seconds after its start. It is the proportional set
size (PSS), which counts pages that processes share once.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from bench.sizes import size
from tests.support.site import Site

FIGURES = ("packages", "environment_mb", "own_mb", "idle_mb", "idle_mb_of")
ROOT = Path(__file__).parents[2]
REQUIREMENTS = ROOT / "requirements.txt"
PACKAGE = ROOT / "src" / "hemicycle"
IDLE_S = size(20.0, 1.0)
MEBI = 2**20


def run() -> dict[str, Any]:
    """Return the number of packages, and megabytes (2**20 bytes) of disk space and memory.

    `environment_mb` and `own_mb` are on disk; `idle_mb` and `idle_mb_of` (by process) are memory.
    """
    with tempfile.TemporaryDirectory(prefix="hemicycle-footprint-") as folder:
        environment_mb = measure_environment(Path(folder))
        by_process = measure_idle(Path(folder))
    return {
        "packages": len(re.findall(r"^[\w.-]+(?:\[.*\])?==", REQUIREMENTS.read_text(), re.M)),
        "environment_mb": environment_mb,
        "own_mb": disk_mb(PACKAGE),
        "idle_mb": round(sum(by_process.values())),
        "idle_mb_of": {name: round(mb) for name, mb in sorted(by_process.items())},
    }


def measure_environment(folder: Path) -> int:
    """Make an environment with the packages that Hemicycle needs; return its megabytes on disk."""
    uv = Path(sys.executable).with_name("uv")
    environment = folder / "environment"
    install = [uv, "pip", "install", "--quiet", "--link-mode=copy", "--require-hashes"]
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, environment], check=True)
    subprocess.run(
        [*install, "--python", environment / "bin/python", "--requirement", REQUIREMENTS],
        check=True,
    )
    return disk_mb(environment)


def disk_mb(folder: Path) -> int:
    """Return the megabytes on disk of the files below a folder, without compiled Python."""
    files = (path for path in folder.rglob("*") if path.suffix != ".pyc" and not path.is_symlink())
    return round(sum(path.lstat().st_blocks for path in files if path.is_file()) * 512 / MEBI)


class WholeSite(Site):
    """A site with all processes that `hemicycle up` starts."""

    command = "up"


def measure_idle(folder: Path) -> Counter[str]:
    """Start a site; return the megabytes of memory of each kind of process without users."""
    os.environ["HEMICYCLE_DATA_DIR"] = str(folder)
    site = WholeSite(folder, f"sqlite:///{folder / 'db.sqlite3'}")
    site.start()
    try:
        time.sleep(IDLE_S)
        found: Counter[str] = Counter()
        for process in family(site.pid):
            found[kind(process)] += pss_mb(process)
        return found
    finally:
        site.stop()


def family(process: int) -> list[int]:
    """Return the ids of a process and all its descendants."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [process, *(member for child in children for member in family(int(child)))]


def kind(process: int) -> str:
    """Return the Hemicycle command that a process runs, or "other"."""
    title = Path(f"/proc/{process}/cmdline").read_text().strip("\0")
    found = re.search(r"(?:^hemicycle |\0hemicycle\.site\.cli\0)(\w+)", title)
    if found is None:
        return "other"
    name = found[1]
    return "supervisor" if name == "up" else name


def pss_mb(process: int) -> float:
    """Return the proportional set size of a process, in megabytes."""
    rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
    found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.M)
    assert found
    return int(found[1]) / 1024
