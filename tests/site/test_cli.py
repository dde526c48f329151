"""The command line: every command is present, and only those that need Django start it."""

import io
import os
import subprocess
import sys
from contextlib import redirect_stdout, suppress
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

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


def help_on(*command: str) -> str:
    """Return what a command prints when it is asked for help, in this process."""
    with redirect_stdout(io.StringIO()) as shown, suppress(SystemExit):
        cli.main([*command, "--help"])
    return shown.getvalue()


WITHOUT_JSON = {
    **dict.fromkeys(("up", "web", "media", "worker", "mail", "signer", "demo"), "it serves"),
    "migrate": "it prints nothing; its options are Django's",
    "manage": "its commands and their options are Django's",
    "completion": "a shell reads what it prints",
    "witness": "it follows until it is stopped; a program reads its exit status",
}
"""The commands whose results no program reads as JSON, and why."""


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_what_a_program_may_read_comes_as_json(command: str) -> None:
    shown = help_on(command, "list") if command == "admin" else help_on(command)
    assert ("--json" in shown) is (command not in WITHOUT_JSON)


@pytest.mark.slow
@pytest.mark.parametrize("command", ["rehearse", "migrate"])
def test_help_on_a_command_does_nothing_else(command: str, tmp_path: Path) -> None:
    """A command that is asked for help does not run: nothing is played, served or written."""
    environment = os.environ | {"HEMICYCLE_DATA_DIR": str(tmp_path / "data")}
    environment.pop("HEMICYCLE_DATABASE_URL")
    done = run(command, "--help", env=environment)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", help_on(command))
    made = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")}
    assert made <= {"data", "data/keys", "data/keys/secret", "data/keys/media"}


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_help_on_a_command_says_how_it_is_used(command: str) -> None:
    usage = (f"usage: hemicycle {command} ", "\nType 'hemicycle manage")
    assert help_on(command).startswith(usage)


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
