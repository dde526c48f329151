"""The time to rebuild the floor of a long meeting from 10,000 stored entries."""

import json
from collections.abc import Iterable
from random import Random
from statistics import median
from time import perf_counter
from typing import Any

from bench.procedure.rooms import Entry, Panel, draw_room
from bench.sizes import size
from hemicycle.procedure import EMPTY, Floor, apply, fold
from hemicycle.procedure import commands as c
from hemicycle.procedure.bodies import from_body, to_body

FIGURES = ("ms", "fold_ms", "entries")
ENTRIES = size(10_000, 1_000)
TIMES = size(7, 1)

type Row = tuple[int, int, str, int, str]
"""An entry as the database stores it: number, time, kind, version, and body as JSON text."""


def run() -> dict[str, Any]:
    """Return `ms` from stored rows to the floor, and `fold_ms`, the part without the parsing."""
    entries = busy_meeting(ENTRIES)
    rows = [stored(entry) for entry in entries]
    whole, folding = [], []
    for _ in range(TIMES):
        begun = perf_counter()
        read_back(rows)
        whole.append(perf_counter() - begun)
        begun = perf_counter()
        fold(entries)
        folding.append(perf_counter() - begun)
    return {
        "ms": round(median(whole) * 1000, 1),
        "fold_ms": round(median(folding) * 1000, 1),
        "entries": len(entries),
    }


def busy_meeting(entries: int) -> list[Entry]:
    """Return the first `entries` entries of a panel.

    It has 300 seats with poor connections, and 500 speakers on the list.
    """
    random = Random(3)
    panel = Panel(draw_room(random), random, 500)
    panel.open()
    for seat in range(300):
        panel.do(c.Join(f"seat-{seat}", f"s{seat}", f"speaker-{seat}"))
    while len(panel.entries) < entries:
        for _ in range(9):
            _reconnect(panel, random.randrange(300))
        panel.next()
    return panel.entries[:entries]


def _reconnect(panel: Panel, seat: int) -> None:
    panel.do(c.Leave(f"seat-{seat}"))
    panel.do(c.Join(f"seat-{seat}", f"s{seat}", f"speaker-{seat}"))


def stored(entry: Entry) -> Row:
    """Return an entry as a row of the database."""
    seq, at, event = entry
    return seq, at, event.KIND, event.VERSION, json.dumps(to_body(event))


def read_back(rows: Iterable[Row]) -> Floor:
    """Return the floor that results from these rows."""
    floor = EMPTY
    for seq, at, kind, version, body in rows:
        floor = apply(floor, seq, at, from_body(kind, version, json.loads(body)))
    return floor
