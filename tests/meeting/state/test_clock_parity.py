"""One clock on every screen: Python, the picture and the browser agree in every history.

`tests/procedure/clock_vectors.json` holds chosen cases; here the histories are random. The browser
gets the clock as the feed sends it, and counts with its own module in Node. The picture is composed
as on air, and its clock is read from the pixels: plain shades replace the drawings of the figures,
one shade for each figure and one hue for each phase.
"""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.engine.hearing_config import HearingConfig
from hemicycle.engine.overlays import clock_of
from hemicycle.engine.video import artwork
from hemicycle.engine.video.artwork import GLYPHS, Art, ArtworkCache
from hemicycle.engine.video.composer import Composer
from hemicycle.engine.video.geometry import SMALL, Rect, Size, places
from hemicycle.engine.video.layouts import ClockFacePhase, Layout
from hemicycle.engine.video.sprites import Layer, Sprite
from hemicycle.meeting.state.meeting_view import clock_state
from hemicycle.procedure import clock
from hemicycle.procedure.state import Floor
from tests.procedure.histories import Run
from tests.support.examples import examples
from tools.frontend import find_node

MODULE = Path(__file__).parents[3] / "src/hemicycle/ui/static/js/clock-state.js"
RUN = """
import { createInterface } from "node:readline";
const clock = await import(process.argv[1]);
for await (const line of createInterface({ input: process.stdin })) {
  const { sent, now } = JSON.parse(line);
  const state = sent ?? clock.EMPTY;
  console.log(JSON.stringify([clock.phaseAt(state, now), clock.shownAt(state, now)]));
}
"""
FREE = ("free", "0:00")
PHASES: tuple[ClockFacePhase, ...] = get_args(ClockFacePhase.__value__)
GROUND_SHADE, FIRST_SHADE, STEP = 60, 80, 10
FIRST_HUE, HUES_APART = 60, 25
BACK_MS = 20_000
"""How far a screen's clock may be behind the record's last entry."""


class Browser:
    """The browser's clock module, in a process that answers line by line."""

    def __init__(self) -> None:
        node, _ = find_node()
        self._process = subprocess.Popen(
            [node, "--input-type=module", "--eval", RUN, MODULE.as_uri()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def shows(self, sent: dict[str, Any] | None, now: int) -> tuple[str, str]:
        """Return the phase and the figures that the browser shows for a clock from the feed."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"sent": sent, "now": now}) + "\n")
        self._process.stdin.flush()
        phase, figures = json.loads(self._process.stdout.readline())
        return phase, figures

    def close(self) -> None:
        self._process.communicate(timeout=10)


class Shades(ArtworkCache):
    """Plain shades in place of the clock's drawings; nothing else is drawn."""

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[Art, Sprite] = {}

    def get(self, art: Art) -> Sprite:
        if art not in self._made:
            self._made[art] = self._shade(art)
        return self._made[art]

    def _shade(self, art: Art) -> Sprite:
        if art.kind not in {"clock", "digits"}:
            return Sprite.empty()
        luma = np.full((art.area.height, art.area.width), GROUND_SHADE)
        if art.kind == "digits":
            luma[:] = np.repeat(
                FIRST_SHADE + STEP * np.arange(len(GLYPHS)), artwork.cell(art.program).width
            )
        chroma = np.full(
            (art.area.height // 2, art.area.width // 2),
            FIRST_HUE + HUES_APART * PHASES.index(art.phase),
        )
        layers = [_solid(plane) for plane in (luma, chroma, chroma)]
        return Sprite(Rect(0, 0, *art.area), (layers[0], layers[1], layers[2]))


def _solid(values: Any) -> Layer:
    return Layer((values * 256).astype(np.uint16), np.zeros(values.shape, np.uint16))


class Picture:
    """The program picture of somebody who speaks, and what its clock shows."""

    def __init__(self, size: Size = SMALL) -> None:
        self._shades = Shades()
        self._composer = Composer(size, self._shades)
        self._size = size

    def shows(self, floor: Floor, now: int) -> tuple[str, str]:
        """Return the phase and the figures, read from the pixels."""
        face = clock_of(floor, CONFIG)
        if face is None:
            return FREE
        layout = Layout("speaker", main="camera", clock=face)
        place = places(layout, self._size).clock
        assert place is not None
        self._composer.show(layout)
        self._composer.compose(lambda _source: None, now)
        planes = self._composer._canvas.parts(place)
        height, width = planes[0].shape
        row = height - artwork.word_height(self._size.height) - height // 8
        hues = {int(hue) for hue in planes[1][row // 2] if hue >= FIRST_HUE}
        (hue,) = {hue for hue in hues if (hue - FIRST_HUE) % HUES_APART == 0}
        return PHASES[(hue - FIRST_HUE) // HUES_APART], self._figures(planes[0][row], width)

    def _figures(self, row: Any, width: int) -> str:
        one = artwork.cell(self._size.height).width
        shown = ""
        for shade, run in groupby(int(value) for value in row):
            if shade >= FIRST_SHADE:
                glyph = GLYPHS[(shade - FIRST_SHADE) // STEP]
                shown += glyph * max(1, len(list(run)) // one)
        return shown

    def close(self) -> None:
        self._shades.close()


CONFIG = HearingConfig()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    running = Browser()
    yield running
    running.close()


@pytest.fixture(scope="module")
def picture() -> Iterator[Picture]:
    composed = Picture()
    yield composed
    composed.close()


def python_shows(floor: Floor, now: int) -> tuple[str, str]:
    own = clock.shown_clock(floor)
    return FREE if own is None else (clock.phase(floor, now), own.figures(now))


def edges(floor: Floor) -> set[int]:
    """Return the moments from now on at which the clock changes or is cut, and 1 ms before each."""
    own = clock.shown_clock(floor)
    if own is None or own.running_since_ms is None:
        return {floor.at}
    begun = own.running_since_ms - own.used_before_ms
    turns = {begun + used for _, used in own.signals()}
    return {at - early for at in turns for early in (0, 1) if at - early >= floor.at}


@examples(60)
@given(
    st.integers(0, 2**32),
    st.integers(1, 40),
    st.lists(st.integers(0, 400_000), min_size=1, max_size=3),
)
def test_every_screen_shows_the_same_clock(
    browser: Browser, picture: Picture, seed: int, length: int, later: list[int]
) -> None:
    run = Run(seed)
    for _ in range(length):
        run.take(run.choose())
        floor = run.floor
        sent = json.loads(json.dumps(clock_state(floor)))
        for now in {floor.at + ms for ms in later} | edges(floor):
            expected = python_shows(floor, now)
            assert browser.shows(sent, now) == expected
            assert picture.shows(floor, now) == expected


@examples(60)
@given(st.integers(0, 2**32), st.integers(1, 40), st.integers(1, BACK_MS))
def test_a_screen_that_is_behind_the_record_agrees_with_the_picture(
    browser: Browser, picture: Picture, seed: int, length: int, behind: int
) -> None:
    floor = Run(seed).play(length).floor
    now = floor.at - behind
    sent = json.loads(json.dumps(clock_state(floor)))
    assert browser.shows(sent, now) == picture.shows(floor, now)


def test_the_histories_bring_about_every_phase() -> None:
    seen = Counter(
        python_shows(floor, floor.at + ms)[0]
        for seed in range(60)
        for floor in (Run(seed).play(80).floor,)
        for ms in range(0, 400_000, 10_000)
    )
    assert seen.keys() == {"free", *PHASES}
