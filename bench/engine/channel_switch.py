"""The time from a choice in a seat's menu of channels until the other language is heard.

`CHANNEL_SWITCHES=200 make bench ONLY=channel_switch` measures more switches.
"""

import os
from collections.abc import Iterator
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Page, sync_playwright

from bench.engine.clocked import SCRIPT, Taken, sound_on, take
from bench.fixtures import fresh
from bench.sizes import size
from hemicycle.procedure import commands as c
from tests.support.browser import Pages, launch
from tests.support.tones import open_page, until

FIGURES = ("p50_ms", "p95_ms", "worst_ms", "switches", "missed")
SWITCHES = size(60, 6, "CHANNEL_SWITCHES")
TONES = {"floor": 400, "fr": 1200, "ar": 1600}
ORDER = ("fr", "ar", "floor", "ar", "fr", "floor")
"""The order in which channels are chosen; it has a switch from each channel to each other one."""

PROGRAM = "hc-program video"
SETTLE_MS = size(25_000, 1_000)
"""How long to wait first: the seat's jitter buffer remembers the sound from while pages opened."""

HEARD_WITHIN_MS = 2_000.0
PRESSES = """
() => {
  window.presses = [];
  document.querySelector("hc-program [data-channels]").addEventListener(
    "change", (event) => presses.push(performance.timeOrigin + event.timeStamp), { capture: true });
}
"""


def run() -> dict[str, Any]:
    """Return the figures for all switches that were heard; `missed` counts those that were not."""
    with fresh() as folder, sync_playwright() as playwright:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in this thread
        chromium = launch(playwright, yielding=True)
        try:
            channels, presses, taken = _switched(folder, Pages(chromium))
        finally:
            chromium.close()
    begun = {channel: taken.begins(hertz) for channel, hertz in TONES.items()}
    waits = list(_waits(channels, presses, begun))
    return {
        "p50_ms": round(median(waits)),
        "p95_ms": round(quantiles(waits, n=20)[-1]),
        "worst_ms": round(max(waits)),
        "switches": len(waits),
        "missed": len(presses) - len(waits),
    }


def _waits(
    channels: list[str], presses: list[float], begun: dict[str, list[float]]
) -> Iterator[float]:
    for channel, press in zip(channels, presses, strict=True):
        after = [at - press for at in begun[channel] if 0 < at - press < HEARD_WITHIN_MS]
        if after:
            yield after[0]


def _switched(folder: Path, pages: Pages) -> tuple[list[str], list[float], Taken]:
    from tests.support.floor import FloorSite, held  # Django is set up by now

    channels = list(islice(cycle(ORDER), SWITCHES))
    site = FloorSite(folder, os.environ["HEMICYCLE_DATABASE_URL"])
    with held(site, pages, floor_time_limit_s=3600) as meeting:
        speaker = meeting.speaker(0, TONES["floor"])
        speaker.locator('[data-own] [data-do="open"]').click()
        seat = open_page(pages)
        seat.add_init_script(SCRIPT)
        seat.goto(meeting.panel.seat(1))
        sound_on(seat)
        meeting.panel.world.open_panel()
        meeting.panel.world.press(c.GiveFloor(meeting.panel.slots()[0]))
        for name, language in (("Ada", "fr"), ("Cem", "ar")):
            booth = meeting.interpreter(name, language, TONES[language])
            booth.locator('[data-do="open"]').click()
            until(booth, partial(_on_microphone, booth), partial("{} is not on".format, language))
        seat.evaluate("(selector) => clocked.hear(selector)", PROGRAM)
        seat.evaluate(PRESSES)
        _warm_up(seat)
        take(seat)
        presses = _press(seat, channels)
        return channels, presses, take(seat)


def _on_microphone(booth: Page) -> bool:
    key = booth.locator('[data-do="microphone"]')
    if key.get_attribute("aria-pressed") != "true":
        booth.keyboard.press("m")
        booth.wait_for_timeout(1_500)
    return key.get_attribute("aria-pressed") == "true"


def _warm_up(seat: Page) -> None:
    """Wait until every channel has its tone, then let the jitter buffer settle on the floor."""
    for channel, hertz in TONES.items():
        until(
            seat,
            partial(_carries, seat, channel, hertz),
            partial("{} does not carry its tone".format, channel),
        )
    _choose(seat, "floor", SETTLE_MS)


def _carries(seat: Page, channel: str, hertz: int) -> bool:
    _choose(seat, "ar" if channel == "fr" else "fr", 1_000)
    take(seat)
    _choose(seat, channel, 2_000)
    return take(seat).is_heard(hertz)


def _choose(seat: Page, channel: str, pause_ms: float) -> None:
    seat.locator("hc-program [data-channels]").select_option(channel)
    seat.wait_for_timeout(pause_ms)


def _press(seat: Page, channels: list[str]) -> list[float]:
    seat.evaluate("presses.length = 0")
    pauses = Random(7)
    for channel in channels:
        _choose(seat, channel, pauses.uniform(1_000, 1_400))
    presses: list[float] = seat.evaluate("presses")
    return presses
