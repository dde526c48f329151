"""Test the API with random requests that its description allows, and with others.

`python -m tools.fuzz_api --seconds 120` starts a real server on a separate database, with a hearing
that has been held and another one, and sends requests with schemathesis: without a token, with a
token for each single scope, with one for all scopes, and with a revoked one. It reports each
response that is a server error, that has a status or a shape outside the description, or that
contains data which this caller must not see. The exit code is 1 if there are any.
"""

import argparse
import os
import re
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import HypothesisWarning, Unsatisfiable
from schemathesis.checks import CHECKS

CHECKED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
AT_ONCE = 25
"""Number of requests to one operation before those to the next one."""
INSIDE = re.compile(r"Traceback|site-packages|/src/hemicycle|SQLITE_|psycopg|SECRET_KEY")
"""Text that reveals internals of the server."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller: its name, the secret of its token, and texts that it must not receive."""

    name: str
    secret: str
    hidden: tuple[str, ...]


@dataclass
class Report:
    """The numbers of requests by caller and by status, and the findings by operation."""

    asked: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    findings: dict[str, str] = field(default_factory=dict)


def main(arguments: list[str]) -> int:
    """Send requests for the given time; return 1 if something was found."""
    parser = argparse.ArgumentParser(prog="tools.fuzz_api")
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args(arguments)
    warnings.simplefilter("ignore", HypothesisWarning)
    report = Report()
    with _served() as (url, callers, description):
        ends = time.monotonic() + options.seconds
        for caller in callers:
            left = (ends - time.monotonic()) / (len(callers) - callers.index(caller))
            _ask(url, caller, description, time.monotonic() + left, report)
    for where, what in report.findings.items():
        print(f"{where}: {what}")
    asked = ", ".join(f"{name} {count}" for name, count in report.asked.items())
    told = ", ".join(f"{status}: {count}" for status, count in sorted(report.statuses.items()))
    print(f"Requests: {asked}.\nAnswers: {told}.\n{len(report.findings)} findings.")
    return 1 if report.findings else 0


@contextmanager
def _served() -> Iterator[tuple[str, list[Caller], dict[str, Any]]]:
    from bench.fixtures import fresh, serving

    os.environ["HEMICYCLE_LIMIT_FREE_NETWORKS"] = "127.0.0.1,::1"
    with fresh("sqlite") as folder:
        from hemicycle.site.api.description import describe
        from tests.support.finished import finished_hearing

        with finished_hearing() as finished:
            world = finished.world
            other = _another_hearing()
        callers = list(_callers(world, other))
        with serving(folder) as site:
            yield site.url, callers, describe()
            site.check_log()


def _another_hearing() -> Any:
    from hemicycle.hearing.setup import actions
    from tests.support.lists import REFERENCE

    return actions.convene(REFERENCE, slug="another", publish=False)


def _callers(world: Any, other: Any) -> Iterator[Caller]:
    from hemicycle.before.registration import links
    from hemicycle.before.registration.models import Registration
    from hemicycle.site.api import actions
    from hemicycle.site.api.models import Scope

    def token(*scopes: Scope) -> tuple[Any, str]:
        return actions.make_token(
            hearing=world.hearing,
            owner=world.secretary,
            name="Fuzzing",
            scopes=list(scopes),
            days=2,
            actor=world.office,
        )

    rows = list(Registration.objects.select_related("person"))
    secrets = tuple(links.secret_of(row) for row in rows)
    addresses = tuple(row.person.email for row in rows)
    always = (*secrets, *(row.link_hash for row in rows), other.id.hex, str(other.id))
    yield Caller("nobody", "", always + addresses)
    for scope in Scope:
        sees = scope in {Scope.REGISTRATIONS_READ, Scope.REGISTRATIONS_WRITE}
        yield Caller(scope.value, token(scope)[1], always + (() if sees else addresses))
    yield Caller("every scope", token(*Scope)[1], always)
    revoked, secret = token(*Scope)
    actions.revoke_token(token=revoked, actor=world.office)
    yield Caller("a revoked token", secret, always + addresses)


@dataclass(frozen=True, slots=True)
class Conversation:
    """The requests of one caller to the server, and the report of findings."""

    url: str
    caller: Caller
    session: requests.Session
    report: Report

    def ask(self, case: Any) -> None:
        """Send one request, and check its response."""
        _put_in_what_exists(case)
        response = case.call(base_url=self.url, session=self.session)
        self.report.asked[self.caller.name] += 1
        self.report.statuses[response.status_code] += 1
        if what := _wrong(case, response, self.caller):
            where = f"{self.caller.name}: {case.method} {case.operation.path}"
            self.report.findings.setdefault(where, what)


def _ask(
    url: str, caller: Caller, description: dict[str, Any], ends: float, report: Report
) -> None:
    """Send requests to each operation in turn until `ends` (monotonic clock)."""
    schema: Any = schemathesis.openapi.from_dict({**description, "servers": [{"url": url}]})
    operations = [found.ok() for found in schema.get_all_operations()]
    session = requests.Session()
    if caller.secret:
        session.headers["Authorization"] = f"Bearer {caller.secret}"
    conversation = Conversation(url, caller, session, report)
    for turn in count():
        for operation in operations:
            if time.monotonic() >= ends:
                return
            _ask_one(operation, conversation, turn)


def _ask_one(operation: Any, conversation: Conversation, turn: int) -> None:
    """Send requests that the description allows or, in every second turn, does not allow."""
    modes = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
    bounded = settings(
        max_examples=AT_ONCE,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    strategy: Any = operation.as_strategy(generation_mode=modes[turn % 2])
    asking: Any = given(strategy)  # the function's types are not declared
    asked = asking(conversation.ask)
    # An operation for which no request can be wrong has no such requests.
    with suppress(Unsatisfiable, schemathesis.errors.SchemathesisError):
        bounded(seed(turn)(asked))()


def _put_in_what_exists(case: Any) -> None:
    """Let about half of the requests name an existing hearing; otherwise all would get a 404."""
    if "slug" in case.path_parameters and len(str(case.path_parameters["slug"])) % 2:
        case.path_parameters["slug"] = "2021-trafficking"


def _wrong(case: Any, response: Any, caller: Caller) -> str:
    """Return what is wrong with a response, or "" if it is right."""
    text = response.content.decode("utf-8", "replace")
    if found := INSIDE.search(text):
        return f"tells of the inside: {found[0]}"
    if leaked := next((what for what in caller.hidden if what in text), ""):
        return f"tells {leaked!r}, which this caller must not see"
    try:
        case.validate_response(response, checks=_checks())
    except AssertionError as wrong:  # schemathesis raises it for a failed check
        return " ".join(str(wrong).split())[:400]
    except BaseExceptionGroup as group:
        return "; ".join(" ".join(str(wrong).split())[:300] for wrong in group.exceptions)
    return ""


def _checks() -> list[Any]:
    return [check for check in CHECKS.get_all() if check.__name__ in CHECKED]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
