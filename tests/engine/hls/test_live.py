"""The lists of a running meeting, and requests that wait for a part."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from hemicycle.engine.hls import playlists
from hemicycle.engine.hls.live import LiveWebcast, SegmentLongPast, SegmentTooFarAhead
from hemicycle.engine.hls.playlists import ListedSegment
from hemicycle.engine.hls.segmenter import PartialSegment


def segment(number: int, before: str = "") -> ListedSegment:
    return ListedSegment(before, playlists.after(f"video-1-{number:06}.m4s", 2.0), 2.0)


def part(number: int, index: int) -> PartialSegment:
    return PartialSegment(
        "video", number, index, f"{number}.{index}".encode(), 0.24, independent=index == 0
    )


def on(live: Callable[[LiveWebcast], Awaitable[None]], run: str = "1") -> None:
    """Run a test in an event loop, on a webcast with a picture and one channel."""

    async def prepared() -> None:
        made = LiveWebcast(run)
        made.open("video", ())
        made.open("floor.opus", ())
        await live(made)

    asyncio.run(prepared())


async def text(live: LiveWebcast, *, skip: bool = False) -> str:
    found = await live.playlist("video", skip=skip)
    assert found is not None
    return found.decode()


def test_the_parts_of_the_newest_segments_are_listed_and_the_next_is_hinted_at() -> None:
    async def test(live: LiveWebcast) -> None:
        live.add_part(part(0, 0))
        live.add_segment("video", segment(0, "#EXT-X-PROGRAM-DATE-TIME:2023-11-14T22:13:20.000Z\n"))
        live.add_part(part(1, 0))
        live.add_part(part(1, 1))
        assert await text(live) == (
            "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:2\n"
            "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12.0,HOLD-BACK=6.0,"
            "PART-HOLD-BACK=0.75\n#EXT-X-PART-INF:PART-TARGET=0.25\n"
            "#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-MEDIA-SEQUENCE:0\n"
            "#EXT-X-PROGRAM-DATE-TIME:2023-11-14T22:13:20.000Z\n"
            '#EXT-X-PART:DURATION=0.24000,URI="video-1-000000.0.m4s",INDEPENDENT=YES\n'
            "#EXTINF:2.00000,\nvideo-1-000000.m4s\n"
            '#EXT-X-PART:DURATION=0.24000,URI="video-1-000001.0.m4s",INDEPENDENT=YES\n'
            '#EXT-X-PART:DURATION=0.24000,URI="video-1-000001.1.m4s"\n'
            '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="video-1-000001.2.m4s"\n'
        )

    on(test)


def test_no_part_is_hinted_at_where_the_segment_may_end() -> None:
    """If the segment ended there, players would have asked for a part that never comes."""

    async def test(live: LiveWebcast) -> None:
        for index in range(8):
            assert f'HINT:TYPE=PART,URI="video-1-000000.{index}.m4s"' in await text(live)
            live.add_part(part(0, index))
        assert "HINT" not in await text(live)
        live.add_segment("video", segment(0))
        assert 'HINT:TYPE=PART,URI="video-1-000001.0.m4s"' in await text(live)

    on(test)


def test_older_parts_go_from_the_list() -> None:
    async def test(live: LiveWebcast) -> None:
        for number in range(6):
            live.add_part(part(number, 0))
            live.add_segment("video", segment(number))
        told = await text(live)
        assert [f"video-1-00000{number}.0.m4s" in told for number in range(6)] == [
            *[False] * 2,
            *[True] * 4,
        ]
        assert await live.part("video-1-000000.0.m4s") == b"0.0"  # the previous list named it

    on(test)


def test_who_knows_the_list_is_spared_what_is_old() -> None:
    async def test(live: LiveWebcast) -> None:
        for number in range(100):
            live.add_segment("video", segment(number))
        told = await text(live, skip=True)
        assert "#EXT-X-SKIP:SKIPPED-SEGMENTS=94\n" in told
        assert told.count("#EXTINF") == 6
        assert "video-1-000094.m4s" in told

    on(test)


@pytest.mark.parametrize(("number", "index"), [(1, None), (0, 1), (1, 0)])
def test_a_list_waits_for_what_is_asked_for(number: int, index: int | None) -> None:
    async def test(live: LiveWebcast) -> None:
        live.add_part(part(0, 0))
        waiting = asyncio.create_task(live.playlist("video", number=number, index=index))
        await asyncio.sleep(0)
        assert not waiting.done()
        live.add_part(part(0, 1))
        if number:
            live.add_segment("video", segment(0))
            live.add_part(part(1, 0))
            live.add_segment("video", segment(1))
        found = await waiting
        assert found is not None
        assert b'"video-1-000000.1.m4s"' in found

    on(test)


def test_the_next_part_is_waited_for_and_no_other() -> None:
    async def test(live: LiveWebcast) -> None:
        live.add_part(part(0, 0))
        waiting = asyncio.create_task(live.part("video-1-000000.1.m4s"))
        assert await live.part("video-1-000000.2.m4s") is None
        assert await live.part("nothing") is None
        live.add_part(part(0, 1))
        assert await waiting == b"0.1"

    on(test)


def test_what_lies_too_far_ahead_is_refused() -> None:
    async def test(live: LiveWebcast) -> None:
        live.add_segment("video", segment(0))
        with pytest.raises(SegmentTooFarAhead):
            await live.playlist("video", number=3)

    on(test)


def test_a_player_that_slept_is_sent_to_the_newest_list() -> None:
    """The same list would be served at an address that no other player asks for."""

    async def test(live: LiveWebcast) -> None:
        for number in range(8):
            live.add_segment("video", segment(number))
        assert await live.playlist("video", number=2) == await live.playlist("video")
        with pytest.raises(SegmentLongPast):
            await live.playlist("video", number=1)

    on(test)


def test_each_list_says_how_far_the_others_are() -> None:
    async def test(live: LiveWebcast) -> None:
        live.add_segment("floor.opus", segment(0))
        told = await text(live)
        assert told.endswith('#EXT-X-RENDITION-REPORT:URI="floor.opus.m3u8",LAST-MSN=0\n')
        live.add_part(part(0, 0))
        found = await live.playlist("floor.opus")
        assert found is not None
        assert b'URI="video.m3u8",LAST-MSN=0,LAST-PART=0\n' in found

    on(test)


def test_at_the_end_who_waits_is_let_go_and_the_files_say_the_rest() -> None:
    async def test(live: LiveWebcast) -> None:
        live.add_segment("video", segment(0))
        waiting = asyncio.create_task(live.playlist("video", number=1))
        await asyncio.sleep(0)
        live.end()
        assert await waiting is None
        assert await live.playlist("video") is None

    on(test)
