"""Preparations before processes start, in a child process that ends.

Migrating, collecting and above all rehearsing hearings (`hemicycle demo --prepared`) load most of
Hemicycle, and Python returns little of that memory. The supervisor lives as long as the server and
needs none of it: so it starts `python -m hemicycle.site.processes.preparation` and reads its
result.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import get_native_id
from typing import Final, Literal

from hemicycle.site.processes import start_errors

_BEHIND = "--behind"

type Step = Literal["migrate", "static", "seed"]


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the supervisor has to know of the site."""

    links: list[tuple[str, str]] = field(default_factory=list)
    """Sign-in links, as pairs of role and path; empty unless seeded."""
    is_empty: bool = False
    """Whether there is no hearing yet; False where the database was not brought up to date."""
    first_code: str = ""
    """The code for the first administrator where nobody works here; "" otherwise."""
    mail: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Where the settings let mail be received, by protocol."""


BEHIND_NICE: Final = 5
"""How far preparations step back, as `nice` counts, behind a meeting that goes on meanwhile."""
_AUTOGROUP: Final = Path("/proc/self/autogroup")


def step_back() -> None:
    """Give this thread a lower priority than those who serve; what it starts has it too.

    Linux may let sessions share the processor equally, whatever their threads' priorities are: then
    a process that leads its session lowers that.
    """
    with contextlib.suppress(OSError):
        nice = max(BEHIND_NICE, os.getpriority(os.PRIO_PROCESS, 0))
        os.setpriority(os.PRIO_PROCESS, get_native_id(), nice)
        if os.getsid(0) == os.getpid():
            _AUTOGROUP.write_text(f"{nice}")


def prepare(*steps: Step, behind: bool = False) -> Prepared:
    """Take the steps in a child; ends the program with the child's exit code where it fails.

    `behind` others, it has a lower priority.
    """
    ours, theirs = os.pipe()
    command = [sys.executable, "-m", __name__, "--descriptor", str(theirs), *steps]
    if behind:
        command.append(_BEHIND)
    # The child's standard input stays open until it has ended: where it closes, since we died, the
    # child ends too.
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, pass_fds=(theirs,), start_new_session=behind
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
    """Run the steps here, and write the result to the descriptor."""
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
