"""Protected speakers on the air: nothing but a card and a changed voice leaves the engine."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from hemicycle.engine.audio.analysis import amplitude, tone
from hemicycle.engine.control.passes import MediaRole
from hemicycle.engine.control.sessions import MediaSession
from hemicycle.engine.masking.voice import MaskedVoice
from hemicycle.engine.protection import OPEN, STRICTEST, Protection, read
from hemicycle.engine.rtc.publisher import PublisherPeer
from hemicycle.engine.streams import SOUND_RATE
from hemicycle.engine.synthetic.client import SyntheticListener, SyntheticPublisher
from hemicycle.engine.synthetic.voices import Tone
from hemicycle.engine.video.geometry import Rect
from hemicycle.procedure import Listed, Rules
from hemicycle.procedure import commands as c
from tests.engine.aired import HEARING, SMALL_PICTURE, Aired, Ear, on_air, until
from tests.engine.video.scenes import GREEN, colour, near, plain
from tests.procedure.meeting import segment

pytestmark = pytest.mark.usefixtures("virtual_time")

ANA = 600
LIST = (
    Listed("a", "t", "person-a", languages=("en",)),
    Listed("b", "t", "person-b", languages=("en",)),
)
PLACES = {"a": {"name": "Voice A", "line": ""}, "b": {"name": "Bo", "line": "Mayor"}}


class GreenCamera:
    """A camera before a green wall."""

    fps = 15

    def frame(self, number: int, level: float) -> av.VideoFrame:
        return plain(GREEN, 320, 180)


class Watcher(Ear):
    """A listener that hears a channel and sees its picture."""

    greenest = False

    def see(self, frame: av.VideoFrame) -> None:
        image = frame.to_ndarray(format="rgb24").astype(np.uint8)
        middle = Rect(frame.width // 3, frame.height // 3, frame.width // 3, frame.height // 3)
        self.sees_green = near(colour(image, middle), GREEN, 40)
        self.pictures += 1
        self.greenest = self.greenest or self.sees_green

    def __init__(self) -> None:
        super().__init__()
        self.pictures, self.sees_green = 0, False

    @property
    def loud(self) -> bool:
        """Return whether anything is heard."""
        return float(np.abs(self.last(0.3)).max(initial=0)) > 0.02

    @property
    def pure(self) -> bool:
        """Return whether nothing but the microphone's tone is heard."""
        heard = self.last(0.3)
        whole = float(np.sqrt(2 * np.mean(heard**2))) if len(heard) else 1.0
        return self.loud and amplitude(heard, ANA) > 0.8 * whole


def ana(engine: Aired, **more: str) -> SyntheticPublisher:
    """Return a speaker with a camera, whose voice is a tone."""
    token = engine.token("publish", "speaker", "a", slot="a", **more)
    address = f"{engine.base}/media/whip/{HEARING}"
    return SyntheticPublisher(address, token, GreenCamera(), Tone(ANA))


def watching(engine: Aired, watcher: Watcher, channel: str = "floor") -> SyntheticListener:
    """Return a listener that hears and sees a channel."""
    role: MediaRole = "technician" if channel == "preview" else "listener"
    return SyntheticListener(
        f"{engine.base}/media/whep/{HEARING}",
        engine.token("listen", role, f"ear-{channel}"),
        channel,
        on_sound=watcher.take,
        on_picture=watcher.see,
    )


def run(folder: Path, scene: Callable[[Aired], Awaitable[None]]) -> None:
    """Play a scene on a new engine, where "a" is the next speaker."""

    async def play() -> None:
        rules = Rules(time_limit_ms=60_000, warning_ms=1_000, at_limit="cut")
        before = (c.OpenMeeting("meeting"), segment(*LIST, rules=rules))
        names: dict[str, Any] = {"languages": ["en"], "places": PLACES}
        async with on_air(folder, before=before, environ=SMALL_PICTURE, **names) as engine:
            await scene(engine)

    asyncio.run(play())


def decoded(session: MediaSession) -> int:
    """Return how many pictures of a session's camera were ever decoded."""
    assert isinstance(session.peer, PublisherPeer)
    assert session.peer.picture is not None
    return session.peer.picture.frames


