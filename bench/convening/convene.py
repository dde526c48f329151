"""The concept-note reader: how long one note takes, and how much of it is read correctly."""

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from bench.sizes import size
from hemicycle.convening.languages import language_of
from hemicycle.convening.reading import read
from hemicycle.documents.reading import notes
from hemicycle.documents.reading.limits import NOTE
from hemicycle.hearing.setup.note_reading import MARKDOWN_NAMES, read_note
from tests.convening.scoring import Score, notes_in, score

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT.parent / "shared" / "mission" / "concept-note.md"
OWN = ROOT / "tests" / "convening" / "notes" / "rivers.md"
SHARED = ROOT.parent / "shared" / "notes"
ANNOUNCEMENTS = ROOT / "tests" / "convening" / "announcements"
HELD_BACK = ROOT / "tests" / "convening" / "held_back"
"""Announcements that were held back from tuning; their wrong values have since been examined."""
UNSEEN = ROOT / "tests" / "convening" / "unseen"
"""Announcements that are never used to tune the reader, so that their score holds for new texts."""
TIMES = size(9, 1)
NOTES = size(1000, 3)
"""How many announcements of each set are read, at most."""

FIGURES = (
    *("ms", "first_ms", "guarded_ms", "size_kb", "note", "own", "held_back", "unseen"),
    *(("shared",) if SHARED.exists() else ()),
)


def run() -> dict[str, Any]:
    """Return the figures.

    `ms` is the median for a note (of nine), `first_ms` the time of the first one with its imports,
    and `guarded_ms` the median with the separate process that an upload or `hemicycle convene`
    starts. `own`, `held_back`, `unseen` and `shared` are sets of announcements with the values that
    a clerk would enter. For each set and language, `score` is the right minus the wrong values,
    divided by the expected ones; `wrong_share` is the wrong values divided by the stated ones; and
    `ms` is the mean for a note.
    """
    note = REFERENCE if REFERENCE.exists() else OWN
    taken = [_timed(_here, note) for _ in range(TIMES + 1)]
    return {
        "ms": round(median(taken[1:]), 1),
        "first_ms": round(taken[0], 1),
        "guarded_ms": round(median(_timed(_guarded, note) for _ in range(TIMES)), 1),
        "size_kb": round(note.stat().st_size / 1000, 1),
        "note": note.name,
        "own": _scores(ANNOUNCEMENTS),
        "held_back": _scores(HELD_BACK),
        "unseen": _scores(UNSEEN),
        **({"shared": _scores(SHARED)} if SHARED.exists() else {}),
    }


def _scores(folder: Path) -> dict[str, Any]:
    """Return the scores of a folder of announcements: of all of them, and by language."""
    scores: dict[str, list[Score]] = defaultdict(list)
    taken: dict[str, list[float]] = defaultdict(list)
    for note, expected in notes_in(folder)[:NOTES]:
        with note.open("rb") as file:
            document = notes.read(file, NOTE, markdown=note.name.endswith(MARKDOWN_NAMES))
        begun = perf_counter()
        reading = read(document)
        spent = (perf_counter() - begun) * 1000
        for key in ("all", language_of(document.text).code):
            scores[key].append(score(reading.values, expected))
            taken[key].append(spent)
    return {key: _figures(scores[key], taken[key]) for key in sorted(scores)}


def _figures(scores: list[Score], taken: list[float]) -> dict[str, float]:
    total = sum(scores, Score())
    return {
        "notes": len(scores),
        "score": round(total.share, 3),
        "wrong_share": round(total.wrong_share, 3),
        "ms": round(sum(taken) / len(taken), 1),
    }


def _timed(read_one: Callable[[Path], object], note: Path) -> float:
    begun = perf_counter()
    read_one(note)
    return (perf_counter() - begun) * 1000


def _here(note: Path) -> object:
    with note.open("rb") as file:
        return read(notes.read(file, NOTE, markdown=note.name.endswith(MARKDOWN_NAMES)))


def _guarded(note: Path) -> object:
    with note.open("rb") as file:
        return read_note(file, name=note.name)
