"""What a build of Hemicycle adds to its sources: front-end files, fonts, catalogues, the handbook.

A checkout has none of them, so the hook fetches and compiles them, with tools that pip or uv
installs for the build alone. A source distribution has them all and needs neither npm nor these
tools.
"""

import sys
import tomllib
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
sys.path.insert(0, str(ROOT))

from tools import frontend, handbook  # noqa: E402 - the folder above is not on the path before


class BuildHook(BuildHookInterface[Any]):
    """Runs before the files of a wheel, a source distribution or an editable wheel are chosen."""

    def dependencies(self) -> list[str]:
        """Return the packages that this build needs beside hatchling."""
        if frontend.is_gathered() and not uncompiled() and handbook.is_built():
            return []
        project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
        tools: list[str] = project["dependency-groups"]["build"]
        return tools

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Gather and compile what is missing or out of date."""
        if not frontend.is_gathered():
            frontend.main("install")
        if missing := uncompiled():
            from tools import catalogues  # needs Babel

            for path in missing:
                catalogues.compile_one(path)
        if version != "editable" and not handbook.is_built():
            handbook.build()  # a checkout gets it by `make docs`


def uncompiled() -> list[Path]:
    """The catalogues without a compiled form, or with one that is older."""
    found = sorted((ROOT / "src/hemicycle/locale").glob("*/LC_MESSAGES/*.po"))
    return [path for path in found if _age(path.with_suffix(".mo")) < _age(path)]


def _age(path: Path) -> float:
    return path.stat().st_mtime if path.exists() else 0
