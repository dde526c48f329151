"""The concept-note reader: how long one note takes, without the start of the interpreter."""

from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from hemicycle.convening import read
from hemicycle.documents.reading.loading import load

NAME = "convene"
ROOT = Path(__file__).parents[2]
REFERENCE = ROOT.parent / "shared" / "mission" / "concept-note.md"
OWN = ROOT / "tests" / "convening" / "notes" / "rivers.md"
TIMES = 9


def run() -> dict[str, Any]:
    """`ms` (median of nine), `first_ms` with the imports that a first one makes, `size_kb`."""
    note = REFERENCE if REFERENCE.exists() else OWN
    taken = []
    for _ in range(TIMES + 1):
        begun = perf_counter()
        read(load(note))
        taken.append((perf_counter() - begun) * 1000)
    return {
        "ms": round(median(taken[1:]), 1),
        "first_ms": round(taken[0], 1),
        "size_kb": round(note.stat().st_size / 1000, 1),
        "note": note.name,
    }
