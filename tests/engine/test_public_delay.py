"""A delayed and stopped public feed on a real engine, checked in everything that is published.

Each speaker is a tone. The tone of the dropped stretch must be in no file and no part.
"""

import asyncio
import contextlib
import io
import json
import time
from pathlib import Path
from typing import Any

import aiohttp
import av
import numpy as np
import pytest

from hemicycle.engine.audio.analysis import amplitude
from hemicycle.engine.control.sessions import MediaSession
from hemicycle.engine.hls import metadata
from hemicycle.engine.synthetic.client import SyntheticPublisher
from hemicycle.engine.synthetic.voices import Tone
from hemicycle.engine.video.geometry import Rect
from hemicycle.procedure import Listed, Rules
from hemicycle.procedure import commands as c
from tests.engine.aired import HEARING, MEETING, SMALL_PICTURE, Aired, Ear, on_air, until
from tests.engine.egress.broadcaster import nginx, no_nginx
from tests.engine.fetched import Public, folder_of, in_public, loudest, recorded
from tests.engine.video.scenes import BLUE, GREEN, RED, Rgb, colour, near, plain
from tests.procedure.meeting import segment

pytestmark = pytest.mark.usefixtures("virtual_time")

__all__ = ["nginx"]
ANA, SURVIVOR, BO = 600, 1000, 1400
SPEAKERS = {"ana": ANA, "survivor": SURVIVOR, "bo": BO}
DELAY_S = 2
MIDDLE = Rect(80, 40, 96, 48)


def delayed(folder: Path) -> contextlib.AbstractAsyncContextManager[Aired]:
    """Put a hearing with a delay on the air."""
    delay: dict[str, Any] = {"s": DELAY_S}
    return on_air(folder, languages=["en"], public_delay=delay, environ=SMALL_PICTURE)


def opening() -> tuple[c.Command, ...]:
    listed = [Listed(id, "t", f"person-{id}", languages=("en",)) for id in SPEAKERS]
    return c.OpenMeeting(MEETING), segment(*listed, rules=Rules(time_limit_ms=600_000))


async def heard(public: Public, hertz: int) -> None:
    """Wait until a tone is in the public webcast."""
    await until(lambda: public.first_heard(hertz) is not None, f"{hertz} Hz is heard", 20)


def give(engine: Aired, slot: str) -> None:
    engine.script.do(c.GiveFloor(slot))


async def attend(engine: Aired, role: str) -> str:
    """Return the address of a new session with a role that runs the meeting."""
    token = engine.token("attend", role, f"desk-{role}")  # type: ignore[arg-type]
    async with (
        aiohttp.ClientSession() as http,
        http.post(
            f"{engine.base}/media/attend/{HEARING}", headers={"Authorization": f"Bearer {token}"}
        ) as answer,
    ):
        assert answer.status == 201
        return engine.base + answer.headers["Location"]


class Wall:
    """A camera before a wall of one colour."""

    fps = 5

    def __init__(self, colour: Rgb) -> None:
        self._picture = plain(colour, 160, 90)

    def frame(self, number: int, level: float) -> av.VideoFrame:
        return self._picture


def on_camera(engine: Aired, slot: str, wall: Rgb, choice: str = "live") -> SyntheticPublisher:
    """Return a speaker before a wall, who chose what is seen of them."""
    token = engine.token("publish", "speaker", slot, slot=slot, camera=choice)
    address = f"{engine.base}/media/whip/{HEARING}"
    return SyntheticPublisher(address, token, Wall(wall), Tone(SPEAKERS[slot]))


def seen(folder: Path, track: str, colour_: Rgb) -> int:
    """Count the pictures in all files of a track that show a colour in their middle."""
    (init,) = folder.glob(f"{track}-*.mp4")
    pieces = b"".join(path.read_bytes() for path in sorted(folder.glob(f"{track}-1-*.m4s")))
    with av.open(io.BytesIO(init.read_bytes() + pieces), "r", format="mp4") as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert frames
    return sum(near(colour(frame.astype(np.uint8), MIDDLE), colour_, 40) for frame in frames)


