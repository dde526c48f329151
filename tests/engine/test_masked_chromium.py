"""A masked speaker in a real browser: program and recording have a card and a changed voice."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from hemicycle.engine.audio.analysis import amplitude
from hemicycle.engine.streams import SOUND_RATE, Samples
from hemicycle.procedure import Listed
from hemicycle.procedure import commands as c
from tests.engine.aired import HEARING, MEETING, Aired, on_air
from tests.engine.test_chromium import CONNECT
from tests.procedure.meeting import segment
from tests.support.browser import Pages
from tests.support.recording import Recording
from tests.support.tones import open_page

pytestmark = [
    pytest.mark.alone,
    pytest.mark.browser,
    pytest.mark.test_all(
        "held",
        by="tests/engine/test_protected_speakers.py::test_neither_face_nor_voice_leaves_the_engine",
    ),
]

ANA, BO = 820, 1000
RED = (225, 31, 31)
"""The colour of both cameras, which nothing else in the picture resembles."""

LIST = (
    Listed("a", "t", "person-a", languages=("en",)),
    Listed("b", "t", "person-b", languages=("en",)),
)


class AiredInThread:
    """A running hearing in a separate thread, so that the test's thread can drive the browser."""

    def __init__(self, folder: Path) -> None:
        self.aired: Aired
        self._folder = folder
        self._loop = asyncio.new_event_loop()
        self._ready, self._over = threading.Event(), asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=[self._run()])
        self._thread.start()
        assert self._ready.wait(20)

    async def _run(self) -> None:
        before = (c.OpenMeeting(MEETING), segment(*LIST))
        async with on_air(self._folder, before=before, languages=["en"]) as self.aired:
            self._ready.set()
            await self._over.wait()

    def do(self, what: Callable[[], object]) -> None:
        """Call a function on the engine's loop."""

        async def call() -> None:
            what()

        asyncio.run_coroutine_threadsafe(call(), self._loop).result(20)

    def stop(self) -> None:
        """Stop the engine; return once it has ended."""
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()
        self._loop.close()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[AiredInThread]:
    thread = AiredInThread(tmp_path)
    yield thread
    thread.stop()


def purest(sound: Samples, hertz: int) -> float:
    """Return for how many consecutive seconds nothing but a tone was heard."""
    step, longest, now = SOUND_RATE // 20, 0, 0
    for at in range(0, len(sound) - step, step):
        piece = sound[at : at + step]
        whole = float(np.sqrt(2 * np.mean(piece**2)))
        now = now + 1 if whole > 0.01 and amplitude(piece, hertz) > 0.7 * whole else 0
        longest = max(longest, now)
    return longest / 20


def is_red(colour: list[int]) -> bool:
    return all(abs(a - b) < 45 for a, b in zip(colour, RED, strict=True))


def test_program_and_recording_get_a_card_and_another_voice(
    pages: Pages, running: AiredInThread
) -> None:
    """Ana is masked. Bo, who speaks next, is not, which shows that the measures work."""
    aired, given = running.aired, []
    for seat, hertz, chosen in (
        ("a", ANA, {"camera": "card", "voice": "changed"}),
        ("b", BO, {"camera": "live", "voice": "live"}),
    ):
        page = open_page(pages, hertz, script="window.voice.colour = 'rgb(225 31 31)';")
        page.goto(f"{aired.base}/media/health")
        token = aired.token("publish", "speaker", seat, slot=seat, **chosen)
        at = page.evaluate(CONNECT, [f"{aired.base}/media/whip/{HEARING}", token, "publish"])
        assert at.startswith("/media/session/"), at
        page.wait_for_timeout(1_500)
        given.append(round(time.time() * 1000))
        running.do(lambda: aired.script.do(c.GiveFloor()))
        page.wait_for_timeout(6_000)
    running.do(lambda: aired.script.do(c.EndFloor(), c.CloseSegment(), c.CloseMeeting()))
    recording = Recording(aired.base, HEARING, MEETING)
    for channel in ("floor", "en"):
        recorded = recording.sound(channel, "aac")
        hers = recorded.before(given[1]).sound
        assert np.abs(hers).max() > 0.05
        assert purest(recorded.sound, ANA) < 0.2
        assert purest(recorded.sound, BO) > 0.4  # short, since a busy machine interrupts the tone
    red = recording.moments(is_red)
    assert red
    assert min(red) > given[1] - 500
