"""How long it takes until somebody of whom everything is kept is gone everywhere, and what is left.

From the press to a new edition of the public's archive. Recordings are not cut by an erasure, so
none is measured.
"""

from time import perf_counter
from typing import Any

from bench.fixtures import fresh


def run() -> dict[str, Any]:
    """`s` from the press to the new archive, and `left`: places where a mark is still found."""
    with fresh():
        from hemicycle.outcome.archive import building
        from hemicycle.record import erasure
        from tests.support.everything import everything, in_files, in_tables

        with everything() as kept:
            hearing, person = kept.world.hearing.id, kept.registration.person_id
            before = len(in_tables(kept.marks) | in_files(kept.marks))
            begun = perf_counter()
            erasure.erase(hearing=hearing, person=person, actor=kept.world.office)
            erased = perf_counter() - begun
            building.build_wanted()
            gone = perf_counter() - begun
            left = len(in_tables(kept.marks) | in_files(kept.marks))
    assert before
    return {"s": round(gone, 2), "erase_ms": round(erased * 1000), "left": left, "places": before}
