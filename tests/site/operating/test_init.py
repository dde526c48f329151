"""`hemicycle init`: a site from nothing, whose first administrator can sign in."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.site.test_cli import PROGRAM

pytestmark = [pytest.mark.test_all("deployment"), pytest.mark.slow]
ADA = ("--name", "Ada", "--email", "ada@hearing.example")


def run(
    folder: Path, *arguments: str, typed: str = "", **given: str
) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if "HEMICYCLE" not in name}
    return subprocess.run(
        [PROGRAM, *arguments],
        env={**clean, "HEMICYCLE_DATA_DIR": str(folder), **given},
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_public_site_gets_its_settings_keys_and_administrator(tmp_path: Path) -> None:
    site = ("--site", "https://hearing.example/")
    done = run(tmp_path, "init", "--no-input", "--json", *site, *ADA)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    link = found.pop("link")
    assert link.startswith("https://hearing.example/sign-in/")
    assert found == {
        "site": "https://hearing.example",
        "settings_file": f"{tmp_path}/hemicycle.toml",
        "data_dir": str(tmp_path),
        "done": "Ada is an administrator.",
    }
    assert (tmp_path / "hemicycle.toml").stat().st_mode & 0o777 == 0o600
    listed = run(tmp_path, "admin", "list", "--json")
    assert [row["name"] for row in json.loads(listed.stdout)] == ["Ada"], listed.stderr
    rotated = run(tmp_path, "admin", "rotate-keys")
    assert rotated.stdout.startswith(f"{tmp_path}/keys/secret has a new key, and 1 earlier ones")
    again = run(tmp_path, "init", "--no-input", *ADA)
    assert again.returncode == 0, again.stderr
    listed = run(tmp_path, "admin", "list")
    assert listed.stdout == "Ada <ada@hearing.example>: administrator\n"


def test_it_asks_for_what_no_option_gives(tmp_path: Path) -> None:
    done = run(tmp_path, "init", typed="\n\nAda\nada@hearing.example\n")
    assert done.returncode == 0, done.stderr
    # An empty answer without a default is asked for again.
    assert done.stderr.count("Name of the first administrator: ") == 2
    assert "Sign in, once, in 7 days:    http://localhost:8000/sign-in/" in done.stdout
    assert "Convene your first hearing" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--no-input", "--name", "Ada"), "--email is missing."),
        (("--no-input", *ADA, "--site", "hearing"), "“hearing” is not the address of a site"),
        (("--no-input", "--name", "Ada", "--email", "ada"), "“ada” is not an e-mail address"),
        (("--name", "Ada"), "there is no terminal to ask in; use --no-input."),
    ],
)
def test_a_wrong_answer_is_refused(
    arguments: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    done = run(tmp_path, "init", *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr


@pytest.mark.usefixtures("migrated_folder")
def test_a_key_in_a_variable_is_not_rotated(tmp_path: Path) -> None:
    run(tmp_path, "init", "--no-input", *ADA)
    done = run(tmp_path, "admin", "rotate-keys", HEMICYCLE_SECRET_KEY="k" * 50)
    assert done.returncode == 1
    assert done.stderr.startswith("hemicycle: The secret key is not in a file: change HEMICYCLE_S")