async def stop(engine: Aired, room: Ear) -> None:
    """Stop the feed, which holds before the record learns of it; the survivor goes on speaking."""
    desk, feed = await attend(engine, "technician"), engine.hearing.public_feed
    for _ in range(2):
        assert await engine.control(desk, do="stop_feed") == (200, "")
    assert (feed.stopped, len(feed)) == (True, 0)
    await asyncio.sleep(DELAY_S / 2)
    assert engine.facts.of(c.StopFeed)[0].person == "person-desk-technician"
    engine.script.do(*engine.facts.of(c.StopFeed))
    assert feed.stopped
    assert amplitude(room.last(0.3), SURVIVOR) > 0.02


def test_what_a_stop_drops_is_in_no_part_and_no_file(tmp_path: Path) -> None:
    """Ana is seen, the survivor's turn is dropped before it becomes public, and Bo chose a card."""

    async def scene() -> None:
        async with delayed(tmp_path) as engine, contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(on_camera(engine, "ana", GREEN))
            await stack.enter_async_context(on_camera(engine, "survivor", RED))
            await stack.enter_async_context(on_camera(engine, "bo", BLUE, "card"))
            room, outside = Ear(), Ear()
            await stack.enter_async_context(engine.listener(room))
            hall = engine.listener(outside, "floor&feed=public", "technician")
            await stack.enter_async_context(hall)
            engine.script.do(*opening())
            public = await stack.enter_async_context(in_public(engine, *SPEAKERS.values()))

            begun = time.time()
            give(engine, "ana")
            await heard(public, ANA)
            after_s = (public.first_heard(ANA) or 0) - begun
            assert DELAY_S <= after_s < DELAY_S + 1.5
            await until(lambda: loudest(outside.last(1), ANA) > 0.02, "the hall hears ana")

            give(engine, "survivor")
            await until(lambda: amplitude(room.last(0.3), SURVIVOR) > 0.02, "the room hears her")
            await asyncio.sleep(DELAY_S / 2)
            await stop(engine, room)
            await asyncio.sleep(DELAY_S)
            give(engine, "bo")
            await asyncio.sleep(1)
            engine.script.do(c.ResumeFeed(engine.script.floor.feed_seq))
            await heard(public, BO)
            assert public.first_heard(SURVIVOR) is None
            assert loudest(outside.last(60), SURVIVOR) < 0.002
            engine.script.do(c.EndFloor(), c.CloseSegment(), c.CloseMeeting())
            here = folder_of(tmp_path)
            await until(lambda: metadata.read_file(here).ended, "the webcast is whole", 30)

    asyncio.run(scene())
    folder = folder_of(tmp_path)
    sound = recorded(folder)
    assert loudest(sound, ANA) > 0.02
    assert loudest(sound, BO) > 0.02
    assert loudest(sound, SURVIVOR) < 0.002
    for track in ("video", "video.small"):
        assert seen(folder, track, GREEN) > 5
        assert seen(folder, track, BLUE) == seen(folder, track, RED) == 0


def captions_of(session: MediaSession) -> list[str]:
    """Return a list that gets the captions of a session from now on."""
    texts: list[str] = []
    send = session.send

    def note(event: str, data: Any) -> None:
        if event == "caption":
            texts.append(data["text"])
        send(event, data)

    session.send = note  # type: ignore[method-assign]
    return texts


