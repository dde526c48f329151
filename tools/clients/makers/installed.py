"""Which version of a program of others is installed, and what is missing."""

import json
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

HERE = Path(__file__).parents[1]
ROOT = HERE.parents[1]
BUILT = ROOT / ".venv/clients"
"""What is made of their sources: a bundle of scripts, and a program in Go."""


def npm(name: str) -> Callable[[], str]:
    """The version of a package from npm."""

    def version() -> str:
        told = json.loads((HERE / "node_modules" / name / "package.json").read_text())
        return str(told["version"])

    return version


def debian(name: str) -> Callable[[], str]:
    """The version of a package from Debian, without Debian's own part of it."""

    @cache
    def version() -> str:
        command = ["dpkg-query", "--show", "--showformat=${Version}", name]
        told = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        return told.rpartition(":")[2].partition("-")[0] or "?"

    return version


def needs_npm(*names: str) -> Callable[[], str]:
    """Say which of these packages from npm is missing."""

    def missing() -> str:
        gone = [name for name in names if not (HERE / "node_modules" / name).exists()]
        return f"{gone[0]} from npm is not installed" if gone else ""

    return missing


def needs_programs(*names: str) -> Callable[[], str]:
    """Say which of these programs is missing."""

    def missing() -> str:
        gone = [name for name in names if shutil.which(name) is None]
        return f"{gone[0]} is not installed" if gone else ""

    return missing
