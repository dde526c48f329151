"""Halls in a real browser that hear the program at edges."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

from tests.support.browser import FLAGS, SHELL, Pages, program
from tools.cluster.programs import wait_for
from tools.cluster.rehearsed import session_of

if TYPE_CHECKING:
    from hemicycle.hearing.setup.models import Hearing
    from tests.support.hall_at_edges import HallAtEdges

WITHIN_S = 120.0
QUIET_S = 0.25
"""A shorter pause is not counted as silence."""


class Halls:
    """The pages, and how long each of them was silent."""

    def __init__(self, halls: "list[HallAtEdges]") -> None:
        self._halls = halls

    def at(self) -> list[str]:
        """Return where each hall hears: the address of an edge, or "" for the engine."""
        return [hall.at for hall in self._halls]

    def wait(self, seconds: float) -> None:
        """Let time pass, in which the pages go on."""
        self._halls[0].page.wait_for_timeout(seconds * 1000)

    def settle(self) -> bool:
        """Wait until all hear the speaker; False if one does not within a minute."""
        limit = time.monotonic() + WITHIN_S
        while not all(hall.page.evaluate(_HEARS) for hall in self._halls):
            if time.monotonic() > limit:
                return False
            self.wait(0.1)
        return True

    def away_s(self, since: float) -> float:
        """Return the time from `since` (Unix epoch) to the end of the longest silence after it.

        It is that of the hall where it took longest, and 0 where nobody noticed anything.
        """
        found = [0.0]
        for hall in self._halls:
            silences = [(0.0, 0.0)]
            turns = [turn for turn in hall.page.evaluate("turns") if turn["at"] / 1000 >= since]
            for quiet, loud in pairwise(turns):
                if not quiet["loud"] and loud["at"] - quiet["at"] >= QUIET_S * 1000:
                    lasted = (loud["at"] - quiet["at"]) / 1000
                    silences.append((lasted, loud["at"] / 1000 - since))
            found.append(max(silences)[1])
        return max(found)


_HEARS = "turns.at(-1)?.loud && Date.now() - turns.at(-1).at > 1000"


@contextmanager
def halls_at(site: str, hearing: "Hearing", edges: dict[str, Any]) -> Iterator[Halls]:
    """Open two halls, one at each of two edges. Raises TimeoutError where one hears nothing."""
    from hemicycle.hearing.people.models import Appointment, Role
    from tests.support.hall_at_edges import LISTEN, PROGRAM, HallAtEdges

    row = Appointment.every.filter(hearing_id=hearing.id, role=Role.SECRETARIAT)[0]
    cookie = {"name": "hemicycle", "value": session_of(row.person), "url": site}
    with sync_playwright() as playwright:
        # The site has no certificate, and some of what a page may do needs one.
        flags = [*FLAGS, f"--unsafely-treat-insecure-origin-as-secure={site}"]
        browser = playwright.chromium.launch(executable_path=program(SHELL), args=flags)
        pages = Pages(browser)
        halls: list[HallAtEdges] = []
        try:
            for _ in edges:
                taken = {hall.at for hall in halls}

                def opened() -> HallAtEdges | None:
                    hall = HallAtEdges(pages.open(viewport={"width": 640, "height": 400}), edges)
                    hall.page.context.add_cookies([cookie])  # type: ignore[list-item] # a dict
                    hall.page.on("request", hall.note)
                    hall.page.goto(
                        f"{site}/h/{hearing.slug}/hall/",
                        wait_until="domcontentloaded",
                        timeout=45_000,
                    )
                    hall.page.wait_for_timeout(3000)
                    if hall.asked and hall.at and hall.at not in taken:  # noqa: B023 - called at once
                        return hall
                    hall.page.context.close()  # by chance, it is where another one is
                    return None

                hall = wait_for("a hall at each edge", opened, WITHIN_S)
                hall.page.evaluate(LISTEN, PROGRAM)
                halls.append(hall)
            yield Halls(halls)
        finally:
            browser.close()
