"""Synthetic peers and the engine: one sends sound and picture, another receives them."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import av
import numpy as np
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from hemicycle.engine.audio.audio_engine import AudioEngine
from hemicycle.engine.control.http import app
from hemicycle.engine.control.passes import Pass, Use, sign
from hemicycle.engine.control.sessions import MediaSession
from hemicycle.engine.rtc.media_port import MediaPort
from hemicycle.engine.rtc.peer_factory import PeerFactory
from hemicycle.engine.streams import FLOOR, PROGRAM, SOUND_RATE, Output, Samples
from hemicycle.engine.synthetic.client import OfferRefused, SyntheticListener, SyntheticPublisher
from hemicycle.engine.synthetic.voices import Tone
from hemicycle.engine.video.geometry import SMALL, Rect
from hemicycle.engine.video.layouts import Layout
from hemicycle.engine.video.video_engine import VideoEngine
from tests.engine.video.scenes import GREEN, colour, near, plain
from tests.support.ports import free_port

pytestmark = pytest.mark.usefixtures("virtual_time")

HEARING, SECRET = "0" * 32, "a secret that only this test knows"
ADDRESS = "127.0.0.1"


class Room:
    """A hearing in which everybody who connects is heard and seen at once."""

    hearing = HEARING

    def __init__(self) -> None:
        loop, start = asyncio.get_running_loop(), time.monotonic()
        self.sound = AudioEngine((FLOOR,), loop, start)
        self.shown = VideoEngine(loop, start, SMALL, wall_ms=lambda: 0)
        self.outputs: Mapping[str, Output] = {PROGRAM: self.shown.output, **self.sound.outputs}
        self.here: dict[str, MediaSession] = {}

    @property
    def public_outputs(self) -> Mapping[str, Output]:
        """Return the same outputs: nothing is delayed here."""
        return self.outputs

    def picture(self, channel: str) -> Output:
        return self.outputs[PROGRAM]

    def practice(self, seat: str) -> Output | None:
        return None

    def session_began(self, session: MediaSession) -> None:
        self.here[session.id] = session

    def session_changed(self, session: MediaSession) -> None:
        if session.state == "up" and session.sound:
            self.sound.add(session.id, session.sound)
            self.sound.open(session.id)
        if session.state == "up" and session.picture:
            self.shown.add(session.id, session.picture)
            self.shown.show(Layout("speaker", main=session.id))

    def session_ended(self, session: MediaSession, reason: str) -> None:
        del self.here[session.id]

    def page_closed(self, session: MediaSession) -> None:
        raise NotImplementedError

    def network_failed(self, session: MediaSession, why: str) -> None:
        raise NotImplementedError

    async def control(self, session: MediaSession, message: dict[str, Any]) -> None:
        raise NotImplementedError

    def close(self) -> None:
        self.sound.shut_down()
        self.shown.shut_down()


class House:
    def __init__(self, room: Room) -> None:
        self._room = room

    def hearing(self, hearing: str) -> Room | None:
        return self._room if hearing == HEARING else None

    def may_begin(self) -> bool:
        return True


class Plain:
    """A camera before a green wall."""

    fps = 15

    def frame(self, number: int, level: float) -> av.VideoFrame:
        return plain(GREEN, 320, 180)


@asynccontextmanager
async def engine() -> AsyncIterator[tuple[Room, str]]:
    room = Room()
    exchange = PeerFactory(MediaPort(free_port(), [ADDRESS]))
    try:
        async with TestServer(app(House(room), secret=SECRET, exchange=exchange)) as server:
            yield room, str(server.make_url("/media/"))
    finally:
        await asyncio.to_thread(room.close)


def token(use: Use, seat: str) -> str:
    open_ = {"camera": "live", "voice": "live"}
    return sign(Pass(HEARING, use, "speaker", seat, name="Ann Lee", **open_), SECRET)


class Ear:
    """What a listener heard and saw."""

    def __init__(self) -> None:
        self.sounds: list[Samples] = []
        self.picture: av.VideoFrame | None = None
        self._news = asyncio.Event()

    def hear(self, sound: Samples) -> None:
        self.sounds.append(sound)
        self._news.set()

    def see(self, picture: av.VideoFrame) -> None:
        self.picture = picture
        self._news.set()

    async def until_tone(self, frequency: float) -> None:
        async with asyncio.timeout(20):
            while abs(self.strongest() - frequency) > 10:
                await self._next()

    async def until_colour(self, expected: tuple[int, int, int]) -> None:
        async with asyncio.timeout(20):
            while not self._sees(expected):
                await self._next()

    async def _next(self) -> None:
        self._news.clear()
        await self._news.wait()

    def strongest(self) -> float:
        """Return the strongest frequency of the last fifth of a second, in Hz, or 0 for silence."""
        sound = np.concatenate([np.zeros(1, np.float32), *self.sounds[-10:]])
        if np.abs(sound).max() < 0.01:
            return 0.0
        window: Samples = np.hanning(len(sound)).astype(np.float32)
        spectrum = np.abs(np.fft.rfft(sound * window))
        return float(spectrum.argmax() * SOUND_RATE / len(sound))

    def _sees(self, expected: tuple[int, int, int]) -> bool:
        if self.picture is None:
            return False
        image = self.picture.to_ndarray(format="rgb24").astype(np.uint8)
        return near(colour(image, Rect(0, 0, *SMALL)), expected, 25)


def test_what_one_says_and_shows_another_hears_and_sees() -> None:
    async def main() -> None:
        ear = Ear()
        async with (
            engine() as (room, base),
            SyntheticPublisher(
                f"{base}whip/{HEARING}", token("publish", "a"), Plain(), Tone(700)
            ) as ann,
            SyntheticListener(
                f"{base}whep/{HEARING}",
                token("listen", "b"),
                on_sound=ear.hear,
                on_picture=ear.see,
            ) as bo,
        ):
            assert (ann.state, bo.state) == ("connected", "connected")
            assert {session.kind for session in room.here.values()} == {"publish", "listen"}
            assert ann.session.rsplit("/", 1)[1] in room.here
            await ear.until_tone(700)
            await ear.until_colour(GREEN)
            assert {sound.dtype for sound in ear.sounds} == {np.dtype(np.float32)}
        assert room.here == {}
        assert (ann.state, bo.state) == ("closed", "closed")

    asyncio.run(main())


def test_a_microphone_alone_and_an_ear_alone() -> None:
    async def main() -> None:
        ear = Ear()
        async with (
            engine() as (_room, base),
            SyntheticPublisher(f"{base}whip/{HEARING}", token("publish", "a"), sound=Tone(500)),
            SyntheticListener(
                f"{base}whep/{HEARING}", token("listen", "b"), FLOOR, on_sound=ear.hear
            ),
        ):
            await ear.until_tone(500)
            assert ear.picture is None

    asyncio.run(main())


@pytest.mark.parametrize(
    ("hearing", "given", "code"),
    [
        (HEARING, "not a pass", "no_pass"),
        ("1" * 32, None, "other_hearing"),
    ],
)
def test_a_refusal_has_the_engines_code(hearing: str, given: str | None, code: str) -> None:
    async def main() -> None:
        async with engine() as (_room, base):
            publisher = SyntheticPublisher(
                f"{base}whip/{hearing}", given or token("publish", "a"), sound=Tone(500)
            )
            with pytest.raises(OfferRefused) as refused:
                await publisher.start()
            await publisher.close()
            assert (refused.value.status, refused.value.code) == (401, code)
            assert publisher.state == "closed"

    asyncio.run(main())


def test_nobody_at_the_other_end() -> None:
    async def main() -> None:
        async with TestServer(web.Application()) as server:
            publisher = SyntheticPublisher(str(server.make_url("/whip")), "", sound=Tone(500))
            with pytest.raises(OfferRefused, match="The engine answered 404"):
                await publisher.start()
            await publisher.close()

    asyncio.run(main())
