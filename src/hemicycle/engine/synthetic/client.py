"""Synthetic peers: a WHIP publisher and a WHEP listener on unmodified aiortc.

They are standard clients and know only the engine's addresses and a pass.
"""

import asyncio
from collections.abc import Callable
from fractions import Fraction
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import urljoin

import aiohttp
import aioice.ice
import av
import numpy as np
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpCodecCapability,
    RTCRtpSender,
    RTCSessionDescription,
    VideoStreamTrack,
)
from aiortc.mediastreams import MediaStreamError
from av.stream import Stream

from hemicycle.engine.streams import FLOOR, PICTURE_RATE, SOUND_RATE, TICK_SAMPLES, Samples
from hemicycle.engine.synthetic.voices import Voice

PATIENCE_S = 15.0
"""Seconds after which a connection that is not established has failed."""


BIT_RATE = 48_000
"""Bits a second of a synthetic voice."""


class OfferRefused(Exception):
    """The engine refused the offer; `code` says why, `str()` is its English detail."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.code = status, code


class MovingPicture(Protocol):
    """A moving picture: `figures.SyntheticFigure`, or one that a test draws."""

    fps: int

    def frame(self, number: int, level: float) -> av.VideoFrame:
        """Return picture `number`, for a voice as loud as `level`; its pts is in 90 kHz."""


class _SyntheticPeer:
    """What both ends share: one connection, started with one POST and ended with one DELETE."""

    def __init__(self, address: str, token: str) -> None:
        _have_an_address()
        self._address, self._token = address, token
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._up = asyncio.Event()
        self._connection.on("connectionstatechange", self._changed)
        self.session = ""
        """The session's address, for its events and controls."""

    @property
    def state(self) -> str:
        """The state as browsers name it: new, connecting, connected, failed or closed."""
        return str(self._connection.connectionState)

    async def start(self) -> None:
        """Connect, and return when media can flow.

        Raises `OfferRefused` if the engine refuses, and `TimeoutError` after `PATIENCE_S`.
        """
        await self._connection.setLocalDescription(await self._connection.createOffer())
        answer = await self._post(self._connection.localDescription.sdp)
        await self._connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        async with asyncio.timeout(PATIENCE_S):
            await self._up.wait()

    async def close(self) -> None:
        """Close the connection, and end the session at the engine."""
        await self._connection.close()
        if self.session:
            async with aiohttp.ClientSession() as http, http.delete(self.session):
                pass
            self.session = ""

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def _post(self, offer: str) -> str:
        headers = {"Content-Type": "application/sdp", "Authorization": f"Bearer {self._token}"}
        async with (
            aiohttp.ClientSession() as http,
            http.post(self._address, data=offer, headers=headers) as response,
        ):
            if response.status != 201:
                raise await _refusal(response)
            self.session = urljoin(str(response.url), response.headers["Location"])
            return await response.text()

    def _changed(self) -> None:
        if self.state == "connected":
            self._up.set()


async def _refusal(response: aiohttp.ClientResponse) -> OfferRefused:
    try:
        answer = await response.json()
        return OfferRefused(response.status, str(answer["code"]), str(answer["detail"]))
    except (aiohttp.ClientError, ValueError, KeyError, TypeError):
        return OfferRefused(response.status, "", f"The engine answered {response.status}.")


def _have_an_address() -> None:
    """Let peers of one machine reach each other on a machine without a network."""
    if not aioice.ice.get_host_addresses(use_ipv4=True, use_ipv6=True):
        aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]


class SyntheticPublisher(_SyntheticPeer):
    """A person at a microphone, and at a camera if there is a picture.

    `async with SyntheticPublisher(whip, token, figure, voice) as publisher: …`, or `start` and
    `close`.
    """

    def __init__(
        self,
        whip_url: str,
        token: str,
        picture: MovingPicture | None = None,
        sound: Voice | None = None,
    ) -> None:
        super().__init__(whip_url, token)
        if sound is not None:
            self._connection.addTransceiver(_Microphone(sound), direction="sendonly")
        if picture is not None:
            camera = self._connection.addTransceiver(_Camera(picture, sound), direction="sendonly")
            camera.setCodecPreferences(_of("video/H264"))


