"""The cost of the program's picture by its size, and of the reduced picture beside it."""

from typing import Any

from bench.sizes import size
from hemicycle.engine.video.geometry import LARGE, SMALL
from hemicycle.engine.video.picture_cost import measure

FIGURES = (
    *("core_percent_360", "core_percent_720", "ratio_720_to_360", "reduced_core_percent_360"),
    *("reduced_core_percent_720", "reduced_ratio_360", "reduced_ratio_720"),
)
FPS = 25
PICTURES = size(150, 10)


def run() -> dict[str, Any]:
    """Return percentages of a core at 25 pictures a second, and their ratios."""
    small, large = (measure(size, FPS, PICTURES) for size in (SMALL, LARGE))
    return {
        "core_percent_360": round(small.whole, 1),
        "core_percent_720": round(large.whole, 1),
        "ratio_720_to_360": round(large.whole / small.whole, 2),
        "reduced_core_percent_360": round(small.reducing, 1),
        "reduced_core_percent_720": round(large.reducing, 1),
        "reduced_ratio_360": round(small.reducing / small.whole, 2),
        "reduced_ratio_720": round(large.reducing / large.whole, 2),
    }
