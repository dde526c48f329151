"""How long the erasure of a person with all kinds of data takes, and what is left.

It is measured from the press to the new edition of the public archive, with both recordings cut.
The engine's part is done here at once; in production, the engine polls for it every second.
"""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from bench.fixtures import fresh

FIGURES = ("s", "erase_ms", "cut_ms", "left", "places")


def run() -> dict[str, Any]:
    """Return `s` from the press to the new archive, and `left`, the number of traces found."""
    with fresh(), TemporaryDirectory() as folder:
        from django.conf import settings

        from hemicycle.record import erasure
        from tests.support.everything import everything, in_files, in_tables
        from tests.support.jobs import work_off
        from tests.support.recorded import make_cuts

        settings.MEDIA_ENGINE = replace(settings.MEDIA_ENGINE, segments=Path(folder))
        with everything() as kept:
            hearing, person = kept.world.hearing.id, kept.registration.person_id
            before = len(in_tables(kept.marks) | in_files(kept.marks))
            turn = (kept.given_ms, kept.given_ms + 3900)
            begun = perf_counter()
            erasure.erase(hearing=hearing, person=person, actor=kept.world.office)
            erased = perf_counter() - begun
            cuts = make_cuts()
            cut = perf_counter() - begun - erased
            work_off()
            gone = perf_counter() - begun
            left = len(in_tables(kept.marks) | in_files(kept.marks))
            for track in ("floor.aac", "floor.opus", "fr.aac", "fr.opus"):
                left += kept.recordings[0].loudness(track, *turn) > 0.01
    assert before
    assert cuts
    return {
        "s": round(gone, 2),
        "erase_ms": round(erased * 1000),
        "cut_ms": round(cut * 1000),
        "left": left,
        "places": before,
    }
