"""2,000 registrations from 64 clients at once, and 300 rivals for 100 places.

Each registration consists of five requests, as from a browser: open the form, submit it, open the
page with the receipt, open the link in the letter, which a trial site shows there, and press its
button. They are sent over HTTP to real processes (two web workers on PostgreSQL, one on SQLite),
with cookies and tokens. A registration counts once it is confirmed. Afterwards the database is
checked for lost or doubled registrations, and the receipts for the order of commits: if one
registration was answered before another was sent, its entry must have the lower number.

`bare_per_s` is the rate of the same clients on a minimal Django application (`bare_site.py`) with
the same database and server; `of_bare` is Hemicycle's rate divided by it.

`throughput_per_s` counts whole registrations with 64 clients; `p50_ms` and `p99_ms` are the times
of the submit request with 16 clients.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import uvloop

from bench.before.surge_client import Taken, surge
from bench.fixtures import fresh, serving
from bench.sizes import size
from tests.support.ports import free_port

RUN = (
    *("database", "workers", "throughput_per_s", "bare_per_s", "of_bare", "errors"),
    *("p50_ms", "p99_ms", "p50_ms_at_64_clients", "p99_ms_at_64_clients"),
    *("lost", "doubled", "out_of_order", "rivals", "places", "won", "oversold"),
)
FIGURES = ("registrations", *(f"runs.{name}" for name in RUN))
REGISTRATIONS = size(2000, 20, "BENCH_REGISTRATIONS")
WARM = size(40, 4)
CLIENTS = 64
CALM_CLIENTS, CALM_REGISTRATIONS = 16, size(480, 8, "BENCH_CALM")
RIVALS, PLACES, RIVAL_WORKERS = size(300, 12), size(100, 4), size(12, 2)
WORKERS = {"postgresql": 2, "sqlite": 1}
HEARING = Path(__file__).parents[2] / "hearings" / "2021-trafficking.toml"

Kind = Literal["sqlite", "postgresql"]
Job = tuple[str, dict[str, str]]
Kept = dict[str, tuple[int, int | None, UUID]]
"""For each reference: the number of the entry, the place, and the panel."""


def run() -> dict[str, Any]:
    """Return the figures on both databases, each measured in a separate process."""
    return {"registrations": REGISTRATIONS, "runs": [_apart("postgresql"), _apart("sqlite")]}


def _apart(kind: Kind) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.before.registration_surge", kind],
        stdout=subprocess.PIPE,
        check=True,
    )
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def measure(kind: Kind) -> dict[str, Any]:
    """Return the figures on one database."""
    with fresh(kind) as folder:
        hearing = convene("surge")
        jobs = jobs_for(hearing, REGISTRATIONS, "surge")
        calm_jobs = jobs_for(hearing, CALM_REGISTRATIONS, "calm")
        bare_per_s = _bare(kind, jobs)
        with serving(folder, workers=WORKERS[kind]) as site:
            _surge(site.port, 4, jobs_for(hearing, WARM, "warm"))
            begun = time.perf_counter()
            taken = _surge(site.port, CLIENTS, jobs)
            took = time.perf_counter() - begun
            calm = _surge(site.port, CALM_CLIENTS, calm_jobs)
            site.check_log()
        rivalry = _rivalry(folder)
        found = checked(hearing, taken + calm, len(jobs) + len(calm_jobs))
    return {
        "database": kind,
        "workers": WORKERS[kind],
        "throughput_per_s": round(len(taken) / took, 1),
        "bare_per_s": round(bare_per_s, 1),
        "of_bare": round(len(taken) / took / bare_per_s, 2),
        "errors": sum(not visit.confirmed for visit in taken + calm),
        **_latency(calm),
        **{f"{name}_at_64_clients": value for name, value in _latency(taken).items()},
        **found,
        **rivalry,
    }


def _bare(kind: Kind, jobs: list[Job]) -> float:
    """Return whole registrations per second with the minimal application."""
    forms = [("/register/", data) for _path, data in jobs]
    with _serving_bare(WORKERS[kind]) as port:
        _surge(port, 4, forms[:WARM])
        begun = time.perf_counter()
        taken = _surge(port, CLIENTS, forms)
        took = time.perf_counter() - begun
    assert all(visit.status == 302 for visit in taken)
    return len(taken) / took


@contextmanager
def _serving_bare(workers: int) -> Iterator[int]:
    module, port = "bench.before.bare_site", free_port()
    own = os.environ | {"DJANGO_SETTINGS_MODULE": ""}
    subprocess.run([sys.executable, "-m", module], env=own, check=True)
    options = ["--port", str(port), "--workers", str(workers), "--no-access-log"]
    options += ["--log-level", "warning", "--backlog", "4096", "--lifespan", "off"]
    server = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", f"{module}:application", *options], env=own
    )
    try:
        _wait_until_open(port)
        yield port
    finally:
        server.terminate()
        server.wait(15)


def _wait_until_open(port: int) -> None:
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        with socket.socket() as visitor:
            if visitor.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the leanest application does not answer")


def _surge(port: int, clients: int, jobs: list[Job]) -> list[Taken]:
    return uvloop.run(surge(port, clients, jobs))


def _latency(taken: list[Taken]) -> dict[str, float]:
    times = sorted((visit.answered - visit.sent) * 1000 for visit in taken)
    return {
        "p50_ms": round(times[len(times) // 2], 1),
        "p99_ms": round(times[int(len(times) * 0.99)], 1),
    }


def convene(slug: str) -> Any:
    from datetime import UTC, datetime, timedelta

    from hemicycle.hearing.setup.actions import convene

    day = datetime.now(UTC).date() + timedelta(days=60)
    return convene(HEARING, slug=slug, shift_to=day, publish=True)


def jobs_for(hearing: Any, count: int, name: str) -> list[Job]:
    from hemicycle.before.registration.registration_rules import facts_of

    facts = facts_of(hearing)
    category = facts.categories_of("stakeholders")[1].id
    return [
        (
            f"/h/{hearing.slug}/register/",
            {
                "category": str(category),
                "organization": f"Association {name} {number}",
                "country": ("KE", "FR", "PH", "BR")[number % 4],
                "name": f"Amina Nº {number}",
                "title": "Director",
                "email": f"{name}{number}@example.org",
                "language": ("en", "fr", "es")[number % 3],
                "eligibility": "In consultative status since 2009.",
                "wishes_to_intervene": "yes",
                "segment": str(facts.panels[number % len(facts.panels)].id),
                "consents_to_list": "on",
                "access_needs": "",
                "question": "What helps survivors most?" if number % 3 == 0 else "",
                "question_segment": "",
            },
        )
        for number in range(count)
    ]


def checked(hearing: Any, taken: list[Taken], sent: int) -> dict[str, int]:
    """Compare the database with the receipts; return how many are lost, doubled or out of order."""
    from hemicycle.before.registration.models import Inscription

    rows = Inscription.objects.filter(registration__hearing=hearing)
    kept: Kept = {
        reference: (seq, place or 0, segment)
        for reference, seq, place, segment in rows.values_list(
            "registration__reference", "seq", "place", "segment"
        )
    }
    people = rows.values_list("registration__person__email", flat=True)
    seen = [visit for visit in taken if visit.reference in kept]
    return {
        "lost": sent - len({visit.reference for visit in seen}),
        "doubled": len(people) - len(set(people)),
        "out_of_order": _wrong_places(kept) + _overtaken(seen, kept),
    }


def _wrong_places(kept: Kept) -> int:
    """Return how many places do not increase by one with the entries, in each panel."""
    wrong = 0
    last: dict[UUID, int] = {}
    for _seq, place, segment in sorted(kept.values(), key=lambda row: row[0]):
        wrong += place != last.get(segment, 0) + 1
        last[segment] = place or 0
    return wrong


def _overtaken(seen: list[Taken], kept: Kept) -> int:
    """Return the number of receipts whose place or order is wrong.

    Their place differs from that in the database, or their entry comes before one that was answered
    before the form was sent.
    """
    wrong = sum(visit.place != kept[visit.reference][1] for visit in seen)
    answered = sorted(seen, key=lambda visit: visit.answered)
    highest = index = 0
    for visit in sorted(seen, key=lambda visit: visit.sent):
        while index < len(answered) and answered[index].answered < visit.sent:
            highest = max(highest, kept[answered[index].reference][0])
            index += 1
        wrong += kept[visit.reference][0] < highest
    return wrong


def _rivalry(folder: Path) -> dict[str, int]:
    """Send forms of 300 rivals for 100 places at once to twelve processes; return the outcome."""
    from hemicycle.before.registration.models import Inscription
    from hemicycle.hearing.setup.models import Segment

    hearing = convene("rivals")
    Segment.objects.filter(meeting__hearing=hearing).update(max_inscriptions=PLACES)
    jobs = jobs_for(hearing, RIVALS * 2, "rival")[::2]  # all for the first panel
    with serving(folder, workers=RIVAL_WORKERS) as site:
        time.sleep(RIVAL_WORKERS * 0.5)  # until all processes listen
        taken = _surge(site.port, RIVALS, jobs)
        site.check_log()
    kept = Inscription.objects.filter(registration__hearing=hearing).count()
    won = sum(visit.status == 302 for visit in taken)
    assert won == kept, f"{won} were told that they have a place, {kept} have one"
    told = sum(visit.status == 409 for visit in taken)
    assert won + told == RIVALS, f"{RIVALS - won - told} rivals got no clear answer"
    return {"rivals": RIVALS, "places": PLACES, "won": won, "oversold": max(0, kept - PLACES)}


if __name__ == "__main__":
    print(json.dumps(measure("sqlite" if sys.argv[1] == "sqlite" else "postgresql")))
