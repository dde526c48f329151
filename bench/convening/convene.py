"""The concept-note reader: how long one note takes, alone and with its guarded process."""

from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from hemicycle.convening import read
from hemicycle.documents.reading import notes
from hemicycle.documents.reading.limits import NOTE
from hemicycle.hearing.setup.note_reading import MARKDOWN_NAMES, read_note

NAME = "convene"
ROOT = Path(__file__).parents[2]
REFERENCE = ROOT.parent / "shared" / "mission" / "concept-note.md"
OWN = ROOT / "tests" / "convening" / "notes" / "rivers.md"
TIMES = 9


def run() -> dict[str, Any]:
    """`ms` (median of nine), `first_ms` with the imports that a first one makes, `size_kb`.

    `guarded_ms` is the median with the process that an upload or `hemicycle convene` starts.
    """
    note = REFERENCE if REFERENCE.exists() else OWN
    taken = [_timed(_here, note) for _ in range(TIMES + 1)]
    return {
        "ms": round(median(taken[1:]), 1),
        "first_ms": round(taken[0], 1),
        "guarded_ms": round(median(_timed(_guarded, note) for _ in range(TIMES)), 1),
        "size_kb": round(note.stat().st_size / 1000, 1),
        "note": note.name,
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