def test_captions_reach_a_hall_outside_with_the_delay_and_never_once_dropped(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        async with (
            delayed(tmp_path) as engine,
            engine.listener(Ear()),
            engine.listener(Ear(), "floor&feed=public", "technician"),
        ):
            hearing = engine.hearing
            listening = {one.in_public: one for one in hearing.roster.sessions.values()}
            inside, outside = captions_of(listening[False]), captions_of(listening[True])

            def write(text: str) -> None:
                hearing.captions.write("en", json.dumps({"text": text, "final": True}))

            begun = time.monotonic()
            write("one")
            assert (inside, outside) == (["one"], [])
            await until(lambda: outside == ["one"], "the hall outside reads it")
            assert time.monotonic() - begun >= DELAY_S
            write("two")
            hearing.public_feed.stop()
            hearing.public_feed.resume()
            await until(lambda: hearing.public_feed.state == "live", "the feed is back", 15)
            write("three")
            await until(lambda: outside[-1] == "three", "the hall outside reads on")
        assert inside == ["one", "two", "three"]
        assert outside == ["one", "three"]

    asyncio.run(scene())


@pytest.mark.real_time
@no_nginx
def test_a_copy_that_is_pushed_has_nothing_of_what_a_stop_drops(nginx: str, tmp_path: Path) -> None:
    kept = tmp_path / "kept/program.flv"

    async def scene() -> None:
        chosen: dict[str, Any] = {
            "languages": ["en"],
            "public_delay": {"s": 5},
            "push": [{"url": nginx, "language": "en"}],
            "environ": {"HEMICYCLE_DEBUG": "1"},  # allows pushing to this machine
        }
        async with contextlib.AsyncExitStack() as stack:
            engine = await stack.enter_async_context(on_air(tmp_path / "data", **chosen))
            for slot, hertz in SPEAKERS.items():
                await stack.enter_async_context(engine.publisher(slot, hertz, slot=slot))
            engine.script.do(*opening())
            public = await stack.enter_async_context(in_public(engine, *SPEAKERS.values()))
            desk = await attend(engine, "technician")
            await until(kept.exists, "the program is pushed", 20)
            give(engine, "ana")
            await heard(public, ANA)
            give(engine, "survivor")
            await asyncio.sleep(3)
            assert await engine.control(desk, do="stop_feed") == (200, "")
            await asyncio.sleep(2)
            engine.script.do(*engine.facts.of(c.StopFeed))
            give(engine, "bo")
            await asyncio.sleep(1)
            engine.script.do(c.ResumeFeed(engine.script.floor.feed_seq))
            await heard(public, BO)
            await asyncio.sleep(2)
        with av.open(str(kept)) as found:
            sound = np.concatenate([frame.to_ndarray()[0] for frame in found.decode(audio=0)])
        assert loudest(sound, ANA) > 0.02
        assert loudest(sound, BO) > 0.02
        assert loudest(sound, SURVIVOR) < 0.002

    asyncio.run(scene())


def test_an_engine_that_was_killed_while_stopped_comes_up_stopped(tmp_path: Path) -> None:
    async def scene() -> None:
        before = (*opening(), c.GiveFloor("survivor"), c.StopFeed())
        async with (
            on_air(tmp_path, languages=["en"], before=before, environ=SMALL_PICTURE) as engine,
            engine.publisher("survivor", SURVIVOR, slot="survivor"),
            engine.publisher("bo", BO, slot="bo"),
            in_public(engine, *SPEAKERS.values()) as public,
        ):
            await until(lambda: len(public.parts) > 6, "the card goes out", 12)
            assert engine.hearing.public_feed.state == "stopped"
            assert public.first_heard(SURVIVOR) is None
            give(engine, "bo")
            await asyncio.sleep(0.5)
            engine.script.do(c.ResumeFeed(engine.script.floor.feed_seq))
            await heard(public, BO)
        assert loudest(recorded(folder_of(tmp_path)), SURVIVOR) < 0.002

    asyncio.run(scene())


def test_only_who_runs_the_meeting_stops_the_feed(tmp_path: Path) -> None:
    async def scene() -> None:
        async with on_air(tmp_path, languages=["en"]) as engine:
            for role in ("speaker", "listener", "captioner", "interpreter"):
                session = await attend(engine, role)
                status, _code = await engine.control(session, do="stop_feed")
                assert status == 409
            assert not engine.hearing.public_feed.stopped
            session = await attend(engine, "moderator")
            assert await engine.control(session, do="stop_feed") == (200, "")
            assert engine.hearing.public_feed.stopped

    asyncio.run(scene())
