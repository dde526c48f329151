"""`hemicycle doctor`: checks a site from its own machine, and says what to do.

Exit status: 0 no fault; 1 a fault. `--json` prints the findings as JSON. It does not change the
site.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import partial

from hemicycle.site.processes import start_errors

TIMEOUT_S = 5.0
"""The time limit of a server's answer to a check, in seconds."""
NTP = "pool.ntp.org"
"""The default time server; Linux distributions use it or their own zone of it."""


class Health(StrEnum):
    """The severity of a finding."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"
    SKIPPED = "not checked"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The result of one check: what was found, and what to do about it."""

    check: str
    health: Health
    found: str
    advice: str = ""


type Check = Callable[[], Iterable[Diagnosis]]


def ok(check: str, found: str) -> Diagnosis:
    """Return a finding without a fault."""
    return Diagnosis(check, Health.OK, found)


def main(arguments: list[str]) -> int:
    """Run all checks; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="hemicycle doctor",
        description="Check settings, database, disk, backups, clock, name, certificate, proxy, "
        "mail, ports and keys. Exit status 1 if something is wrong.",
    )
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.add_argument(
        "--ntp",
        default=NTP,
        metavar="HOST",
        help="the time server to compare the clock with, or none (%(default)s)",
    )
    options = parser.parse_args(arguments)
    from hemicycle.record import impatient_connection

    impatient_connection.close_silent_after(impatient_connection.PAGES_S)
    found = list(examine(options.ntp))
    if options.json:
        print(json.dumps([asdict(finding) for finding in found], indent=2, ensure_ascii=False))
    else:
        for finding in found:
            print(_line(finding))
    return int(any(finding.health is Health.FAULT for finding in found))


def _line(finding: Diagnosis) -> str:
    advice = f"\n{'':14}→ {finding.advice}" if finding.advice else ""
    return f"{finding.health.value:<12}  {finding.check}: {finding.found}{advice}"


def examine(ntp: str = NTP) -> Iterator[Diagnosis]:
    """Run all checks, one after the other; a check that raises an error yields it as a finding.

    `ntp` is the time server to ask, as `host` or `host:port`, or "none".
    """
    yield (settings := _settings())
    if settings.health is Health.FAULT:
        return
    from hemicycle.site.operating import checks
    from hemicycle.site.operating.checks import machine

    for name, check in checks.CHECKS.items():
        yield from (found := carried_out(name, check))
        if name == checks.FOLDER and any(one.health is Health.FAULT for one in found):
            return  # further checks would create an empty database and so hide the fault
    if ntp != "none":
        yield from carried_out("clock", partial(machine.clock_agrees_with_ntp, ntp))


def carried_out(name: str, check: Check) -> list[Diagnosis]:
    """Return the findings of a check, or the error that it raised as a finding."""
    try:
        return list(check())
    except Exception as error:  # noqa: BLE001 - the other checks continue
        sentence = start_errors.sentence_of(error) or f"{type(error).__name__}: {error}"
        return [Diagnosis(name, Health.FAULT, sentence)]


def _settings() -> Diagnosis:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hemicycle.site.settings")
    import django

    try:
        django.setup()
    except Exception as error:
        sentence = start_errors.sentence_of(error)
        if sentence is None:
            raise
        return Diagnosis("settings", Health.FAULT, sentence, "docs/settings.md lists all settings.")
    from django.conf import settings

    place = settings.SETTINGS_FILE or "the environment alone"
    return Diagnosis("settings", Health.OK, f"valid, from {place}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
