"""How soon and with what delay a speaker is heard from an office whose firewall blocks UDP.

The speaker's page runs on a computer behind its own router (network namespaces), the listener's on
this machine. The benchmark needs root, nftables and coturn.
"""

import os
import time
from pathlib import Path
from statistics import quantiles
from typing import Any

from playwright.sync_api import Page, sync_playwright

from bench.engine.clocked import SCRIPT, delays, sound_on, take
from bench.fixtures import fresh
from bench.sizes import size
from hemicycle.procedure import commands as c
from tests.support import office_network as office
from tests.support.browser import Pages, launch
from tests.support.coturn import SECRET, coturn
from tests.support.tones import open_page

FIGURES = ("ways.way", "ways.heard_s", "ways.ear_p95_ms")
LOW, HIGH = 400, 1000
PORT = 20_000
SETTLE_MS = size(4_000, 500)
MEASURE_MS = size(30_000, 3_000)
HEARD_WITHIN_S = 60.0
PROGRAM = "hc-program video"
WAYS = {
    "udp": "meta l4proto udp accept",
    "ice_tcp": f"ip daddr {office.SERVER} tcp dport {PORT} accept",
    "turn_tcp": f"ip daddr {office.RELAY} tcp dport 3478 accept",
    "turn_tls": f"ip daddr {office.RELAY} tcp dport 443 accept",
}
SETTINGS = {
    "HEMICYCLE_MEDIA_PORT": str(PORT),
    "HEMICYCLE_TURN_SECRET": SECRET,
    "HEMICYCLE_TURN_URLS": (
        f"turns:{office.RELAY}:443?transport=tcp,turn:{office.RELAY}:3478?transport=tcp"
    ),
}


def run() -> dict[str, Any]:
    """Return the figures for each way through the firewall.

    `heard_s` is the time from the press that opens the microphone until it is heard, and
    `ear_p95_ms` the delay of the sound.
    """
    with (
        fresh() as folder,
        office.office_network() as network,
        sync_playwright() as playwright,
        coturn(folder, relay=office.RELAY, engine=office.SERVER),
    ):
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in this thread
        here = launch(playwright, yielding=True)
        ways = _measured(folder, network, playwright.chromium, Pages(here))
        here.close()
    return {"ways": ways}


def _measured(
    folder: Path, network: office.OfficeNetwork, kind: Any, pages: Pages
) -> list[dict[str, Any]]:
    from tests.support.floor import FloorSite, held  # Django is set up by now

    site = FloorSite(folder, os.environ["HEMICYCLE_DATABASE_URL"], engine=SETTINGS)
    found = []
    with held(site, pages, floor_time_limit_s=3600) as meeting:
        meeting.panel.world.open_panel()
        ear = meeting.staff(meeting.panel.world.moderator, "hall/", script=SCRIPT)
        sound_on(ear)
        ear.evaluate("(selector) => clocked.hear(selector)", PROGRAM)
        for number, (way, rule) in enumerate(WAYS.items()):
            network.lets_out(rule)
            with network.browser(kind, site.port, "--ignore-certificate-errors") as away:
                speaker = open_page(Pages(away))
                speaker.add_init_script(f"{SCRIPT};\nclocked.mark({LOW}, {HIGH});")
                speaker.goto(meeting.panel.seat(number))
                meeting.panel.world.press(c.GiveFloor(meeting.panel.slots()[number]))
                heard_s, p95_ms = _one(speaker, ear)
            found.append({"way": way, "heard_s": round(heard_s, 1), "ear_p95_ms": round(p95_ms)})
    return found


def _one(speaker: Page, ear: Page) -> tuple[float, float]:
    take(ear)
    began = time.monotonic()
    speaker.locator('[data-own] [data-do="open"]').click()
    while not take(ear).begins(HIGH):
        assert time.monotonic() - began < HEARD_WITHIN_S, "the speaker is not heard"
        ear.wait_for_timeout(100)
    heard_s = time.monotonic() - began
    ear.wait_for_timeout(SETTLE_MS)
    for page in (speaker, ear):
        take(page)
    ear.wait_for_timeout(MEASURE_MS)
    late = delays(take(speaker).begins(HIGH), take(ear).begins(HIGH))
    return heard_s, quantiles(late, n=20)[-1]
