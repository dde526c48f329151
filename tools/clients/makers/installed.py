"""Find out which version of a third-party program is installed, and what is missing."""

import json
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

HERE = Path(__file__).parents[1]
ROOT = HERE.parents[1]
BUILT = ROOT / ".venv/clients"
"""The folder of what we build from them: a bundle of scripts, and a program in Go."""


def npm(name: str) -> Callable[[], str]:
    """Return a function that returns the installed version of a package from npm."""

    def version() -> str:
        told = json.loads((HERE / "node_modules" / name / "package.json").read_text())
        return str(told["version"])

    return version


def debian(name: str) -> Callable[[], str]:
    """Return a function that returns the upstream version of an installed package of Debian."""

    @cache
    def version() -> str:
        command = ["dpkg-query", "--show", "--showformat=${Version}", name]
        told = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        return told.rpartition(":")[2].partition("-")[0] or "?"

    return version


def needs_npm(*names: str) -> Callable[[], str]:
    """Return a function that names the first missing package from npm; "" if none is missing."""

    def missing() -> str:
        gone = [name for name in names if not (HERE / "node_modules" / name).exists()]
        return f"{gone[0]} from npm is not installed" if gone else ""

    return missing


def needs_programs(*names: str) -> Callable[[], str]:
    """Return a function that names the first missing program; "" if none is missing."""

    def missing() -> str:
        gone = [name for name in names if shutil.which(name) is None]
        return f"{gone[0]} is not installed" if gone else ""

    return missing
