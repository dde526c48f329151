"""How long a hall is without sound after its edge was killed, and whether the sound returns.

Edges are killed one after the other; `EDGES=6 make bench ONLY=edge_failover` starts more of them.
"""

import os
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from bench.fixtures import fresh
from bench.sizes import size
from tests.support.browser import Pages, launch

FIGURES = ("heard_s", "lost", "to_edge_s", "to_engine_s", "edges")
EDGES = size(3, 2, "EDGES")


def run() -> dict[str, Any]:
    """Return the longest time until the sound returned (`heard_s`), and how often it did not."""
    with fresh() as folder, sync_playwright() as playwright:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in this thread
        chromium = launch(playwright, yielding=True)
        pages = Pages(chromium)
        try:
            *to_edges, to_engine = _silences(folder, pages)
        finally:
            chromium.close()
    heard = [one for one in (*to_edges, to_engine) if one is not None]
    return {
        "heard_s": max(heard, default=0.0),
        "lost": EDGES - len(heard),
        "to_edge_s": to_edges,
        "to_engine_s": to_engine,
        "edges": EDGES,
    }


def _silences(folder: Path, pages: Pages) -> list[float | None]:
    """Kill the hall's edges until none is left; return the seconds until the sound returned.

    There is a value for each edge; it is None if the sound did not return.
    """
    from tests.support.hall_at_edges import hall_at_edges  # Django is set up by now

    found: list[float | None] = []
    url = os.environ["HEMICYCLE_DATABASE_URL"]
    with hall_at_edges(folder, url, pages, EDGES) as (_, hall):
        for _ in range(EDGES):
            try:
                found.append(round(hall.silence_ms(hall.edges[hall.at].kill) / 1000, 2))
            except AssertionError:
                found.append(None)
                break
    return found + [None] * (EDGES - len(found))
