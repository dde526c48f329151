"""A whole hearing with 500 registrations, from its publication to the draft of its summary.

It runs in virtual time on a new SQLite database. Forms are validated as usual, statements pass
through the real extraction (a process for each), and both meetings are held with presses at the
console. `ms` is the time from convening to the verified record, without setting up the database.
"""

from time import perf_counter
from typing import Any

from bench.fixtures import fresh
from bench.sizes import size

FIGURES = (
    *("ms", "registrations", "registered", "refused", "inscribed", "delivered", "statements"),
    *("entries", "verified", "forecast"),
)
REGISTRATIONS = size(500, 40)


def run() -> dict[str, Any]:
    """Return `ms` for the rehearsal, its size, and whether its record verifies."""
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
