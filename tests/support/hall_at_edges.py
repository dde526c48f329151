"""The screen of a hall that hears at edges, and its silences, for a test and a benchmark."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Page, Request

from hemicycle.hearing.people.models import Role
from tests.support import edges
from tests.support.browser import Pages
from tests.support.edges import RunningEdge
from tests.support.tones import until

if TYPE_CHECKING:
    from tests.support.floor import Held

SECRET = "a secret of a site whose listeners are at edges"
CHAIR_HZ = 400
PROGRAM = "hc-program video"
SETTLES_S = 1.0

LISTEN = """
(selector) => {
  const context = new AudioContext({ sinkId: { type: "none" } });
  const look = new AnalyserNode(context, { fftSize: 1024 });
  const wave = new Float32Array(look.fftSize);
  let followed, source;
  window.turns = [];
  window.tracks = 0;
  setInterval(() => {
    const tracks = document.querySelector(selector)?.srcObject?.getAudioTracks() ?? [];
    window.tracks = Math.max(window.tracks, tracks.length);
    const track = tracks[0];
    if (track && track !== followed) {
      source?.disconnect();
      source = context.createMediaStreamSource(new MediaStream([track]));
      source.connect(look);
      followed = track;
    }
    look.getFloatTimeDomainData(wave);
    const loud = Math.sqrt(wave.reduce((sum, one) => sum + one * one, 0) / wave.length) > 0.01;
    if (loud !== turns.at(-1)?.loud) turns.push({ loud, at: Date.now() });
  }, 10);
}
"""
"""A function that notes every 10 ms whether the program sounds, and the most tracks it had."""


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
        """Wait until the program has been audible for `SETTLES_S`."""
        loud = f"turns.at(-1)?.loud && Date.now() - turns.at(-1).at > {1000 * SETTLES_S}"
        until(
            self.page,
            lambda: bool(self.page.evaluate(loud)),
            lambda: f"no sound: {self.asked}, {self.page.evaluate(STATE)}",
        )

    def silence_ms(self, act: Callable[[], object]) -> float:
        """Return the time in ms from an act to the end of the longest silence that follows it.

        The result is 0 if no silence lasts 60 ms.
        """
        longest, over = self._longest_silence(act)
        return over if longest >= 60 else 0.0

    def gap_ms(self, act: Callable[[], object]) -> float:
        """Return the length in ms of the longest silence after an act."""
        return self._longest_silence(act)[0]

    def _longest_silence(self, act: Callable[[], object]) -> tuple[float, float]:
        """Return how long the longest silence lasts, and how long after the act it ends, in ms."""
        begun = time.time() * 1000
        act()
        self.page.wait_for_timeout(2500)
        self.settle()
        turns = [turn for turn in self.page.evaluate("turns") if turn["at"] >= begun]
        silences = [
            (after["at"] - before["at"], after["at"] - begun)
            for before, after in pairwise(turns)
            if not before["loud"]
        ]
        return max(silences, default=(0.0, 0.0))


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
