"""The delay from a real page's microphone to another page's loudspeaker, and from camera to screen.

`MIC_TO_EAR_SECONDS=120 make bench ONLY=mic_to_ear` measures for longer.
"""

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Page, sync_playwright

from bench.engine.clocked import SCRIPT, delays, sound_on, take
from bench.fixtures import fresh
from bench.sizes import size
from hemicycle.procedure import commands as c
from tests.support.browser import Pages, launch
from tests.support.tones import open_page

RUN = (
    *("p50_ms", "p95_ms", "picture_offset_ms", "picture_p50_ms", "picture_p95_ms"),
    *("sounds", "pictures", "picture"),
)
FIGURES = (*RUN, *(f"smaller.{name}" for name in RUN))
SECONDS = size(45.0, 3.0, "MIC_TO_EAR_SECONDS")
LOW, HIGH = 400, 1000
SETTLE_MS = size(8_000, 1_000)
TRIES = size(1, 10)
"""How often to measure while nothing comes in time, as on a machine that does other work too."""
PROGRAM = "hc-program video"
SMALLER = "640x360"
SIZE = """(selector) => {
  const video = document.querySelector(selector);
  return `${video.videoWidth}x${video.videoHeight}`;
}"""


def run() -> dict[str, Any]:
    """Return the delays of sound and picture, and by how much the picture is later than the sound.

    They are measured with the size of picture that the engine chooses on this machine, and again
    with the smaller one.
    """
    spawning = get_context("spawn")  # Django can be set up only once in a process
    with ProcessPoolExecutor(1, mp_context=spawning, max_tasks_per_child=1) as processes:
        chosen = processes.submit(_figures, {}).result()
        smaller = processes.submit(_figures, {"HEMICYCLE_MEDIA_PICTURE": SMALLER}).result()
    return {**chosen, "smaller": smaller}


def _figures(engine: dict[str, str]) -> dict[str, Any]:
    with fresh() as folder, sync_playwright() as playwright:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in this thread
        chromium = launch(playwright, yielding=True)
        try:
            sound, picture, size = _measured(folder, Pages(chromium), engine)
        finally:
            chromium.close()
    return {
        "p50_ms": round(median(sound)),
        "p95_ms": round(quantiles(sound, n=20)[-1]),
        "picture_offset_ms": round(median(picture) - median(sound)),
        "picture_p50_ms": round(median(picture)),
        "picture_p95_ms": round(quantiles(picture, n=20)[-1]),
        "sounds": len(sound),
        "pictures": len(picture),
        "picture": size,
    }


def _measured(
    folder: Path, pages: Pages, engine: dict[str, str]
) -> tuple[list[float], list[float], str]:
    from tests.support.floor import FloorSite, held  # Django is set up by now

    site = FloorSite(folder, os.environ["HEMICYCLE_DATABASE_URL"], engine=engine)
    with held(site, pages, floor_time_limit_s=3600) as meeting:
        speaker = open_page(pages)
        speaker.add_init_script(f"{SCRIPT};\nclocked.mark({LOW}, {HIGH});")
        speaker.goto(meeting.panel.seat(0))
        speaker.locator('[data-own] [data-do="open"]').click()
        ear = open_page(pages)
        ear.add_init_script(SCRIPT)
        ear.goto(meeting.panel.seat(1))
        sound_on(ear)
        meeting.panel.world.open_panel()
        meeting.panel.world.press(c.GiveFloor(meeting.panel.slots()[0]))
        ear.evaluate("(selector) => { clocked.hear(selector); clocked.see(selector); }", PROGRAM)
        # A browser delays a picture that is outside the visible part of the page.
        ear.locator(PROGRAM).scroll_into_view_if_needed()
        ear.wait_for_timeout(SETTLE_MS)
        for _ in range(TRIES):
            sound, picture = _delays(speaker, ear)
            if sound and picture:
                break
        return sound, picture, str(ear.evaluate(SIZE, PROGRAM))


def _delays(speaker: Page, ear: Page) -> tuple[list[float], list[float]]:
    for page in (speaker, ear):
        take(page)
    ear.wait_for_timeout(SECONDS * 1000)
    said, heard = take(speaker), take(ear)
    return delays(said.begins(HIGH), heard.begins(HIGH)), delays(said.flashes, heard.flashes)
