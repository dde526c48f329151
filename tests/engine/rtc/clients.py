"""Standard WebRTC clients (unchanged aiortc) on loopback, with a tone and a moving picture."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from fractions import Fraction
from typing import Any

import av
import numpy as np
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
    VideoStreamTrack,
)

from hemicycle.engine.rtc.media_port import MediaPort
from hemicycle.engine.rtc.peer_factory import PeerFactory
from hemicycle.engine.streams import SOUND_RATE, TICK_SAMPLES, AudioSource, Output, Packet, Samples
from tests.support.ports import free_port

PORT = free_port()
"""A port for the engine; each process of the tests has its own."""


class Tone(MediaStreamTrack):
    """A tone, in frames of 20 ms at the pace of the clock."""

    kind = "audio"

    def __init__(self, hertz: float) -> None:
        super().__init__()
        self._hertz, self._count, self._since = hertz, 0, time.monotonic()

    async def recv(self) -> av.AudioFrame:
        """Return the next 20 ms."""
        due = self._since + self._count / SOUND_RATE
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        at = np.arange(self._count, self._count + TICK_SAMPLES)
        wave = np.sin(2 * np.pi * self._hertz * at / SOUND_RATE) * 8000
        frame = av.AudioFrame.from_ndarray(wave.astype(np.int16)[None], "s16", "mono")
        frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, self._count, Fraction(1, 48000)
        self._count += TICK_SAMPLES
        return frame


@contextlib.asynccontextmanager
async def exchanging(*, tcp: bool = False) -> AsyncIterator[PeerFactory]:
    """Run an exchange on loopback with a hundred places; check that all are free at the end."""
    port = MediaPort(PORT, ["127.0.0.1"], tcp=PORT if tcp else 0)
    exchange = PeerFactory(port, places=100)
    await exchange.start()
    try:
        yield exchange
        assert exchange.places_free == 100
    finally:
        await exchange.stop()


def connection() -> RTCPeerConnection:
    """Return the connection of a client that uses no STUN or TURN server."""
    return RTCPeerConnection(
        RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
    )


async def offer(pc: RTCPeerConnection) -> str:
    """Return the offer of a client with a loopback address, which aioice normally leaves out."""
    ice: Any = pc.getTransceivers()[0].sender.transport.transport
    gather = ice._connection.get_component_candidates
    ice._connection.get_component_candidates = lambda component, addresses, timeout=5: gather(
        component, ["127.0.0.1"], timeout
    )
    await pc.setLocalDescription(await pc.createOffer())
    return pc.localDescription.sdp


async def accept(pc: RTCPeerConnection, answer: str) -> None:
    """Accept an answer, and wait until the connection is up."""
    await pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    await until(lambda: pc.connectionState == "connected")


def sender(*, hertz: float = 440, picture: bool = False) -> RTCPeerConnection:
    """Return the connection of a client that publishes."""
    pc = connection()
    pc.addTransceiver(Tone(hertz), direction="sendonly")
    if picture:
        pc.addTransceiver(VideoStreamTrack(), direction="sendonly")
    return pc


def receiver(*kinds: str) -> RTCPeerConnection:
    """Return the connection of a client that receives these kinds of media."""
    pc = connection()
    for kind in kinds:
        pc.addTransceiver(kind, direction="recvonly")
    return pc


async def until(true: Any, seconds: float = 10) -> None:
    """Wait until a condition holds; raise TimeoutError if it does not in time."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110  # no event exists for it
            await asyncio.sleep(0.01)


async def read(sound: AudioSource, pieces: int) -> Samples:
    """Return what a mixer reads every 20 ms, once there is sound."""
    heard: list[Samples] = []
    due = time.monotonic()
    async with asyncio.timeout(10 + pieces * 0.02):
        while len(heard) < pieces:
            due += 0.02
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            piece = sound.read()
            if piece is not None:
                heard.append(piece)
    return np.concatenate(heard)


def strongest(sound: Samples) -> float:
    """Return the strongest frequency, in Hz."""
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return float(np.argmax(spectrum) * SOUND_RATE / len(sound))


class Feed:
    """Encoders instead of the desks: a tone for sound outputs, and noise for a picture output."""

    def __init__(self, sounds: dict[Output, float], picture: Output | None = None) -> None:
        self._sounds = {output: (hertz, opus()) for output, hertz in sounds.items()}
        self._picture = picture
        self._encoder = x264()
        self.keys = 0
        self._wanted = True
        if picture is not None:
            picture.wants_key = self._want

    def _want(self) -> None:
        self.keys += 1
        self._wanted = True

    async def run(self) -> None:
        """Feed the outputs at the pace of the clock until cancelled."""
        since, tick = time.monotonic(), 0
        while True:
            self._sound(tick * TICK_SAMPLES)
            if self._picture is not None and tick % 2 == 0:
                self._show(tick * 1800)
            tick += 1
            await asyncio.sleep(max(0.0, since + tick * 0.02 - time.monotonic()))

    def _sound(self, pts: int) -> None:
        for output, (hertz, encoder) in self._sounds.items():
            at = np.arange(pts, pts + TICK_SAMPLES)
            wave = np.sin(2 * np.pi * hertz * at / SOUND_RATE) * 8000
            frame = av.AudioFrame.from_ndarray(wave.astype(np.int16)[None], "s16", "mono")
            frame.sample_rate, frame.pts = SOUND_RATE, pts
            for packet in encoder.encode(frame):
                output.put(Packet(bytes(packet), pts, TICK_SAMPLES))

    def _show(self, pts: int) -> None:
        assert self._picture is not None
        noise = np.random.default_rng(pts).integers(100, 120, (270, 320), np.uint8)
        frame = av.VideoFrame.from_ndarray(noise, "yuv420p")
        frame.pts = pts
        if self._wanted:
            frame.pict_type, self._wanted = av.video.frame.PictureType.I, False
        for packet in self._encoder.encode(frame):
            self._picture.put(Packet(bytes(packet), pts, 3600, bool(packet.is_keyframe)))


def opus() -> Any:
    """Return an Opus encoder."""
    encoder: Any = av.CodecContext.create("libopus", "w")
    encoder.format, encoder.layout, encoder.sample_rate = "s16", "mono", SOUND_RATE
    return encoder


def x264() -> Any:
    """Return an H.264 encoder for small pictures."""
    encoder: Any = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = 320, 180, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, 90_000), 25
    encoder.options = {
        "preset": "ultrafast", "tune": "zerolatency", "profile": "baseline", "forced-idr": "1",
    }  # fmt: skip
    return encoder
