"""Sound and pictures that a standard client publishes, as the engine reads them."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, Self

import pytest
from aiortc import RTCPeerConnection, RTCRtpSender, VideoStreamTrack

from bench.engine.crowd import Canned, Look, canned_picture
from hemicycle.engine.rtc import publisher as publishing
from hemicycle.engine.rtc.peer import PeerState
from hemicycle.engine.rtc.publisher import PublisherPeer
from tests.engine.rtc import clients

pytestmark = pytest.mark.usefixtures("virtual_time")


class Ends:
    """A client and our end of its connection."""

    def __init__(self, client: RTCPeerConnection) -> None:
        self.client = client
        self.states: list[tuple[PeerState, str]] = []
        self.ours: PublisherPeer

    async def __aenter__(self) -> Self:
        self._exchanging = clients.exchanging()
        self.exchange = await self._exchanging.__aenter__()
        offer = await clients.offer(self.client)
        self.ours, answer = await self.exchange.publisher(
            offer, lambda state, reason: self.states.append((state, reason))
        )
        await clients.accept(self.client, answer)
        await clients.until(lambda: ("up", "") in self.states)
        return self

    async def __aexit__(self, *trouble: object) -> None:
        await self.client.close()
        await self.ours.close("over")
        await self._exchanging.__aexit__(None, None, None)


def runs(test: Coroutine[Any, Any, None]) -> None:
    """Run a test in a new loop."""
    asyncio.run(test)


def test_a_tone_is_read_as_that_tone() -> None:
    async def test() -> None:
        async with Ends(clients.sender(hertz=997)) as ends:
            assert ends.ours.sound is not None
            heard = await clients.read(ends.ours.sound, 60)
            assert abs(clients.strongest(heard[-48_000:]) - 997) <= 2
            # A sine with an amplitude of 8000 of 32768, less 3 dB since aiortc makes it stereo.
            assert abs(ends.ours.sound.level_dbfs - -18.3) < 0.5
            assert ends.ours.picture is None

    runs(test())


def test_a_picture_is_decoded_to_the_newest_frame() -> None:
    async def test() -> None:
        async with Ends(clients.sender(picture=True)) as ends:
            picture = ends.ours.picture
            assert picture is not None
            await clients.until(lambda: picture.frames >= 10)
            frame = picture.latest()
            assert frame is not None
            assert (frame.width, frame.height, frame.format.name) == (640, 480, "yuv420p")

    runs(test())


def test_a_screen_without_sound_is_taken() -> None:
    async def test() -> None:
        client = clients.connection()
        client.addTransceiver(VideoStreamTrack(), direction="sendonly")
        async with Ends(client) as ends:
            picture = ends.ours.picture
            assert ends.ours.sound is None
            assert picture is not None
            await clients.until(lambda: picture.latest() is not None)

    runs(test())


def test_a_data_channel_in_the_offer_does_no_harm() -> None:
    async def test() -> None:
        client = clients.connection()
        client.addTransceiver(clients.Tone(500), direction="sendonly")
        client.createDataChannel("chat")
        async with Ends(client) as ends:
            assert ends.ours.sound is not None
            await clients.read(ends.ours.sound, 5)

    runs(test())


def test_video_may_come_before_sound() -> None:
    async def test() -> None:
        client = clients.connection()
        client.addTransceiver(VideoStreamTrack(), direction="sendonly")
        client.addTransceiver(clients.Tone(500), direction="sendonly")
        async with Ends(client) as ends:
            sound, picture = ends.ours.sound, ends.ours.picture
            assert sound is not None
            assert picture is not None
            await clients.read(sound, 5)
            await clients.until(lambda: picture.latest() is not None)

    runs(test())


def test_who_leaves_is_left_at_once() -> None:
    async def test() -> None:
        async with Ends(clients.sender()) as ends:
            await ends.client.close()
            await clients.until(lambda: ends.ours.state == "closed", 2)
            assert ends.states == [("up", ""), ("closed", "left")]

    runs(test())


def test_who_falls_silent_is_lost_and_then_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hemicycle.engine.rtc.peer.LOST_S", 0.5)
    monkeypatch.setattr("hemicycle.engine.rtc.peer.GONE_S", 2.0)

    async def test() -> None:
        async with Ends(clients.sender()) as ends:
            ice: Any = ends.client.getTransceivers()[0].sender.transport.transport
            for line in ice._connection._protocols:  # as if the machine were unplugged
                line.transport.abort()
            await clients.until(lambda: ends.ours.state == "closed", 6)
            assert ends.states == [("up", ""), ("lost", ""), ("closed", "lost")]

    runs(test())


def test_a_stop_of_our_own_is_not_taken_for_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hemicycle.engine.rtc.peer.LOST_S", 1.5)
    monkeypatch.setattr("hemicycle.engine.rtc.peer.GONE_S", 2.0)

    async def test() -> None:
        async with Ends(clients.sender()) as ends:
            assert ends.ours.sound is not None
            await clients.read(ends.ours.sound, 5)
            time.sleep(3)  # noqa: ASYNC251  # a machine that stands still
            await clients.read(ends.ours.sound, 100)
            assert ends.states == [("up", "")]

    runs(test())


def test_who_floods_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "MOST_PACKETS", 20)

    async def test() -> None:
        async with Ends(clients.sender()) as ends:
            await clients.until(lambda: ends.ours.state == "closed", 4)
            assert ends.states[-1] == ("closed", "flooding")

    runs(test())


def filming(look: Look, fps: int = 0) -> RTCPeerConnection:
    """Return a client with a tone of 700 Hz and an H.264 picture at `fps` (0: that of `look`)."""
    client = clients.sender(hertz=700)
    moving = Canned("video", canned_picture(look), fps or look.fps)
    shown = client.addTransceiver(moving, direction="sendonly")
    known = RTCRtpSender.getCapabilities("video").codecs
    shown.setCodecPreferences([codec for codec in known if codec.mimeType == "video/H264"])
    return client


async def is_left_out_and_heard(ends: Ends, hertz: int) -> None:
    """Assert that the picture is left out for good, and that no packet of the tone is lost.

    The client is in this process and may be late, so gaps say nothing about the engine.
    """
    ours = ends.ours
    await clients.until(lambda: ours.picture_trouble)
    assert ours.sound is not None
    assert ours.picture is not None
    (sound,) = {id(one): one for one in ours._sources.values() if one is not ours._video}.values()
    before = sound.block().highest_sequence
    heard = await clients.read(ours.sound, 100)
    assert abs(clients.strongest(heard) - hertz) <= 2
    report = sound.block()
    assert report.highest_sequence - before >= 90
    assert report.packets_lost == 0
    assert ours.picture_trouble == "too_large"
    ours.take_pictures(on=False)
    ours.take_pictures(on=True)
    shown = ours.picture.frames
    await clients.read(ours.sound, 25)
    assert (ours.picture.latest(), ours.picture.frames) == (None, shown)
    assert ends.states == [("up", "")]


def test_a_picture_of_4k_at_60_fps_is_left_out_and_the_voice_is_heard() -> None:
    async def test() -> None:
        async with Ends(filming(Look(3840, 2160, 2, 100_000), fps=60)) as ends:
            await is_left_out_and_heard(ends, 700)
            assert ends.ours.picture is not None
            assert ends.ours.picture.frames == 0

    runs(test())


def test_a_picture_that_floods_is_left_out_and_the_voice_is_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def test() -> None:
        async with Ends(filming(Look(320, 176, 15, 400_000, noise=40))) as ends:
            assert ends.ours.sound is not None
            await clients.read(ends.ours.sound, 50)
            monkeypatch.setattr(publishing, "MOST_BYTES", 25_000)  # the tone takes half of them
            await is_left_out_and_heard(ends, 700)

    runs(test())


def test_a_picture_that_is_left_out_may_not_flood_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(publishing, "MOST_LEFT_OUT", 20)

    async def test() -> None:
        async with Ends(clients.sender(picture=True)) as ends:
            await clients.until(lambda: ends.ours.state == "closed", 4)
            assert ends.states[-1] == ("closed", "flooding")

    runs(test())


def test_an_offer_that_never_connects_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hemicycle.engine.rtc.peer.CONNECT_S", 0.3)

    async def test() -> None:
        client = clients.sender()
        async with clients.exchanging() as exchange:
            states: list[tuple[PeerState, str]] = []
            offer = await clients.offer(client)
            ours, _ = await exchange.publisher(offer, lambda *state: states.append(state))
            assert exchange.places_free == 99
            await clients.until(lambda: exchange.places_free == 100, 3)
            assert (states, ours.state) == ([("closed", "lost")], "closed")
        await client.close()

    runs(test())
