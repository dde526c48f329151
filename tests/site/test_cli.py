"""The command line: every command is present, and only those that need Django start it."""

import os
import subprocess
import sys
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from hemicycle.site import cli

PROGRAM = Path(sys.executable).parent / "hemicycle"


def run(*arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROGRAM, *arguments], env=env, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("command", cli.COMMANDS.values(), ids=cli.COMMANDS)
def test_each_command_names_a_module_that_exists(command: cli.Subcommand) -> None:
    assert find_spec(command.target.partition(":")[0]) is not None


def test_help_tells_of_each_command() -> None:
    done = run("--help")
    assert done.returncode == 0
    shown = [
        line.split(maxsplit=1) for line in done.stdout.partition("commands:\n")[2].splitlines()
    ]
    assert shown == [[name, command.meaning] for name, command in cli.COMMANDS.items()]


@cache
def asked_for_help(command: str) -> tuple[subprocess.CompletedProcess[str], set[str]]:
    """Ask for help on a command in an empty folder; return the output, and what is made there."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        environment = os.environ | {"HEMICYCLE_DATA_DIR": str(folder / "data")}
        environment.pop("HEMICYCLE_DATABASE_URL")
        done = run(command, "--help", env=environment)
        return done, {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


WITHOUT_JSON = {
    **dict.fromkeys(("up", "web", "media", "worker", "mail", "signer", "demo"), "it serves"),
    "migrate": "it prints nothing; its options are Django's",
    "manage": "its commands and their options are Django's",
    "completion": "a shell reads what it prints",
    "witness": "it follows until it is stopped; a program reads its exit status",
}
"""The commands whose results no program reads as JSON, and why."""


@pytest.mark.slow
@pytest.mark.parametrize("command", cli.COMMANDS)
def test_what_a_program_may_read_comes_as_json(command: str) -> None:
    shown = run(command, "list", "--help") if command == "admin" else asked_for_help(command)[0]
    assert ("--json" in shown.stdout) is (command not in WITHOUT_JSON)


@pytest.mark.slow
@pytest.mark.parametrize("command", cli.COMMANDS)
def test_help_on_a_command_does_nothing_else(command: str) -> None:
    """A command that is asked for help does not run: nothing is played, served or written."""
    done, made = asked_for_help(command)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith((f"usage: hemicycle {command} ", "\nType 'hemicycle manage"))
    assert made <= {"data", "data/keys", "data/keys/secret", "data/keys/media"}


def test_an_unknown_command_is_refused_with_those_there_are() -> None:
    done = run("convoke")
    assert done.returncode == 2
    assert "convoke" in done.stderr
    assert "convene" in done.stderr


def test_a_command_gets_its_arguments_and_gives_the_exit_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(
        cli.COMMANDS, "count", cli.Subcommand("builtins:len", "count", django=False)
    )
    assert cli.main(["count", "--one", "two", "-3"]) == 3


def test_the_version_is_told() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"Hemicycle {version('hemicycle')}\n")


def test_help_starts_no_django() -> None:
    program = "import sys, hemicycle.site.cli; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
