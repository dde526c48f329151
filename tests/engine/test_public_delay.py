"""A delayed and stopped public feed on a real engine: what anybody could fetch, heard by its tones.

Each speaker is a tone. The one who speaks in the dropped stretch must be in no file and no part.
"""

import asyncio
import contextlib
import io
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import av
import numpy as np

from hemicycle.engine import settings
from hemicycle.engine.audio.analysis import amplitude
from hemicycle.engine.hls import metadata
from hemicycle.engine.streams import SOUND_RATE, Samples
from hemicycle.procedure import Listed, Rules
from hemicycle.procedure import commands as c
from tests.engine.aired import HEARING, MEETING, Aired, Ear, on_air, until
from tests.procedure.meeting import segment

ANA, SURVIVOR, BO = 600, 1000, 1400
SPEAKERS = {"ana": ANA, "survivor": SURVIVOR, "bo": BO}
DELAY_S = 5
TRACK = "floor.opus"


def opening() -> tuple[c.Command, ...]:
    listed = [Listed(id, "t", f"person-{id}", languages=("en",)) for id in SPEAKERS]
    return c.OpenMeeting(MEETING), segment(*listed, rules=Rules(time_limit_ms=600_000))


def folder_of(data: Path) -> Path:
    return settings.read({"HEMICYCLE_DATA_DIR": str(data)}).segments / HEARING / MEETING


def decoded(init: bytes, pieces: bytes) -> Samples:
    """The sound in a piece of a track."""
    with av.open(io.BytesIO(init + pieces), "r", format="mp4") as container:
        frames = [frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)]
    return np.concatenate(frames).astype(np.float32) if frames else np.zeros(0, np.float32)


def loudest(sound: Samples, hertz: int) -> float:
    """The largest amplitude of a tone in any tenth of a second."""
    step = SOUND_RATE // 10
    blocks = [sound[at : at + step] for at in range(0, len(sound) - step + 1, step)]
    return max((amplitude(block, hertz) for block in blocks), default=0.0)


def recorded(folder: Path) -> Samples:
    """All sound of the floor that lies in the meeting's folder, whatever the lists say."""
    inits = sorted(folder.glob(f"{TRACK}-*.mp4"))
    pieces = sorted(folder.glob(f"{TRACK}-*.m4s"))
    return decoded(inits[0].read_bytes(), b"".join(path.read_bytes() for path in pieces))


class Public:
    """Somebody who fetches every part of the live webcast as soon as it is there."""

    def __init__(self, engine: Aired) -> None:
        self._url = f"{engine.base}/media/hls/{HEARING}/{MEETING}"
        self.parts: dict[str, tuple[float, bytes]] = {}
        self.init = b""
        self._tones: dict[str, set[int]] = {}

    async def follow(self) -> None:
        async with aiohttp.ClientSession() as http:
            while True:
                with contextlib.suppress(aiohttp.ClientError):
                    await self._look(http)
                await asyncio.sleep(0.05)

    async def _look(self, http: aiohttp.ClientSession) -> None:
        async with http.get(f"{self._url}/{TRACK}.m3u8") as answer:
            if answer.status != 200:
                return
            text = await answer.text()
        for line in text.splitlines():
            if line.startswith("#EXT-X-MAP") and not self.init:
                self.init = await self._file(http, line)
            if line.startswith("#EXT-X-PART:") and (name := _named(line)) not in self.parts:
                self.parts[name] = time.time(), await self._file(http, line)

    async def _file(self, http: aiohttp.ClientSession, line: str) -> bytes:
        async with http.get(f"{self._url}/{_named(line)}") as answer:
            return await answer.read() if answer.status == 200 else b""

    def first_heard(self, hertz: int) -> float | None:
        """When the first part was there in which a tone is heard."""
        for name, (at, data) in self.parts.items():
            if name not in self._tones:
                sound = decoded(self.init, data) if data else np.zeros(0, np.float32)
                self._tones[name] = {
                    tone
                    for tone in SPEAKERS.values()
                    if len(sound) and amplitude(sound, tone) > 0.02
                }
            if hertz in self._tones[name]:
                return at
        return None


def _named(line: str) -> str:
    return line.partition('URI="')[2].partition('"')[0]


