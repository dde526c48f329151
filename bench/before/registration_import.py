"""The import of a spreadsheet with 5,000 people, who are registered by the worker.

Each row is validated by the form that registers one person, takes its place on a list under the
record's lock, and is entered in the record, as if the secretariat had typed it.
"""

from itertools import cycle
from time import perf_counter
from typing import Any

from bench.fixtures import fresh
from bench.sizes import size

FIGURES = ("s", "rows", "read_s")
ROWS = size(5_000, 40)


def _table() -> bytes:
    """Return a table as Excel writes it in France: with semicolons, in Windows-1252.

    A third of the people wish to speak.
    """
    head = "Organisation;Pays;Prénom;Nom;Courriel;Langue;Table ronde"
    rows = (
        f"Société civile {n};Côte d’Ivoire;Zoé;Médard {n};p{n}@example.org;français;{panel}"
        for n, panel in zip(range(ROWS), cycle(("1", "", "")), strict=False)
    )
    return "\r\n".join((head, *rows)).encode("cp1252")


def run() -> dict[str, Any]:
    """Return the seconds from the file to the last registration, and those to read the file."""
    with fresh():
        from hemicycle.before.registration.importing import columns, entering, outcomes, reading
        from hemicycle.hearing.jobs import workers
        from tests.support.lists import reference_world

        with reference_world() as world:
            begun = perf_counter()
            table = reading.read(hearing=world.hearing, file_name="x.csv", data=_table())
            read_s = perf_counter() - begun
            category = str(world.hearing.categories.get(key="civil-society").pk)
            table.options = {"track": "stakeholders", "category": category, "language": "en"}
            table.columns = columns.matched(table.head, "stakeholders")
            table.save()
            entering.begin(table=table, by=world.secretary, actor=world.office)
            workers.run_next()
            s = perf_counter() - begun
            counts = outcomes.counts(table)
            assert counts["entered"] == ROWS, counts
    return {"s": round(s, 1), "rows": ROWS, "read_s": round(read_s, 2)}
