"""The live page's feed from two web processes on one PostgreSQL, with few and with many screens.

The work of the database for an entry must not grow with the number of screens: each process reads
the record once and sends the result to all its screens. `transactions_each` is the number of
transactions in the database for one press at the console, including other work of all processes.
"""

import time
from statistics import quantiles
from typing import Any

from bench.fixtures import fresh, serving
from bench.meeting.live_fanout import ACTS, PAUSE_S, Screens, convened, press, shown
from bench.sizes import size

FIGURES = ("transactions_each", "p95_ms", "missed")
SCREENS = tuple(map(int, size("200,4000", "4,8", "BENCH_SCREENS").split(",")))
FLUSH_S = size(2.0, 1.0)
"""How long to wait for PostgreSQL's statistics, in seconds; they are about a second late."""


def run() -> dict[str, Any]:
    """Return the figures by number of screens, half of them at each process."""
    with fresh("postgresql") as folder:
        hearing, meeting = convened()
        path = f"/feed/{hearing.id.hex}/public"
        for name in ("one", "two"):
            (folder / name).mkdir()
        found = []
        with serving(folder / "one") as one, serving(folder / "two") as two:
            for place, count in enumerate(SCREENS):
                sides = [Screens(site.port, path, count // 2) for site in (one, two)]
                first = place * ACTS
                found.append(_measure(sides, hearing, meeting, range(first, first + ACTS)))
                for screens in sides:
                    screens.close()
    return {
        name: {str(count): figures[name] for count, figures in zip(SCREENS, found, strict=True)}
        for name in found[0]
    }


def _measure(sides: list[Screens], hearing: Any, meeting: Any, acts: range) -> dict[str, Any]:
    for screens in sides:
        screens.wait_for(b"\n\n", 0, deadline_s=FLUSH_S)
    begun, delays, expected = _committed(), [], 0
    for number in acts:
        token = shown(press(hearing, meeting, number))
        done = time.time_ns()
        for screens in sides:
            times = screens.wait_for(token, screens.count, deadline_s=10)
            delays += [(at - done) / 1e6 for at in times]
            expected += screens.count
        time.sleep(PAUSE_S)
    return {
        "transactions_each": round((_committed() - begun) / len(acts), 1),
        "p95_ms": round(quantiles(delays, n=20)[-1], 1),
        "missed": expected - len(delays),
    }


def _committed() -> int:
    from django.db import connection

    time.sleep(FLUSH_S)
    with connection.cursor() as cursor:
        cursor.execute(
            "select xact_commit from pg_stat_database where datname = current_database()"
        )
        (found,) = cursor.fetchone()
    return int(found)
