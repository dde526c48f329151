"""The tool that tries upgrades, on tags of a scratch clone."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools import upgrades

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.test_all("upgrades"), pytest.mark.slow]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository with this checkout's files as its first commit.

    Their compiled bytecode is beside them, since each of the tool's many processes would otherwise
    compile them again.
    """
    folder = tmp_path / "clone"
    folder.mkdir()
    for name in ("src", "hearings", "tools", "requirements.txt"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name)
        else:
            shutil.copy(source, folder / name)
    git(folder, "init", "--quiet")
    commit(folder)
    return folder


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", "-C", folder, *words], check=True, capture_output=True)


def commit(folder: Path) -> None:
    git(folder, "add", "--all", "--force", "--", ".", ":(exclude,glob)**/__pycache__/**")
    who = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    git(folder, *who, "commit", "--quiet", "--message", "A version")


def test_tags_are_sorted_as_versions_and_others_left_out(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    (tmp_path / "file").touch()
    commit(tmp_path)
    for tag in ("v0.10.0", "v0.2.0", "nightly"):
        git(tmp_path, "tag", tag)
    assert upgrades.released(tmp_path) == ["v0.2.0", "v0.10.0"]


def test_without_a_release_there_is_nothing_to_try(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    git(tmp_path, "init", "--quiet")
    assert upgrades.main(["--repository", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "No release yet.\n"


def test_a_tag_that_is_missing_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(tmp_path, "init", "--quiet")
    assert upgrades.main(["--repository", str(tmp_path), "v9"]) == 1
    assert capsys.readouterr().out.startswith("v9: there is no such tag\n")


def tried(clone: Path, *words: str) -> tuple[int, str]:
    """Return the status and output of the tool in the clone, whose files are the newer version."""
    done = subprocess.run(
        [sys.executable, "-m", "tools.upgrades", *words],
        cwd=clone,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def add_migration(clone: Path, operations: str) -> Path:
    file = clone / "src/hemicycle/hearing/people/migrations/0002_later.py"
    file.write_text(
        "from django.db import migrations\n\n\n"
        "class Migration(migrations.Migration):\n"
        '    dependencies = [("people", "0001_initial")]\n'
        f"    operations = [{operations}]\n"
    )
    return file


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_site_is_upgraded_over_a_migration(clone: Path, kind: str) -> None:
    git(clone, "tag", "v0.0.1")
    add_migration(clone, 'migrations.RunSQL("CREATE TABLE later (id integer)")')
    code, said = tried(clone, "--database", kind)
    assert code == 0, said
    assert said.startswith(f"v0.0.1: upgraded on {kind} in ")
    assert said.endswith("1 of 1 upgrades worked.\n")


def test_an_upgrade_that_changes_a_record_is_found(clone: Path) -> None:
    git(clone, "tag", "v0.0.1")
    add_migration(clone, 'migrations.RunSQL("UPDATE record_head SET seq = seq - 1")')
    code, said = tried(clone)
    assert code == 1
    assert said == ("v0.0.1: the records end otherwise than before\n0 of 1 upgrades worked.\n")


def test_a_version_without_a_migration_of_the_tag_is_found(clone: Path) -> None:
    file = add_migration(clone, "")
    commit(clone)
    git(clone, "tag", "v0.0.2")
    file.unlink()
    code, said = tried(clone)
    assert code == 1
    assert "The database is from a newer version of Hemicycle (people.0002_later)" in said
