"""Completion: bash itself completes our commands, subcommands and options."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.site.test_cli import PROGRAM

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The script that completes commands in bash."""
    folder = tmp_path_factory.mktemp("completion")
    clean = {name: value for name, value in os.environ.items() if "HEMICYCLE" not in name}
    done = subprocess.run(
        [PROGRAM, "completion", "bash"],
        env={**clean, "HEMICYCLE_DATA_DIR": str(folder / "data")},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    (folder / "script").write_text(done.stdout)
    return folder / "script"


def completed(script: Path, *words: str) -> list[str]:
    """Return what bash offers after the typed words."""
    typed = " ".join(f"'{word}'" for word in ("hemicycle", *words))
    program = (
        f"source {script}; COMP_WORDS=({typed}); COMP_CWORD={len(words)}; _hemicycle; "
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    bash = shutil.which("bash") or "bash"
    done = subprocess.run([bash, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.split()


def test_commands_subcommands_and_options_are_completed(script: Path) -> None:
    assert completed(script, "do") == ["doctor"]
    assert completed(script, "--ver") == ["--version"]
    assert completed(script, "admin", "rot") == ["rotate-keys"]
    assert completed(script, "up", "--ho") == ["--host"]
    assert {"--name", "--email", "--json"} <= set(completed(script, "init", "--"))
