"""The packager beside a thread that cannot keep up."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest

from hemicycle.engine.captions.webvtt import CaptionLine, Cue
from hemicycle.engine.hls import ChapterMark, Packager, metadata
from hemicycle.engine.hls.backlog import LONGEST_S
from hemicycle.engine.hls.writer import WebcastWriter
from hemicycle.engine.streams import PICTURE_RATE, PROGRAM, Output, Packet
from tests.engine.hls import folder as f
from tests.engine.hls.program import Program

FPS = 3
MOVED_MS = 5_000
"""By how much the public's delay grows during the meeting, in ms."""


class Held:
    """A packager whose thread waits for `works` before each packet; `taken` are pictures' times."""

    def __init__(self, works: Event, folder: Path) -> None:
        self.works = works
        self.troubles: list[str] = []
        self.taken: list[float] = []
        self.given = 0.0
        self.outputs = {"floor": Output("floor", "sound"), PROGRAM: Output(PROGRAM, "picture")}
        self.keys = 0
        self.outputs[PROGRAM].wants_key = self._want_key
        self.packager = Packager(
            folder, self.outputs, f.WALL_MS, on_trouble=lambda code, **_: self.troubles.append(code)
        )
        self._program = Program(("floor",), key_every=2 * FPS, fps=FPS)

    def _want_key(self) -> None:
        self.keys += 1

    def feed(self, seconds: float) -> None:
        """Give the packager the next seconds of the program at once."""
        for name, packet in self._program.run(seconds):
            self.outputs[name].put(packet)
            if name == PROGRAM:
                self.given = packet.pts / PICTURE_RATE

    async def catches_up(self) -> None:
        """Wait until the thread has received the last picture."""
        async with asyncio.timeout(20):
            while not self.taken or self.taken[-1] < self.given:  # noqa: ASYNC110  # a thread does
                await asyncio.sleep(0.01)


@contextmanager
def holding(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[Callable[[], Held]]:
    """Yield a function that makes a packager whose thread can be stopped."""
    works = Event()
    works.set()
    take = WebcastWriter.take
    made: list[Held] = []

    def held_take(writer: WebcastWriter, name: str, packet: Packet) -> list[object]:
        works.wait(60)
        if name == PROGRAM:
            made[0].taken.append(packet.pts / PICTURE_RATE)
        return take(writer, name, packet)  # type: ignore[return-value]

    def make() -> Held:
        made.append(Held(works, folder))
        return made[0]

    monkeypatch.setattr(WebcastWriter, "take", held_take)
    try:
        yield make
    finally:
        works.set()


def test_a_thread_that_was_held_goes_on_near_the_present(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread stops for 20 s, in the middle of which the public's delay changes."""

    async def test(make: Callable[[], Held]) -> None:
        held = make()
        for _ in range(2):
            held.feed(5)
            await held.catches_up()
        assert held.troubles == []
        held.works.clear()
        held.feed(10)
        moved_at = 20.0
        held.packager.move_clock(f.WALL_MS - MOVED_MS)
        spoken = f.WALL_MS - MOVED_MS + 26_000
        held.packager.caption(CaptionLine("fr", spoken, (Cue(spoken, spoken + 2_000, "Oui."),)))
        held.feed(10)
        assert held.packager.behind_s > 19
        assert held.troubles == ["webcast_behind"]
        assert held.keys
        held.works.set()
        await held.catches_up()
        # The thread was already handling one picture when it was stopped.
        resumed = next(at for at in held.taken if at > 11)
        assert 30 - 1 / FPS - resumed <= LONGEST_S

        held.feed(10)
        named = {at: f.WALL_MS - MOVED_MS + at * 1000 for at in (moved_at + 2, 28, 35)}
        await held.packager.close([ChapterMark(round(ms), str(at)) for at, ms in named.items()])

        known = metadata.read_file(tmp_path)
        assert known.spans == [
            metadata.RecordedSpan(0, f.WALL_MS),
            metadata.RecordedSpan(20_000, f.WALL_MS - MOVED_MS + 20_000),
        ]
        for chapter in known.chapters:
            assert known.media_ms(chapter.at_ms) == float(chapter.title) * 1000
        # The remaining pictures keep their own times, which the chapters refer to.
        shown = {
            found.at
            for uri in f.uris(tmp_path, "video")
            for found in f.packets(tmp_path, "video", uri)
        }
        assert {25, 26, 28, 35} <= shown
        assert abs(sum(one.duration for one in f.segments(tmp_path, "floor.opus")) - 40) < 0.5
        (text,) = tmp_path.glob("fr.captions-*.vtt")  # noqa: ASYNC240  # nothing else runs here
        assert "00:00:26.000 --> 00:00:28.000\nOui." in text.read_text()

    with holding(monkeypatch, tmp_path) as make:
        asyncio.run(test(make))


def test_a_webcast_that_gets_nothing_is_behind_too(tmp_path: Path) -> None:
    async def test() -> None:
        outputs = {"floor": Output("floor", "sound"), PROGRAM: Output(PROGRAM, "picture")}
        packager = Packager(tmp_path, outputs, f.WALL_MS)
        await asyncio.sleep(0.3)
        assert packager.behind_s >= 0.3
        await packager.leave()

    asyncio.run(test())