@contextlib.asynccontextmanager
async def in_public(engine: Aired) -> AsyncIterator[Public]:
    public = Public(engine)
    task = asyncio.create_task(public.follow())
    try:
        yield public
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def give(engine: Aired, slot: str) -> None:
    engine.script.do(c.GiveFloor(slot))


async def attend(engine: Aired, role: str) -> str:
    """The address of a session of somebody who runs the meeting."""
    token = engine.token("attend", role, f"desk-{role}")  # type: ignore[arg-type]
    async with (
        aiohttp.ClientSession() as http,
        http.post(
            f"{engine.base}/media/attend/{HEARING}", headers={"Authorization": f"Bearer {token}"}
        ) as answer,
    ):
        assert answer.status == 201
        return engine.base + answer.headers["Location"]


def test_what_a_stop_drops_is_in_no_part_and_no_file(tmp_path: Path) -> None:
    async def scene() -> None:
        async with on_air(tmp_path, languages=["en"], public_delay={"s": DELAY_S}) as engine:
            room = Ear()
            async with contextlib.AsyncExitStack() as stack:
                for slot, hertz in SPEAKERS.items():
                    await stack.enter_async_context(engine.publisher(slot, hertz, slot=slot))
                await stack.enter_async_context(engine.listener(room))
                engine.script.do(*opening())
                public = await stack.enter_async_context(in_public(engine))
                desk = await attend(engine, "technician")

                begun = time.time()
                give(engine, "ana")
                await until(lambda: public.first_heard(ANA) is not None, "ana is heard", 12)
                after_s = (public.first_heard(ANA) or 0) - begun
                assert DELAY_S <= after_s < DELAY_S + 1.5

                give(engine, "survivor")
                await until(
                    lambda: amplitude(room.last(0.3), SURVIVOR) > 0.02, "the room hears her"
                )
                await asyncio.sleep(DELAY_S - 2)
                assert await engine.control(desk, do="stop_feed") == (200, "")
                assert await engine.control(desk, do="stop_feed") == (200, "")
                assert engine.hearing.public_feed.stopped
                assert len(engine.hearing.public_feed) == 0
                # The record hears of it later: the feed is stopped all the same.
                await asyncio.sleep(2)
                assert engine.facts.of(c.StopFeed)[0].person == "person-desk-technician"
                engine.script.do(*engine.facts.of(c.StopFeed))
                assert engine.hearing.public_feed.stopped
                assert amplitude(room.last(0.3), SURVIVOR) > 0.02
                await asyncio.sleep(DELAY_S)
                give(engine, "bo")
                await asyncio.sleep(1)
                engine.script.do(c.ResumeFeed(engine.script.floor.feed_seq))
                await until(lambda: public.first_heard(BO) is not None, "bo is heard", 12)
                assert public.first_heard(SURVIVOR) is None
                engine.script.do(c.EndFloor(), c.CloseSegment(), c.CloseMeeting())
                here = folder_of(tmp_path)
                await until(lambda: metadata.read_file(here).ended, "the webcast is whole", 30)
        sound = recorded(folder_of(tmp_path))
        assert loudest(sound, ANA) > 0.02
        assert loudest(sound, BO) > 0.02
        assert loudest(sound, SURVIVOR) < 0.002

    asyncio.run(scene())


def test_an_engine_that_was_killed_while_stopped_comes_up_stopped(tmp_path: Path) -> None:
    async def scene() -> None:
        before = (*opening(), c.GiveFloor("survivor"), c.StopFeed())
        async with (
            on_air(tmp_path, languages=["en"], before=before) as engine,
            engine.publisher("survivor", SURVIVOR, slot="survivor"),
            engine.publisher("bo", BO, slot="bo"),
            in_public(engine) as public,
        ):
            await until(lambda: len(public.parts) > 12, "the card goes out", 12)
            assert engine.hearing.public_feed.state == "stopped"
            assert public.first_heard(SURVIVOR) is None
            give(engine, "bo")
            await asyncio.sleep(0.5)
            engine.script.do(c.ResumeFeed(engine.script.floor.feed_seq))
            await until(lambda: public.first_heard(BO) is not None, "bo is heard", 12)
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
