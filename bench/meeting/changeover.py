"""A moderator calls all speakers of a panel with keys alone, at the real console.

`CHANGEOVER_SPEAKERS=50 make bench ONLY=changeover` uses a longer list.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Page, expect, sync_playwright

from bench.fixtures import fresh, serving
from bench.sizes import size
from tests.support.browser import Pages, launch

if TYPE_CHECKING:
    from tests.support.panel import Panel

FIGURES = ("presses_each", "s_each", "s_worst", "speakers")
SPEAKERS = size(20, 2, "CHANGEOVER_SPEAKERS")
SPEECH_S = 0.5
"""How long each speaker speaks, in seconds; it is not part of the figures."""

WITHIN_MS = 15_000
"""How long the console may take to show a press; after that, the benchmark fails."""

GIVE = "Enter"
TO_THE_PANEL = ("o", "o", "c", "o")
"""The keys that open the meeting and its opening, close the opening, and open the panel."""


def run() -> dict[str, Any]:
    """Return the presses for each speaker, and the time from a press until the console shows it.

    `s_each` is the median of the time in seconds, and `s_worst` the longest.
    """
    with fresh() as folder, sync_playwright() as playwright:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in this thread
        chromium = launch(playwright, yielding=True)
        try:
            presses, waits = _moderated(folder, Pages(chromium))
        finally:
            chromium.close()
    return {
        "presses_each": round(presses / SPEAKERS, 2),
        "s_each": round(median(waits), 3),
        "s_worst": round(max(waits), 3),
        "speakers": len(waits),
    }


def _moderated(folder: Path, pages: Pages) -> tuple[int, list[float]]:
    from tests.support.panel import panel_today  # Django is set up by now

    with serving(folder) as site, panel_today(site, speakers=SPEAKERS) as panel:
        console = panel.console(pages)
        for key in TO_THE_PANEL:
            _press(console, key)
        pressed, waits = 0, []
        for slot in _order(panel):
            console.wait_for_timeout(SPEECH_S * 1000)
            begun = time.monotonic()
            _press(console, GIVE)
            pressed += 1
            waits.append(time.monotonic() - begun)
            _check(panel, slot)
        pages.close()
        site.check_log()
        return pressed, waits


def _press(console: Page, key: str) -> None:
    """Press a key, and wait until the console shows its act."""
    seen = console.locator("#seen")
    before = seen.get_attribute("value") or ""
    console.keyboard.press(key)
    expect(seen).not_to_have_value(before, timeout=WITHIN_MS)


def _order(panel: Panel) -> tuple[str, ...]:
    from hemicycle.record.floor import floor_of

    floor = floor_of(panel.world.panels[0].meeting_id)
    return tuple(slot.id for slot in floor.waiting())


def _check(panel: Panel, slot: str) -> None:
    """Check that the record gives the floor to this slot, the next one on the list.

    Raises AssertionError.
    """
    from hemicycle.record.floor import floor_of

    holder = floor_of(panel.world.panels[0].meeting_id).holder
    if holder is None or holder.slot != slot:
        raise AssertionError(f"{slot} should have the floor, not {holder}")
