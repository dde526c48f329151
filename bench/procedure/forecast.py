"""The forecast: its cost for 200 speakers, and how often its range holds the outcome."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from random import Random
from statistics import median
from time import perf_counter
from typing import Any

from bench.procedure.rooms import SHAPES, Panel, Room, draw_room, draw_shaped_room, play
from bench.sizes import size
from hemicycle.procedure.forecast import forecast

FIGURES = (
    *("ms", "speakers", "coverage_80", "coverage_80_by_moment"),
    *(f"coverage_80_by_shape.{family}" for family in SHAPES),
)
PANELS = size(400, 8)
SPEAKERS = 30


def run() -> dict[str, Any]:
    """Return `ms` for 200 waiting speakers (median of 50), and the coverage of the 80 % range.

    `coverage_80_by_shape` is the coverage in rooms with other distributions of speaking times.
    """
    covered = coverage(PANELS, SPEAKERS)
    by_shape = {
        family: coverage(
            PANELS // len(SHAPES), SPEAKERS, draw=partial(draw_shaped_room, family=family)
        )["all"]
        for family in SHAPES
    }
    return {
        "ms": round(cost_ms(), 3),
        "speakers": PANELS * SPEAKERS,
        "coverage_80": covered.pop("all"),
        "coverage_80_by_moment": covered,
        "coverage_80_by_shape": by_shape,
    }


def cost_ms(speakers: int = 200, times: int = 50) -> float:
    """Return the median time of one forecast, in ms, after five slots of a panel."""
    panel = Panel(draw_room(Random(2)), Random(2), speakers + 5)
    panel.open()
    for _ in range(5):
        panel.next()
    taken: list[float] = []
    for _ in range(times):
        begun = perf_counter()
        forecast(panel.floor, panel.now)
        taken.append(perf_counter() - begun)
    return median(taken) * 1000


def coverage(
    panels: int, speakers: int, seed: int = 1, draw: Callable[[Random], Room] = draw_room
) -> dict[str, float]:
    """Return the share of forecasts whose range held the outcome: of all, and by moment."""
    random = Random(seed)
    held: Counter[str] = Counter()
    made: Counter[str] = Counter()
    for _ in range(panels):
        for sighting in play(draw(random), random, speakers):
            for expectation in sighting.outlook.expectations:
                if (came := sighting.came_at.get(expectation.slot)) is None:
                    continue
                for what in ("all", sighting.moment):
                    made[what] += 1
                    held[what] += expectation.earliest <= came <= expectation.latest
    return {what: round(held[what] / made[what], 3) for what in made}
