"""How long a seat is without sound after its network failed, or the engine or `web` was killed.

`RECONNECT_ROUNDS=10 make bench ONLY=reconnect` measures more failures of each kind.
"""

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from typing import Any

from playwright.sync_api import Page, Route, sync_playwright

from bench.engine.clocked import sound_on
from bench.engine.lossy import Lossy
from bench.fixtures import fresh
from bench.site.footprint import family, kind
from bench.sizes import size
from tests.support.browser import Pages, launch
from tests.support.silences import LISTEN, SETTLED, longest_silence_ms
from tests.support.tones import until

FIGURES = ("p95_ms", "network_worst_ms", "engine_killed_worst_ms", "web_killed_worst_ms", "rounds")
ROUNDS = size(2, 1, "RECONNECT_ROUNDS")
CHAIR_HZ = 400
WATCHED_S = size(12.0, 2.0)
PROGRAM = "hc-program video"


def run() -> dict[str, Any]:
    """Return `p95_ms` for failures of the network and the engine, and the worst of each kind."""
    with fresh() as folder, sync_playwright() as playwright:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in this thread
        chromium = launch(playwright, yielding=True)
        pages = Pages(chromium)
        try:
            network, engine, web = _drop(folder, pages)
        finally:
            chromium.close()
    silences = network + engine
    return {
        "p95_ms": round(quantiles(silences, n=20, method="inclusive")[-1]),
        "network_worst_ms": round(max(network)),
        "engine_killed_worst_ms": round(max(engine)),
        "web_killed_worst_ms": round(max(web)),
        "rounds": ROUNDS,
    }


def _drop(folder: Path, pages: Pages) -> tuple[list[float], ...]:
    from tests.support.floor import FloorSite, held  # Django is set up by now

    site = FloorSite(folder, os.environ["HEMICYCLE_DATABASE_URL"])
    site.failures_expected = True
    with networks() as way, held(site, pages) as meeting:
        world = meeting.panel.world
        chair = meeting.staff(world.moderator, "console/", CHAIR_HZ)
        chair.locator('[data-own] [data-do="open"]').click()
        world.open_panel()
        seat = meeting.speaker(1)
        seat.route("**/media/whep/**", way.lead)
        seat.reload()
        sound_on(seat)
        seat.evaluate(LISTEN, PROGRAM)
        _settle(seat)
        network = [_silence(seat, way.drop) for _ in range(ROUNDS)]
        web = [_silence(seat, lambda: _kill(site.pid, "web")) for _ in range(ROUNDS)]
        engine = [_silence(seat, lambda: _kill(site.pid, "media")) for _ in range(ROUNDS)]
        return network, engine, web


def _settle(seat: Page) -> None:
    """Wait until the seat has had sound for a second. Raises AssertionError after a minute."""
    until(
        seat,
        lambda: bool(seat.evaluate(SETTLED)),
        lambda: f"no sound reaches the seat: {seat.evaluate('turns')}",
    )


def _silence(seat: Page, drop: Callable[[], None]) -> float:
    """Cause a failure; return the length of the longest silence that follows, in ms."""
    dropped = time.time() * 1000
    drop()
    seat.wait_for_timeout(WATCHED_S * 1000)
    _settle(seat)
    return longest_silence_ms(seat.evaluate("turns"), dropped)


def _kill(supervisor: int, command: str) -> None:
    """Kill the process of a Hemicycle command below a supervisor."""
    for process in family(supervisor):
        if kind(process) == command:
            os.kill(process, signal.SIGKILL)
            return
    raise AssertionError(f"{command} does not run")


class Networks:
    """The network between the seat and the engine, which is replaced when it fails."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._now = Lossy()

    def lead(self, route: Route) -> None:
        """Route the packets of a new connection through the current network."""
        response = route.fetch()
        through = asyncio.run_coroutine_threadsafe(self._now.through(response.text()), self._loop)
        route.fulfill(response=response, body=through.result(5))

    def drop(self) -> None:
        """Cut the current network off; new connections use another one."""
        self._now.cut = True
        self._now = Lossy()


@contextmanager
def networks() -> Iterator[Networks]:
    """Yield the networks, with a thread that transmits their packets."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield Networks(loop)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
