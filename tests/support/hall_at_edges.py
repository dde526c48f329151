"""The screen of a hall that hears at edges, and its silences, for a test and a benchmark."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Page, Request

from hemicycle.hearing.people.models import Role
from tests.support import edges
from tests.support.browser import Pages
from tests.support.edges import RunningEdge
from tests.support.silences import LISTEN, SETTLED, longest_silence_ms
from tests.support.tones import until

if TYPE_CHECKING:
    from tests.support.floor import Held

SECRET = "a secret of a site whose listeners are at edges"
CHAIR_HZ = 400
PROGRAM = "hc-program video"

STATE = """
() => {
  const program = document.querySelector("hc-program");
  const tracks = program.querySelector("video").srcObject?.getTracks() ?? [];
  return JSON.stringify({
    turns,
    link: [program.link.state, program.link.sentence, program.link.reason],
    you: program.link.latest.you,
    tracks: tracks.map((track) => [track.kind, track.readyState, track.muted]),
    pc: program.link.peer?.pc?.connectionState,
  });
}
"""
"""A function that returns what the page knows about its connection."""


@dataclass
class HallAtEdges:
    """The page of the hall, and the addresses at which it asked for sound and picture."""

    page: Page
    edges: Mapping[str, RunningEdge]
    asked: list[str] = field(default_factory=list)

    def note(self, request: Request) -> None:
        """Note a request for sound or picture."""
        if request.method == "POST" and "/whep" in request.url:
            self.asked.append(request.url)

    @property
    def at(self) -> str:
        """The edge that the page asked last; "" for the engine."""
        return next((name for name in self.edges if self.asked[-1].startswith(name)), "")

    def settle(self) -> None:
        """Wait until the program has been audible for a second."""
        until(
            self.page,
            lambda: bool(self.page.evaluate(SETTLED)),
            lambda: f"no sound: {self.asked}, {self.page.evaluate(STATE)}",
        )

    def silence_ms(self, act: Callable[[], object]) -> float:
        """Return the length in ms of the longest silence after an act, or 0 without one."""
        begun = time.time() * 1000
        act()
        self.page.wait_for_timeout(2500)
        self.settle()
        return longest_silence_ms(self.page.evaluate("turns"), begun)


@contextmanager
def hall_at_edges(
    folder: Path, database_url: str, pages: Pages, count: int = 2
) -> Iterator[tuple[Held, HallAtEdges]]:
    """Hold a meeting whose moderator is a tone, which a hall hears at one of `count` edges."""
    from tests.support.floor import ENGINE, FloorSite, held  # Django is set up by now

    with ExitStack() as stack:
        keys = stack.enter_context(edges.keys_of(SECRET))
        made = [stack.enter_context(edges.running(keys)) for _ in range(count)]
        engine = {
            **ENGINE,
            "HEMICYCLE_MEDIA_SECRET": SECRET,
            "HEMICYCLE_MEDIA_EDGES": ",".join(edge.base for edge in made),
        }
        site = FloorSite(folder, database_url, engine=engine)
        site.failures_expected = True
        meeting = stack.enter_context(held(site, pages))
        world = meeting.panel.world
        meeting.console = meeting.staff(world.moderator, "console/", CHAIR_HZ)
        meeting.console.locator('[data-own] [data-do="open"]').click()
        world.open_panel()
        _until_edges_work(meeting.console, count)
        hall = HallAtEdges(
            meeting.staff(meeting.panel.staff(Role.TECHNICIAN), "technician/"),
            {edge.name: edge for edge in made},
        )
        hall.page.on("request", hall.note)
        hall.page.goto(meeting.panel.url("hall/"))
        hall.page.evaluate(LISTEN, PROGRAM)
        hall.settle()
        yield meeting, hall


def _until_edges_work(page: Page, count: int) -> None:
    from hemicycle.meeting.room.models import EdgeStatus

    working = EdgeStatus.objects.filter(works=True)
    until(page, lambda: working.count() == count, lambda: "the edges do not work")
