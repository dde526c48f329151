"""A whole hearing with 500 registrations, from its publication to the draft of its summary.

Forms through their validation, statements through the real extraction (a process for each), both
meetings through the console's presses, on virtual time and a fresh SQLite database. `ms` is from
convening to the verified record; setting up the database is not in it.
"""

from time import perf_counter
from typing import Any

from bench.fixtures import fresh

NAME = "rehearse"
REGISTRATIONS = 500


def run() -> dict[str, Any]:
    """`ms` for the rehearsal, its size, and whether its record holds."""
    with fresh():
        from hemicycle.site.rehearsal import play, scenes

        begun = perf_counter()
        figures = play.through(scenes.read(), seed=1, registrations=REGISTRATIONS)
        took = perf_counter() - begun
    return {
        "ms": round(took * 1000),
        "registrations": REGISTRATIONS,
        "registered": figures["registered"],
        "refused": figures["refused"],
        "inscribed": figures["inscribed"],
        "delivered": figures["delivered"],
        "statements": figures["statements"],
        "entries": figures["entries"],
        "verified": figures["verification"]["holds"],
        "forecast": figures["forecast"],
    }
