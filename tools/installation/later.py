"""The version to which the trial upgrades: the current program with the next version number.

There is no second release yet, so an upgrade in the trial changes no table. `tools.upgrades` tries
upgrades that do.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.installation.steps import ROOT

NOW, LATER = "0.1.0", "0.2.0"


def build(dist: Path, target: Path) -> None:
    """Build the wheel and the source distribution of `LATER` from those of `NOW`."""
    with tempfile.TemporaryDirectory() as scratch:
        archive = dist / f"hemicycle-{NOW}.tar.gz"
        subprocess.run(["tar", "--extract", "--file", archive, "--directory", scratch], check=True)
        source = Path(scratch, f"hemicycle-{NOW}")
        project = source / "pyproject.toml"
        text, count = re.subn(
            rf'^version = "{NOW}"$', f'version = "{LATER}"', project.read_text("utf-8"), flags=re.M
        )
        if count != 1:
            raise ValueError(f"the version in {archive.name} is not {NOW}")
        project.write_text(text, "utf-8")
        uv = Path(sys.executable).with_name("uv")
        locked: list[str | Path] = [
            "--build-constraints",
            ROOT / "requirements-build.txt",
            "--require-hashes",
        ]
        subprocess.run(
            [uv, "build", "--quiet", *locked, "--out-dir", target, source], check=True, cwd=ROOT
        )