class SyntheticListener(_SyntheticPeer):
    """A person who hears one channel, and sees the program if `on_picture` is given.

    `on_sound` gets the sound as it arrives (48 kHz, one channel, of any length), `on_picture` each
    picture. Both are called in the event loop.
    """

    def __init__(
        self,
        whep_url: str,
        token: str,
        channel: str = FLOOR,
        *,
        on_sound: Callable[[Samples], None],
        on_picture: Callable[[av.VideoFrame], None] | None = None,
    ) -> None:
        super().__init__(f"{whep_url}?channel={channel}", token)
        self._on_sound, self._on_picture = on_sound, on_picture
        self._tasks: set[asyncio.Task[None]] = set()
        self._connection.on("track", self._take)
        self._connection.addTransceiver("audio", direction="recvonly")
        if on_picture is not None:
            picture = self._connection.addTransceiver("video", direction="recvonly")
            picture.setCodecPreferences(_of("video/H264"))

    async def close(self) -> None:
        """Close the connection, and end the session at the engine."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await super().close()

    def _take(self, track: MediaStreamTrack) -> None:
        self._tasks.add(asyncio.create_task(self._read(track)))

    async def _read(self, track: MediaStreamTrack) -> None:
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:  # the other end has closed
                return
            if isinstance(frame, av.AudioFrame):
                self._on_sound(_one_channel(frame))
            elif isinstance(frame, av.VideoFrame) and self._on_picture:
                self._on_picture(frame)


class _Microphone(MediaStreamTrack):
    """A voice as a track, at the pace of the clock.

    It is encoded here, in one channel and with little effort, which takes half of the time that
    aiortc takes with its pool of threads.
    """

    kind = "audio"

    def __init__(self, voice: Voice) -> None:
        super().__init__()
        self._voice, self._tick, self._start = voice, 0, 0.0
        encoder = av.CodecContext.create("libopus", "w")
        assert isinstance(encoder, av.AudioCodecContext)
        encoder.sample_rate, encoder.layout, encoder.format = SOUND_RATE, "mono", "flt"
        encoder.bit_rate = BIT_RATE
        encoder.options = {"compression_level": "3"}
        self._encoder = encoder

    async def recv(self) -> "av.Packet[Stream]":
        pts = self._tick * TICK_SAMPLES
        self._start = await _wait_until(self._start, pts / SOUND_RATE)
        frame = av.AudioFrame.from_ndarray(self._voice.read()[None], "flt", "mono")
        frame.sample_rate, frame.pts = SOUND_RATE, pts
        (packet,) = self._encoder.encode(frame)
        packet.pts, packet.time_base = pts, Fraction(1, SOUND_RATE)
        self._tick += 1
        return packet


class _Camera(VideoStreamTrack):
    """A drawn picture as a track, its mouth moved by a voice."""

    def __init__(self, drawn: MovingPicture, voice: Voice | None) -> None:
        super().__init__()
        self._drawn, self._voice, self._number, self._start = drawn, voice, 0, 0.0

    async def recv(self) -> av.VideoFrame:
        self._start = await _wait_until(self._start, self._number / self._drawn.fps)
        level = self._voice.level if self._voice else 0.0
        frame = self._drawn.frame(self._number, level)
        frame.pts = self._number * PICTURE_RATE // self._drawn.fps
        frame.time_base = Fraction(1, PICTURE_RATE)
        self._number += 1
        return frame


async def _wait_until(start: float, after_s: float) -> float:
    """Wait until `after_s` after `start` (s, loop's clock; 0: now); return the start."""
    now = asyncio.get_running_loop().time()
    start = start or now
    await asyncio.sleep(max(0.0, start + after_s - now))
    return start


def _of(kind: str) -> list[RTCRtpCodecCapability]:
    known = RTCRtpSender.getCapabilities("video").codecs
    return [codec for codec in known if codec.mimeType == kind]


def _one_channel(frame: av.AudioFrame) -> Samples:
    """Return the sound of a frame (interleaved, of 16 bits) as one channel."""
    values = frame.to_ndarray().reshape(-1, len(frame.layout.channels))
    sound: Samples = (values.mean(axis=1) / 32768).astype(np.float32)
    return sound
