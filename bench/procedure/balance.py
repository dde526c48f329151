"""The balance adviser: the time for a proposal, and how well its order keeps the shares."""

from collections.abc import Iterator
from random import Random
from statistics import median
from time import perf_counter
from typing import Any

from bench.sizes import size
from hemicycle.procedure.balance import (
    BalanceEntry,
    explained,
    moves_between,
    propose,
    worst_off,
)

FIGURES = ("ms", "speakers", "worst_off", "lists_held", "off_by_bound", "off_by_arrival")
SPEAKERS = size(500, 50)
BOUNDS = (20, 50, 100)
LISTS = size(5, 1)
GROUPS = (("civil-society", 45), ("member-state", 30), ("academia", 15), ("parliament", 10))


def run() -> dict[str, Any]:
    """Return the figures.

    `ms` is the median time for a proposal with its moves and explanations, at the slowest bound.
    `worst_off` is the largest deviation of a share, in places, on the lists where an order within
    the bound can keep all deviations within one place; `lists_held` is the number of these lists.
    `off_by_bound` is the largest deviation on all lists, for each bound, and `off_by_arrival` that
    without the adviser.
    """
    taken, held, off = [], [], {}
    for bound in BOUNDS:
        times, off[str(bound)] = [], 0.0
        for entries in lists():
            ids = [entry.id for entry in entries]
            begun = perf_counter()
            made = propose(entries, bound)
            moves = moves_between(ids, made.order)
            explained(entries, ids, made.order, [id for id, _before in moves])
            times.append(perf_counter() - begun)
            distance = float(worst_off(entries, made.order))
            held += [distance] if made.is_held else []
            off[str(bound)] = max(off[str(bound)], round(distance, 2))
        taken.append(median(times))
    arrived = max(float(worst_off(one, [entry.id for entry in one])) for one in lists())
    return {
        "ms": round(max(taken) * 1000, 1),
        "speakers": SPEAKERS,
        "worst_off": round(max(held), 3),
        "lists_held": f"{len(held)} of {LISTS * len(BOUNDS)}",
        "off_by_bound": off,
        "off_by_arrival": round(arrived, 2),
    }


def lists(seed: int = 1) -> Iterator[list[BalanceEntry]]:
    """Yield lists on which groups arrive in clusters, as after a reminder to one of them."""
    random = Random(seed)
    names, weights = zip(*GROUPS, strict=True)
    for _number in range(LISTS):
        group = ""
        entries = []
        for place in range(SPEAKERS):
            if not group or random.random() > 0.5:
                group = random.choices(names, weights)[0]
            entries.append(BalanceEntry(f"s{place}", group))
        yield entries
