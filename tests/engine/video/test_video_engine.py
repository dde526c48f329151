"""The picture engine in the event loop: timely packets, keyframes on request, new sources."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import pairwise

import av
import pytest

from hemicycle.engine.streams import PICTURE_RATE, Packet
from hemicycle.engine.video import video_engine
from hemicycle.engine.video.composer import Composer
from hemicycle.engine.video.geometry import SMALL, Rect, whole
from hemicycle.engine.video.layouts import Layout, Plate
from hemicycle.engine.video.video_engine import VideoEngine
from tests.engine.video.scenes import BLUE, GREEN, RED, Plain, Rgb, colour, images, near

pytestmark = pytest.mark.usefixtures("virtual_time")

STEP = PICTURE_RATE // 25
TOP = Rect(0, 0, 640, 120)


class Air:
    """A picture engine and all the packets that it sent."""

    def __init__(self, desk: VideoEngine) -> None:
        self.desk = desk
        self.packets: list[Packet] = []
        self.threads: set[int | None] = set()
        desk.output.add(self._take)

    def _take(self, packet: Packet) -> None:
        self.packets.append(packet)
        self.threads.add(threading.get_ident())

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not true():
                await self._next()

    async def _next(self) -> None:
        came = asyncio.Event()

        def take(packet: Packet) -> None:
            came.set()

        self.desk.output.add(take)
        await came.wait()
        self.desk.output.remove(take)

    async def count(self, more: int) -> None:
        wanted = len(self.packets) + more
        await self.until(lambda: len(self.packets) >= wanted)

    def shows(self, expected: Rgb) -> bool:
        """Return whether the newest picture has a colour."""
        return bool(self.packets) and near(colour(images(self.packets)[-1], TOP), expected, 20)


@asynccontextmanager
async def on_air(start: float = 0.0) -> AsyncIterator[Air]:
    loop = asyncio.get_running_loop()
    desk = VideoEngine(
        loop, time.monotonic() + start, SMALL, wall_ms=lambda: round(time.time() * 1000)
    )
    try:
        yield Air(desk)
    finally:
        await asyncio.to_thread(desk.shut_down)


def test_pictures_come_one_by_one_on_the_programs_clock() -> None:
    async def main() -> None:
        async with on_air(start=0.1) as air:
            await air.count(12)
            times = [packet.pts for packet in air.packets]
            assert air.packets[0].keyframe
            assert {t % STEP for t in times} == {0}
            assert all(a < b for a, b in pairwise(times))
            assert air.threads == {threading.get_ident()}
            behind = time.monotonic() - air.desk.start - times[-1] / PICTURE_RATE
            assert 0 <= round(behind, 6) < 5

    asyncio.run(main())


def test_a_desk_that_begins_late_counts_from_the_programs_start() -> None:
    async def main() -> None:
        async with on_air(start=-10) as air:
            await air.count(1)
            assert air.packets[0].pts >= 10 * PICTURE_RATE

    asyncio.run(main())


def test_a_keyframe_comes_when_it_is_wished_for_but_not_all_the_time() -> None:
    async def main() -> None:
        async with on_air() as air:
            await air.count(20)
            before = air.desk.figures.pictures
            air.desk.output.wants_key()
            await air.until(lambda: len(air.packets) > before + 2)
            # One picture may be on its way when the keyframe is requested.
            assert [p.keyframe for p in air.packets[before : before + 2]].count(True) == 1
            for _ in range(40):
                air.desk.output.wants_key()
                await air.count(1)
            keys = [packet.pts for packet in air.packets if packet.keyframe]
            apart = [b - a for a, b in pairwise(keys)]
            assert min(apart) >= PICTURE_RATE // 2
            # A request that comes too soon is kept, not forgotten.
            assert len(keys) >= 4

    asyncio.run(main())


def test_a_source_is_shown_until_it_is_lost_and_then_its_card() -> None:
    async def main() -> None:
        async with on_air() as air:
            camera = Plain(RED)
            air.desk.add("a", camera)
            air.desk.show(Layout("speaker", main="a", plate=Plate("Ann Lee")))
            await air.until(lambda: air.shows(RED))
            camera.frame = None
            await air.until(lambda: air.shows((17, 23, 29)))
            air.desk.add("a", Plain(GREEN))
            await air.until(lambda: air.shows(GREEN))
            air.desk.remove("a")
            air.desk.remove("nobody")
            await air.until(lambda: air.shows((17, 23, 29)))

    asyncio.run(main())


def test_the_picture_before_stands_until_the_next_ones_words_are_drawn() -> None:
    async def main() -> None:
        async with on_air() as air:
            air.desk.add("a", Plain(RED))
            air.desk.add("b", Plain(BLUE))
            air.desk.show(Layout("speaker", main="a"))
            await air.until(lambda: air.shows(RED))
            air.desk.show(Layout("speaker", main="b", plate=Plate("Bo Diaz", "x" * 150)))
            await air.until(lambda: air.shows(BLUE))
            # A picture of b never appears without its plate.
            for image in images(air.packets):
                if near(colour(image, TOP), BLUE, 20):
                    assert (image[300:340, 20:60].min(axis=2) > 150).any()

    asyncio.run(main())


class Broken:
    """A source that raises an error when it is read."""

    def latest(self) -> av.VideoFrame | None:
        raise ValueError("no picture in here")


def test_a_source_that_breaks_does_not_stop_the_program(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        async with on_air() as air:
            air.desk.add("a", Plain(RED))
            air.desk.show(Layout("speaker", main="a"))
            await air.until(lambda: air.shows(RED))
            air.desk.add("a", Broken())
            await air.count(5)
            assert air.shows(RED)

    asyncio.run(main())
    assert "could not be composed" in caplog.text


@pytest.mark.real_time  # work takes no virtual time
def test_the_desk_tells_how_it_keeps_up() -> None:
    async def main() -> None:
        async with on_air() as air:
            await air.count(5)
            figures = air.desk.figures
            assert figures.pictures >= 5
            assert figures.keyframes == 1
            assert figures.longest_ms > 0

    asyncio.run(main())


@pytest.mark.parametrize(("late_s", "is_left_out"), [(-1.0, True), (3_600.0, False)])
def test_pictures_that_are_late_have_no_clock(
    late_s: float, is_left_out: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    composed: list[int | None] = []
    monkeypatch.setattr(video_engine, "LATE_S", late_s)
    monkeypatch.setattr(Composer, "compose", lambda self, seen, now_ms: composed.append(now_ms))

    async def main() -> None:
        async with on_air() as air:
            await air.count(1)
            so_far = len(composed)
            await air.until(lambda: len(composed) > so_far + 1)
            assert (composed[-1] is None) == is_left_out
            assert composed[0] is not None

    asyncio.run(main())


def test_closing_ends_every_thread() -> None:
    async def main() -> None:
        before = set(threading.enumerate())
        async with on_air() as air:
            await air.count(2)
            mine = {thread.name for thread in set(threading.enumerate()) - before}
            assert "video engine" in mine
            air.desk.shut_down()
            count = len(air.packets)
            await asyncio.sleep(0.1)
            assert len(air.packets) <= count + 1
        left = {thread.name for thread in set(threading.enumerate()) - before}
        assert not {name for name in left if name.startswith(("picture", "artwork"))}

    asyncio.run(main())


def test_a_loop_that_is_gone_ends_the_desk() -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    desk = VideoEngine(loop, time.monotonic(), SMALL, wall_ms=lambda: 0)
    desk.shut_down()
    assert desk.figures.pictures <= 1


def test_nothing_is_shown_before_a_layout_is() -> None:
    async def main() -> None:
        async with on_air() as air:
            air.desk.add("a", Plain(RED))
            await air.count(10)
            assert max(colour(images(air.packets)[-1], whole(SMALL))) < 60

    asyncio.run(main())


def test_each_picture_comes_with_a_small_one_of_the_same_moment_while_it_is_wanted() -> None:
    async def main() -> None:
        async with on_air() as air:
            air.desk.add("a", Plain(RED))
            air.desk.show(Layout("speaker", main="a"))
            await air.until(lambda: air.shows(RED))
            assert not any(packet.small for packet in air.packets)
            air.desk.reduce(on=True)
            await air.until(lambda: bool(air.packets[-1].small))
            air.desk.add("a", Plain(BLUE))
            await air.until(lambda: air.shows(BLUE))
            with_small = [packet for packet in air.packets if packet.small]
            assert with_small[0].keyframe
            whole_ones = images(with_small)
            small_ones = images(Packet(packet.small, 0, 0) for packet in with_small)
            assert len(whole_ones) == len(small_ones)
            for picture, small in zip(whole_ones, small_ones, strict=True):
                assert near(colour(picture, TOP), colour(small, TOP), 20)
            air.desk.reduce(on=False)
            await air.until(lambda: not air.packets[-1].small)

    asyncio.run(main())
