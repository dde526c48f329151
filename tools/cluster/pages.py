"""Pages in a real browser: a speaker’s seat, and halls that listen to the program at edges."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from playwright.sync_api import Page, sync_playwright

from tests.support.browser import Pages, launch
from tools.cluster.programs import wait_for
from tools.cluster.rehearsed import session_of

if TYPE_CHECKING:
    from hemicycle.hearing.setup.models import Hearing
    from tests.support.hall_at_edges import HallAtEdges

TONE_HZ = 600
WITHIN_S = 120.0
LOOK_S = 0.5
QUIET_S = 0.25
"""The shortest pause that counts as silence, in seconds."""


class Halls:
    """The pages of the halls, and how long each was silent."""

    def __init__(self, halls: "list[HallAtEdges]") -> None:
        self._halls = halls

    def at(self) -> list[str]:
        """Return where each hall listens: the address of an edge, or "" for the engine."""
        return [hall.at for hall in self._halls]

    def wait(self, seconds: float) -> None:
        """Wait this many seconds while the pages continue to run."""
        self._halls[0].page.wait_for_timeout(seconds * 1000)

    def states(self) -> list[str]:
        """Return the state of each page's connection, as JSON."""
        from tests.support.hall_at_edges import STATE

        return [str(hall.page.evaluate(STATE)) for hall in self._halls]

    def settle(self) -> bool:
        """Wait until all halls hear the speaker; return False if one does not in `WITHIN_S`."""
        limit = time.monotonic() + WITHIN_S
        while not all(hall.page.evaluate(_HEARS) for hall in self._halls):
            if time.monotonic() > limit:
                return False
            self.wait(LOOK_S)
        return True

    def away_s(self, since: float) -> list[float]:
        """Return for each hall how long after `since` (Unix epoch) its longest silence ended.

        It is 0 for a hall without a silence.
        """
        return [_longest(hall, since)[1] for hall in self._halls]

    def silent_s(self, since: float) -> list[float]:
        """Return for each hall how long its longest silence after `since` (Unix epoch) lasted.

        All times are in seconds.
        """
        return [_longest(hall, since)[0] for hall in self._halls]


def _longest(hall: "HallAtEdges", since: float) -> tuple[float, float]:
    """Return how long the longest silence lasted, and how long after `since` it ended."""
    silences = [(0.0, 0.0)]
    turns = [turn for turn in hall.page.evaluate("turns") if turn["at"] / 1000 >= since]
    for quiet, loud in pairwise(turns):
        if not quiet["loud"] and loud["at"] - quiet["at"] >= QUIET_S * 1000:
            lasted = (loud["at"] - quiet["at"]) / 1000
            silences.append((lasted, loud["at"] / 1000 - since))
    return max(silences)


_HEARS = "turns.at(-1)?.loud && Date.now() - turns.at(-1).at > 1000"


class Browsers(NamedTuple):
    """A browser for speakers' seats, and one for halls."""

    seats: Pages
    halls: Pages


@contextmanager
def browsers_for(site: str) -> Iterator[Browsers]:
    """Start the browsers for a site without a certificate.

    A microphone needs a secure page, or a flag with which the browser treats the page as secure.
    Chromium's headless shell has no such flag but needs much less of the processors, so it runs the
    halls. The browsers do not yield to the site, because they measure: a page that gets no
    processor time hears nothing.
    """
    secure = f"--unsafely-treat-insecure-origin-as-secure={site}"
    with sync_playwright() as playwright, ExitStack() as stack:

        def started(*flags: str) -> Pages:
            browser = launch(playwright, *flags, shell=not flags)
            stack.callback(browser.close)
            return Pages(browser)

        yield Browsers(seats=started(secure), halls=started())


def seated(pages: Pages, site: str, hearing: "Hearing", slot: str) -> Page:
    """Open a speaker's seat with a tone for a microphone."""
    from hemicycle.before.registration import links
    from hemicycle.before.registration.models import Inscription
    from tests.support.tones import open_page

    registration = Inscription.objects.get(pk=UUID(slot)).registration
    page = open_page(pages, TONE_HZ)
    page.goto(f"{site}/h/{hearing.slug}/seat/{links.secret_of(registration)}/", timeout=120_000)
    return page


def begin_to_speak(seat: Page, is_heard: Callable[[], bool]) -> None:
    """Open the microphone of a seat that has the floor, and wait until `is_heard` returns True.

    Then turn off the seat's camera and its picture of the program: the whole site and all browsers
    share the processors, and only the sound is measured. Raises TimeoutError with the text of the
    page.
    """
    seat.reload()
    seat.locator('[data-own] [data-do="open"]').click()
    limit = time.monotonic() + WITHIN_S
    while not is_heard():
        if time.monotonic() > limit:
            raise TimeoutError(f"the speaker is not heard: {seat.locator('main').inner_text()}")
        seat.wait_for_timeout(250)
    seat.locator('[data-own] [data-do="camera"]').click()
    seat.locator("hc-program [data-picture]").click()


@contextmanager
def halls_at(
    pages: Pages, site: str, hearings: Sequence["Hearing"], edges: Mapping[str, Any]
) -> Iterator[Halls]:
    """Open a hall for each hearing, each at another edge.

    Raises TimeoutError if no edge is found for one of them.
    """
    from tests.support.hall_at_edges import PROGRAM, HallAtEdges
    from tests.support.silences import LISTEN

    halls: list[HallAtEdges] = []

    def opened(hearing: "Hearing") -> HallAtEdges | None:
        hall = HallAtEdges(pages.open(viewport={"width": 640, "height": 400}), edges)
        hall.page.context.add_cookies([_cookie(site, hearing)])  # type: ignore[list-item] # a dict
        hall.page.on("request", hall.note)
        address = f"{site}/h/{hearing.slug}/hall/"
        hall.page.goto(address, wait_until="domcontentloaded", timeout=120_000)
        hall.page.wait_for_timeout(3000)
        if hall.asked and hall.at and hall.at not in {one.at for one in halls}:
            return hall
        hall.page.context.close()  # it came to the edge of another hall, or to none: try again
        return None

    try:
        for hearing in hearings:
            hall = wait_for("a hall at an edge", partial(opened, hearing), WITHIN_S)
            hall.page.evaluate(LISTEN, PROGRAM)
            halls.append(hall)
        yield Halls(halls)
    finally:
        for hall in halls:
            hall.page.context.close()


def _cookie(site: str, hearing: "Hearing") -> dict[str, str]:
    from hemicycle.hearing.people.models import Appointment, Role

    row = Appointment.every.filter(hearing_id=hearing.id, role=Role.SECRETARIAT)[0]
    return {"name": "hemicycle", "value": session_of(row.person), "url": site}
