"""A profile of registrations: `python -m bench.before.surge_profile [postgresql|sqlite]`.

The five requests of `registration_surge` (open the form, submit it, open the receipt, open the
letter's link, press its button) run one after the other through the whole application in this
process, without server, client and waiting for locks. For each request it prints the processor time
in milliseconds, the part of it in the database, and the number of statements; then it prints the
slowest functions. `--functions N` sets their number.
"""

import argparse
import cProfile
import io
import pstats
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from random import getrandbits
from typing import Any
from urllib.parse import urlencode, urlsplit

from bench.before.registration_surge import convene, jobs_for
from bench.before.surge_client import CONFIRM
from bench.fixtures import fresh

WARM, MEASURED = 60, 400
_HIDDEN = re.compile(rb'name="(csrfmiddlewaretoken|form_key|draft_key)" value="([^"]+)"')


@dataclass
class Spent:
    """The processor time of the requests of one kind, in seconds."""

    total: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)
    statements: Counter[str] = field(default_factory=Counter)
    in_statement: Counter[str] = field(default_factory=Counter)

    def line(self, name: str) -> str:
        """Return the row of the table for this kind."""
        count = len(self.total)
        total, database = (1000 * sum(part) / count for part in (self.total, self.database))
        statements = sum(self.statements.values()) / count
        return f"{name:<8} {total:7.2f} ms {database:7.2f} ms in {statements:4.1f} statements"


class Meter:
    """Measures the processor time of every statement in the database."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, float]] = []

    def __call__(self, execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        begun = time.thread_time()
        try:
            return execute(sql, *rest)
        finally:
            self.seen.append((sql, time.thread_time() - begun))


@contextmanager
def _measured(meter: Meter, spent: Spent) -> Iterator[None]:
    meter.seen.clear()
    begun = time.thread_time()
    yield
    spent.total.append(time.thread_time() - begun)
    spent.database.append(sum(took for _sql, took in meter.seen))
    for sql, took in meter.seen:
        shape = re.sub(r"\s+", " ", sql)[:110]
        spent.statements[shape] += 1
        spent.in_statement[shape] += took


class Visitor:
    """Calls the application in the same way as a thread of the server."""

    def __init__(self) -> None:
        from hemicycle.site.http.threaded_handler import ThreadedHandler

        self.handler = ThreadedHandler(1)
        self.address = "192.0.2.1"

    def ask(self, method: str, target: str, cookie: bytes, body: bytes = b"") -> Any:
        """Handle one request; return the response."""
        split = urlsplit(target)
        headers = [(b"host", b"localhost"), (b"accept", b"text/html"), (b"accept-language", b"en")]
        if cookie:
            headers.append((b"cookie", cookie))
        if method == "POST":
            headers += [
                (b"content-type", b"application/x-www-form-urlencoded"),
                (b"content-length", str(len(body)).encode()),
                (b"origin", b"http://localhost"),
            ]
        scope = {
            "type": "http",
            "method": method,
            "path": split.path,
            "scheme": "http",
            "query_string": split.query.encode(),
            "headers": headers,
            "http_version": "1.1",
            "client": (self.address, 1),
            "server": ("localhost", 80),
        }
        return self.handler._answer(scope, io.BytesIO(body))  # noqa: SLF001 - like its thread


def main() -> None:
    """Run the requests, and print the table and the profile."""
    parser = argparse.ArgumentParser()
    parser.add_argument("database", nargs="?", default="postgresql")
    parser.add_argument("--functions", type=int, default=25)
    parser.add_argument("--statements", action="store_true")
    parser.add_argument("--sort", default="tottime")
    asked = parser.parse_args()
    with fresh(asked.database):
        _run(asked)


def _run(asked: argparse.Namespace) -> None:
    from django.core.management import call_command
    from django.db import connection

    call_command("collectstatic", verbosity=0, interactive=False)
    hearing = convene("profile")
    visitor, meter = Visitor(), Meter()
    jobs = jobs_for(hearing, WARM + 2 * MEASURED, "profile")
    with connection.execute_wrapper(meter):
        _register(visitor, meter, jobs[:WARM])
        spent = _register(visitor, meter, jobs[WARM : WARM + MEASURED])
    for name, part in spent.items():
        print(part.line(name))
        for shape, count in part.statements.most_common() if asked.statements else ():
            took = 1000 * part.in_statement[shape] / len(part.total)
            print(f"    {count / len(part.total):4.1f} × {took:5.2f} ms  {shape}")
    profile = cProfile.Profile()
    with profile:
        _register(visitor, meter, jobs[WARM + MEASURED :])
    pstats.Stats(profile).sort_stats(asked.sort).print_stats(asked.functions)
    if asked.database == "sqlite":
        connection.close()


def _register(visitor: Visitor, meter: Meter, jobs: list[Any]) -> dict[str, Spent]:
    form, submit, receipt, link, confirm = (Spent() for _ in range(5))
    for path, data in jobs:
        visitor.address = str(IPv4Address(0x0A000000 + getrandbits(24)))
        with _measured(meter, form):
            page = visitor.ask("GET", path, b"")
        token = page.cookies["csrftoken"].value
        hidden = {name.decode(): value.decode() for name, value in _HIDDEN.findall(page.content)}
        body = urlencode({**data, **hidden}).encode()
        cookie = f"csrftoken={token}".encode()
        with _measured(meter, submit):
            answer = visitor.ask("POST", path, cookie, body)
        assert answer.status_code == 302, answer.content
        kept = (f"{name}={morsel.value}" for name, morsel in answer.cookies.items())
        cookie = "; ".join((cookie.decode(), *kept)).encode()
        with _measured(meter, receipt):
            seen = visitor.ask("GET", answer["Location"], cookie)
        assert seen.status_code == 200
        found = CONFIRM.search(seen.content)
        assert found, seen.content
        address = found[1].decode()
        with _measured(meter, link):
            page = visitor.ask("GET", address, cookie)
        hidden = {name.decode(): value.decode() for name, value in _HIDDEN.findall(page.content)}
        body = urlencode(hidden).encode()
        with _measured(meter, confirm):
            answer = visitor.ask("POST", address, cookie, body)
        assert "confirmed=1" in answer["Location"], answer.content
    return {
        "form": form,
        "submit": submit,
        "receipt": receipt,
        "link": link,
        "confirm": confirm,
    }


if __name__ == "__main__":
    main()
