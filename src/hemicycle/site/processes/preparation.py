"""Preparations before processes start, run in a temporary child process.

Migrations, static files and above all the rehearsal of hearings (`hemicycle demo --prepared`) load
most of Hemicycle, and Python returns little of that memory. The supervisor runs as long as the
server and needs none of it. So it starts `python -m hemicycle.site.processes.preparation` and reads
its result.
"""

import argparse
import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from typing import Literal

from hemicycle.site.processes import start_errors
from hemicycle.site.processes.priority import step_back

_BEHIND = "--behind"

type Step = Literal["migrate", "static", "seed"]


@dataclass(frozen=True, slots=True)
class Prepared:
    """The information on the site that the supervisor needs."""

    links: list[tuple[str, str]] = field(default_factory=list)
    """Sign-in links, as pairs of role and path; empty without the step `seed`."""
    is_empty: bool = False
    """Whether there is no hearing yet; False if the database was not migrated."""
    first_code: str = ""
    """The code for the first administrator if there is no officer yet; "" otherwise."""
    mail: dict[str, tuple[str, int]] = field(default_factory=dict)
    """The addresses (host, port) at which the settings let mail be received, by protocol."""


def prepare(*steps: Step, behind: bool = False) -> Prepared:
    """Run the steps in a child; if it fails, end the program with the child's exit code.

    With `behind`, the child has a lower priority.
    """
    ours, theirs = os.pipe()
    command = [sys.executable, "-m", __name__, "--descriptor", str(theirs), *steps]
    if behind:
        command.append(_BEHIND)
    # The child's standard input stays open until the child has ended. If this process dies, the
    # input closes, and the child ends too.
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, pass_fds=(theirs,), process_group=0 if behind else None
    ) as child:
        os.close(theirs)
        with os.fdopen(ours, encoding="utf-8") as answers:
            answer = answers.read()
        child.wait()
    if child.returncode:
        raise SystemExit(child.returncode)
    found = json.loads(answer)
    return Prepared(
        [(role, path) for role, path in found["links"]],
        found["is_empty"],
        found["first_code"],
        {name: (host, port) for name, (host, port) in found["mail"].items()},
    )


def main(arguments: list[str]) -> None:
    """Run the steps in this process, and write the result to the descriptor."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--descriptor", type=int, required=True)
    parser.add_argument("steps", nargs="*", choices=("migrate", "static", "seed"))
    parser.add_argument(_BEHIND, action="store_true")
    options = parser.parse_args(arguments)
    if options.behind:
        step_back()
    from hemicycle.site.processes import supervisor

    supervisor.follow_parent()
    try:
        found = _take(set(options.steps))
    except Exception as error:
        if (status := start_errors.tell(error)) is None:
            raise
        sys.exit(status)
    with os.fdopen(options.descriptor, "w", encoding="utf-8") as answer:
        json.dump(asdict(found), answer)


def _take(steps: set[Step]) -> Prepared:
    import django
    from django.core.management import call_command

    django.setup()
    from hemicycle.mail.incoming import config
    from hemicycle.record import renewal
    from hemicycle.site.http import static_files
    from hemicycle.site.processes import start_checks

    start_checks.check_folder()
    start_checks.check_database(migrated=False)
    if "migrate" in steps:
        call_command("migrate", verbosity=0)
    if steps:
        start_checks.check_database()
    renewal.finish_at_start()
    if "static" in steps:
        static_files.collect()
    links: list[tuple[str, str]] = []
    if "seed" in steps:
        from hemicycle.site.rehearsal import seed

        links = seed.ensure()
    mail = {"smtp": config.current().smtp, "lmtp": config.current().lmtp}
    taken_in = {name: address for name, address in mail.items() if address}
    if "migrate" not in steps:
        return Prepared(links, mail=taken_in)
    return Prepared(links, not _has_hearings(), _first_code(), taken_in)


def _first_code() -> str:
    from hemicycle.hearing.people import first_administrator

    return first_administrator.code() if first_administrator.is_wanted() else ""


def _has_hearings() -> bool:
    from hemicycle.hearing.setup.models import Hearing

    return Hearing.objects.exists()


if __name__ == "__main__":
    main(sys.argv[1:])
