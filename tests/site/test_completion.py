"""Completion: bash itself completes our commands, subcommands and options."""

import shutil
import subprocess
from pathlib import Path

import pytest

from hemicycle.site import cli

pytestmark = pytest.mark.slow


@pytest.fixture
def script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The script that completes commands in bash."""
    assert cli.main(["completion", "bash"]) == 0
    (tmp_path / "script").write_text(capsys.readouterr().out)
    return tmp_path / "script"


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
