"""An installation from the wheel to the first page: time, disk space and idle memory.

The wheel is built beforehand. The time includes making an environment, installing the wheel with
its dependencies (from uv's cache or the registry), starting `hemicycle up` in an empty folder, and
loading the first page. Later the memory of its processes is measured, as in `footprint`.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from bench.site.footprint import IDLE_S, ROOT, disk_mb, family, pss_mb

FIGURES = ("s", "mb", "idle_mb")
LONGEST_S = 300.0


def run() -> dict[str, Any]:
    """Return `s` to the first page, `mb` of the environment, and `idle_mb` of all processes."""
    with tempfile.TemporaryDirectory(prefix="hemicycle-install-") as name:
        folder = Path(name)
        wheel = build(folder)
        begun = time.monotonic()
        environment = install(wheel, folder / "environment")
        process = start(environment, folder)
        try:
            first_page(process, folder / "log")
            took_s = time.monotonic() - begun
            time.sleep(IDLE_S)
            idle_mb = sum(pss_mb(member) for member in family(process.pid))
        finally:
            process.terminate()
            process.wait(30)
        return {"s": round(took_s, 1), "mb": disk_mb(environment), "idle_mb": round(idle_mb)}


def build(folder: Path) -> Path:
    """Build the wheel of this checkout, and return its path."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=sys.stderr)
    return next(folder.glob("*.whl"))


def install(wheel: Path, environment: Path) -> Path:
    """Make an environment with the wheel and the newest packages that it allows; return it."""
    uv = Path(sys.executable).with_name("uv")
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, environment], check=True)
    python = environment / "bin/python"
    install = [uv, "pip", "install", "--quiet", "--link-mode=copy", "--python", python, wheel]
    subprocess.run(install, check=True)
    return environment


def start(environment: Path, folder: Path) -> subprocess.Popen[bytes]:
    """Start `hemicycle up` of the environment, without the variables of this process."""
    variables = {"HOME": str(folder), "PATH": os.defpath, "PYTHONUNBUFFERED": "1"}
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [environment / "bin/hemicycle", "up", "--port", "0"],
            cwd=folder,
            env=variables,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def first_page(process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the site has printed its address, and load its first page.

    Raises RuntimeError if it does not start.
    """
    limit = time.monotonic() + LONGEST_S
    while (found := re.search(r"Hemicycle is at (http://localhost:\S+)", log.read_text())) is None:
        if process.poll() is not None or time.monotonic() > limit:
            raise RuntimeError(f"it does not serve:\n{log.read_text()}")
        time.sleep(0.05)
    with urlopen(found[1], timeout=LONGEST_S) as answer:  # noqa: S310 - always http
        answer.read()
