"""The command `hemicycle`: a table of subcommands, each imported only when it runs."""

import argparse
import os
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from typing import NamedTuple

from hemicycle import logs
from hemicycle.site.processes import start_errors

SETTINGS = "hemicycle.site.settings"
HELP = frozenset({"-h", "--help"})


class Subcommand(NamedTuple):
    """The module of a subcommand, its requirements, and its purpose."""

    target: str
    """`module:function`; the function takes the remaining arguments and may return an exit code."""
    meaning: str
    django: bool = True


COMMANDS = {
    "up": Subcommand(
        "hemicycle.site.processes.commands:up",
        "set up the database and run everything here",
        django=False,
    ),
    "restart": Subcommand(
        "hemicycle.site.processes.restarting:main",
        "let new processes take over from those of `up`; no request fails",
        django=False,
    ),
    "init": Subcommand(
        "hemicycle.site.operating.init:main",
        "set up a site and its first administrator",
        django=False,
    ),
    "admin": Subcommand(
        "hemicycle.site.operating.admin:main", "manage people, roles, hearings, mail and keys"
    ),
    "doctor": Subcommand(
        "hemicycle.site.operating.doctor:main",
        "check the site, and say what to do",
        django=False,
    ),
    "backup": Subcommand(
        "hemicycle.site.backup.commands:backup", "back up the site into one file, while it runs"
    ),
    "verify-backup": Subcommand(
        "hemicycle.site.backup.commands:verify_backup",
        "check that a backup is whole and its record holds",
        django=False,
    ),
    "restore": Subcommand(
        "hemicycle.site.backup.commands:restore", "put a backup back into a folder", django=False
    ),
    "files": Subcommand(
        "hemicycle.site.files.commands:main",
        "move the files between a folder and a store with the S3 protocol",
    ),
    "web": Subcommand(
        "hemicycle.site.processes.commands:web", "serve the pages and the feed", django=False
    ),
    "media": Subcommand(
        "hemicycle.site.processes.commands:media",
        "run the media engine: sound and picture",
        django=False,
    ),
    "worker": Subcommand("hemicycle.site.processes.commands:worker", "run the background tasks"),
    "mail": Subcommand(
        "hemicycle.site.processes.commands:mail", "receive e-mail to hearings' addresses"
    ),
    "migrate": Subcommand(
        "hemicycle.site.processes.commands:migrate", "bring the database up to date"
    ),
    "manage": Subcommand(
        "hemicycle.site.processes.commands:manage", "run one of Django's own commands"
    ),
    "convene": Subcommand(
        "hemicycle.hearing.setup.commands.convene:main",
        "draft a hearing from a concept note",
        django=False,
    ),
    "rehearse": Subcommand(
        "hemicycle.site.rehearsal.cli:main", "play a hearing with synthetic people", django=False
    ),
    "demo": Subcommand(
        "hemicycle.site.rehearsal.demo:main",
        "open a hearing in progress with synthetic people, or remove it",
        django=False,
    ),
    "links": Subcommand("hemicycle.hearing.setup.commands.links:main", "make sign-in links"),
    "export": Subcommand("hemicycle.outcome.archive.cli:main", "write a hearing out as a folder"),
    "completion": Subcommand(
        "hemicycle.site.completion:main",
        "print what completes this command in bash, zsh or fish",
        django=False,
    ),
    "signer": Subcommand(
        "hemicycle.record.key_stores.signer:main",
        "hold the record's key in a separate process, and sign on request",
        django=False,
    ),
    "renew-key": Subcommand(
        "hemicycle.record.renewal:main", "let a new key sign receipts and seals"
    ),
    "witness": Subcommand(
        "hemicycle.record.witness.command:main",
        "follow hearings from outside and cosign their records",
        django=False,
    ),
    "verify": Subcommand(
        "hemicycle.record.verify.command:main", "check a record or an export", django=False
    ),
}


def main(argv: list[str] | None = None) -> int:
    """Run the subcommand that `argv` names; return the exit code."""
    options = _parser().parse_args(argv)
    command = COMMANDS[options.command]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    logs.name_process(options.command)
    try:
        if command.django:
            _set_up_django()
            if not HELP & set(options.arguments):
                _require_database()
        return _function(command.target)(options.arguments) or 0
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if (status := start_errors.tell(error)) is None:
            raise
        return status


def _parser() -> argparse.ArgumentParser:
    width = max(map(len, COMMANDS))
    lines = (f"  {name:<{width}}  {command.meaning}" for name, command in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="hemicycle",
        description="Run a public hearing, from the letter that convenes it to its summary.",
        epilog="commands:\n" + "\n".join(lines),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"Hemicycle {version('hemicycle')}")
    parser.add_argument("command", choices=COMMANDS, metavar="command")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="...")
    return parser


def _set_up_django() -> None:
    import django  # imported here: commands that need no Django start without it

    django.setup()


def _require_database() -> None:
    """Raise `CannotStart` if the database's file is missing, before a command connects."""
    from hemicycle.site.processes import start_checks

    if sentence := start_checks.missing_database():
        raise start_errors.CannotStart(sentence)


def _function(target: str) -> Callable[[list[str]], int | None]:
    module, _, name = target.partition(":")
    found: Callable[[list[str]], int | None] = getattr(import_module(module), name)
    return found


if __name__ == "__main__":
    sys.exit(main())