@pytest.mark.parametrize("camera", ["card", "off", "", "blurred"])
def test_neither_face_nor_voice_leaves_the_engine(tmp_path: Path, camera: str) -> None:
    """A missing or unknown choice in a pass counts as the strictest one."""

    async def scene(engine: Aired) -> None:
        program, ahead, english = Watcher(), Watcher(), Watcher()
        voice = "changed" if camera in {"card", "off"} else ""
        async with (
            watching(engine, program),
            watching(engine, ahead, "preview"),
            watching(engine, english, "en"),
            ana(engine, camera=camera, voice=voice),
        ):
            (session,) = [
                found for found in engine.hearing.roster.sessions.values() if found.way == "in"
            ]
            await until(lambda: ahead.loud, "the next speaker is heard ahead")
            engine.script.do(c.GiveFloor())
            await until(lambda: program.loud and english.loud, "the speaker is heard")
            await asyncio.sleep(0.6)
            for watcher in (program, ahead, english):
                assert not watcher.pure
                assert watcher.pictures
                assert not watcher.greenest
            assert decoded(session) == 0
            assert session.picture is None
            assert isinstance(session.sound, MaskedVoice)
            asked = await engine.control(f"{engine.base}{session.address}", do="picture", on=True)
            assert asked == (200, "")
            await asyncio.sleep(0.3)
            assert not program.sees_green

    run(tmp_path, scene)


def test_who_chose_nothing_is_seen_and_heard(tmp_path: Path) -> None:
    async def scene(engine: Aired) -> None:
        program = Watcher()
        async with watching(engine, program), ana(engine):
            engine.script.do(c.GiveFloor())
            await until(lambda: program.pure and program.sees_green, "the speaker as they are")

    run(tmp_path, scene)


def test_a_stricter_choice_holds_at_once_and_a_looser_one_not_before_they_come_again(
    tmp_path: Path,
) -> None:
    async def while_connected(engine: Aired, program: Watcher) -> None:
        await until(lambda: program.pure and program.sees_green, "the speaker as they are")
        engine.script.unsettled.add("a")
        engine.script.on_change()  # the entry has arrived, and the choice is not known yet
        await until(lambda: program.loud and not program.pure, "another voice")
        await until(lambda: not program.sees_green, "a card")
        engine.script.choose("a", camera="live", voice="changed")
        await until(lambda: program.sees_green, "the picture, which was still there")
        assert not program.pure
        engine.script.choose("a", camera="card", voice="changed")
        await until(lambda: not program.sees_green, "a card")

    async def scene(engine: Aired) -> None:
        program = Watcher()
        async with watching(engine, program):
            async with ana(engine):
                engine.script.do(c.GiveFloor())
                await while_connected(engine, program)
            async with ana(engine, camera="card", voice="changed"):
                engine.script.choose("a", camera="live", voice="live")
                await until(lambda: program.loud, "the changed voice")
                await asyncio.sleep(0.5)
                assert not program.sees_green
                assert not program.pure
            async with ana(engine):
                await until(lambda: program.pure and program.sees_green, "as they are")

    run(tmp_path, scene)


@pytest.mark.real_time  # a recording is played by a clock of its own
@pytest.mark.parametrize("chosen", [{}, {"camera": "card", "voice": "changed"}])
def test_a_recorded_video_is_held_to_the_same_choice(
    tmp_path: Path, chosen: dict[str, str]
) -> None:
    async def scene(engine: Aired) -> None:
        program = Watcher()
        video = recorded(tmp_path / "video.mp4")
        if chosen:
            engine.script.choose("a", **chosen)
        engine.script.config = {**engine.script.config, "videos": {"a": str(video)}}
        engine.script.on_change()
        async with watching(engine, program):
            await until(lambda: engine.hearing._outputs.videos.ready == {"a"}, "the video is here")
            engine.script.do(c.GiveFloor())
            await until(lambda: program.loud, "the video is heard")
            await asyncio.sleep(1.0)
            assert program.pure is not bool(chosen)
            assert program.sees_green is not bool(chosen)

    run(tmp_path, scene)


def recorded(path: Path) -> Path:
    """Write a video of six seconds: a green wall and the microphone's tone. Return its path."""
    with av.open(path, "w") as file:
        picture = file.add_stream("libx264", rate=10)
        picture.width, picture.height, picture.pix_fmt = 320, 180, "yuv420p"
        sound = file.add_stream("aac", rate=SOUND_RATE)
        sound.layout = "mono"
        for number in range(60):
            frame = plain(GREEN, 320, 180)
            frame.pts, frame.time_base = number, Fraction(1, 10)
            file.mux(picture.encode(frame))
        said = tone(ANA, 6.0, 0.1)
        for at in range(0, len(said) - 1024, 1024):
            block = av.AudioFrame.from_ndarray(said[None, at : at + 1024], "fltp", "mono")
            block.sample_rate, block.pts = SOUND_RATE, at
            block.time_base = Fraction(1, SOUND_RATE)
            file.mux(sound.encode(block))
        file.mux(picture.encode())
        file.mux(sound.encode())
    return path


def test_the_stricter_of_two_choices_counts_for_each_part() -> None:
    one, other = Protection("live", "changed"), Protection("card", "live")
    assert one.with_stricter(other) == Protection("card", "changed")
    assert OPEN.is_looser_than(one)
    assert not STRICTEST.is_looser_than(one)
    assert [read(given) for given in ({}, None, {"camera": "live", "voice": "live"})] == [
        STRICTEST,
        STRICTEST,
        OPEN,
    ]
