"""`hemicycle verify` on a record of 100,000 entries in a SQLite database.

The entries are written by the record's own writer, a thousand in each transaction. `ms` is the time
for the verification alone: it reads every entry, computes its digest and hash again, and compares
the end of the record.
"""

from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

from bench.fixtures import fresh
from bench.sizes import size

FIGURES = ("ms", "entries")
ENTRIES = size(100_000, 2_000)
TURN = 1_000
TIMES = size(3, 1)


def run() -> dict[str, Any]:
    """Return `ms` for the verification (median of 3), and the number of verified entries."""
    with fresh() as folder:
        from hemicycle.record.verify import verify_sqlite

        write(ENTRIES)
        taken = []
        for _ in range(TIMES):
            begun = perf_counter()
            report = verify_sqlite(Path(folder) / "db.sqlite3")
            taken.append(perf_counter() - begun)
        assert report.holds, report.broken
    return {"ms": round(median(taken) * 1000), "entries": report.entries}


def write(count: int, hearing: UUID | None = None) -> UUID:
    """Append `count` entries to the record of `hearing` or a new one; return the hearing's id."""
    from hemicycle.record import writer
    from hemicycle.record.writer import Actor

    hearing, meeting = hearing or uuid4(), uuid4().hex
    slots = [uuid4().hex for _ in range(500)]
    writer.begin(hearing)
    ticker = Actor.system("ticker")
    for first in range(0, count, TURN):
        with writer.writing(hearing, actor=ticker) as record:
            for number in range(first, min(first + TURN, count)):
                body = {"slot": slots[number % len(slots)], "limit_ms": 180_000}
                record.append("floor.warned", body, meeting=meeting)
    return hearing
