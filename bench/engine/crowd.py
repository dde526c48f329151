# ruff: noqa: SLF001  # packets are counted in aioice's private handlers
"""Cheap standard clients: they send and receive as seats do, at a tenth of a browser's cost.

They are aiortc peers with unchanged ICE, DTLS and SRTP. An `Ear` counts the packets that reach it
and reports them (RTCP), but does not decode them; a `Mouth` sends sound and pictures that were
encoded once. Use them in separate processes, because `stay_here` limits all candidates of a process
to loopback.
"""

import asyncio
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from struct import Struct, pack
from typing import Any
from urllib.parse import urljoin

import aiohttp
import aioice.ice
import av
import numpy as np
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)

from hemicycle.engine.control import passes

HZ = {"audio": 48_000, "video": 90_000}
PATIENCE_S = 20.0
CAMERA_FPS = 15
_SOURCE = Struct("!HLL").unpack_from
_RTP = range(128, 192)
_RTCP = range(192, 224)


def stay_here() -> None:
    """Offer candidates on loopback only, for every connection of this process."""
    local: Any = lambda use_ipv4, use_ipv6: ["127.0.0.1"]  # noqa: E731  # replaces a function
    aioice.ice.get_host_addresses = local


@dataclass(frozen=True, slots=True)
class Door:
    """The address of an engine, the hearing, and the secret that signs passes."""

    base: str
    hearing: str
    secret: str

    def token(self, use: passes.Use, role: passes.MediaRole, seat: str, **more: str) -> str:
        """Return a pass for one connection."""
        more = {"camera": "live", "voice": "live", **more}
        return passes.sign(passes.Pass(self.hearing, use, role, seat, **more), self.secret)


class Peer:
    """One connection to the engine, its session, and the reader of its events."""

    way = "whep"

    def __init__(
        self, http: aiohttp.ClientSession, door: Door, token: str, query: str = ""
    ) -> None:
        self._http, self._token = http, token
        self._address = f"{door.base}/media/{self.way}/{door.hearing}{query}"
        self.pc = RTCPeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        self.session = ""
        self._news: asyncio.Task[None] | None = None

    @property
    def dtls(self) -> Any:
        """The DTLS transport of the whole bundle."""
        return self.pc.getTransceivers()[0].receiver.transport

    @property
    def protocols(self) -> list[Any]:
        """The ICE protocols of the connection, one for each socket."""
        return list(self.dtls.transport._connection._protocols)

    async def start(self) -> "Peer":
        """Connect and return itself.

        Raises `TimeoutError` after `PATIENCE_S`, and `RuntimeError` if the engine refuses.
        """
        up = asyncio.Event()
        self.pc.on("connectionstatechange", lambda: up.set() if self.up else None)
        await self.pc.setLocalDescription(await self.pc.createOffer())
        self.ready()
        answer = await self._post(self.pc.localDescription.sdp)
        await self.pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        async with asyncio.timeout(PATIENCE_S):
            await up.wait()
        self._news = asyncio.create_task(self._read_news())
        return self

    @property
    def up(self) -> bool:
        """Whether the connection is established."""
        return self.pc.connectionState == "connected"

    def ready(self) -> None:
        """Called when the sockets are open and nothing has been sent; does nothing here."""

    async def _post(self, offer: str) -> str:
        headers = {"Content-Type": "application/sdp", "Authorization": f"Bearer {self._token}"}
        async with self._http.post(self._address, data=offer, headers=headers) as answer:
            text = await answer.text()
            if answer.status != 201:
                raise RuntimeError(text)
            self.session = urljoin(self._address, answer.headers["Location"])
            return text

    async def _read_news(self) -> None:
        with suppress(aiohttp.ClientError):
            async with self._http.get(f"{self.session}/events") as news:
                async for _ in news.content.iter_any():
                    pass

    async def control(self, **message: Any) -> int:
        """Send a control message for the session; return the status of the response."""
        async with self._http.post(f"{self.session}/control", json=message) as answer:
            return answer.status

    async def leave(self) -> None:
        """Close the connection, and end the session at the engine."""
        await self._forget_news()
        await self.pc.close()
        if self.session:
            with suppress(aiohttp.ClientError):
                await (await self._http.delete(self.session)).read()

    async def vanish(self) -> None:
        """Close the connection without a message, like a browser that crashed."""
        for protocol in self.protocols:
            protocol.send_data, protocol.send_stun = _silence, lambda *_: None
        await self._forget_news()
        await self.pc.close()

    async def _forget_news(self) -> None:
        if self._news is not None:
            self._news.cancel()
            await asyncio.gather(self._news, return_exceptions=True)


async def _silence(*_: Any) -> None:
    """Do nothing, in place of sending."""


class Ear(Peer):
    """A seat with one channel and the program's picture, which counts and reports packets."""

    def __init__(self, http: aiohttp.ClientSession, door: Door, token: str, channel: str) -> None:
        super().__init__(http, door, token, f"?channel={channel}")
        self.packets = self.octets = 0
        self._newest: dict[int, bytes] = {}
        self._counts: Counter[int] = Counter()
        self._seen: dict[int, tuple[int, int]] = {}
        for kind in ("audio", "video"):
            self.pc.addTransceiver(kind, "recvonly")

    def ready(self) -> None:
        for protocol in self.protocols:
            protocol.datagram_received = self._counting(protocol.datagram_received)

    def _counting(self, others: Any) -> Any:
        def received(data: bytes, address: Any) -> None:
            if data[0] in _RTP and data[1] not in _RTCP:
                self.packets += 1
                self.octets += len(data)
                self._newest[data[1] & 127] = data[2:12]
                self._counts[data[1] & 127] += 1
            else:
                others(data, address)

        return received

    def lost(self) -> int:
        """Return how many packets were lost since the last call, by their sequence numbers."""
        missing = 0
        for kind, newest in self._newest.items():
            number, count = _SOURCE(newest)[0], self._counts[kind]
            if kind in self._seen:
                number_before, count_before = self._seen[kind]
                missing += (number - number_before) % 65_536 - (count - count_before)
            self._seen[kind] = number, count
        return missing

    async def report(self) -> None:
        """Send a receiver report without losses, as a browser does about once a second."""
        blocks = [_SOURCE(newest) for newest in self._newest.values()]
        if not blocks or not self.up:
            return
        told = b"".join(pack("!LLLLLL", ssrc, 0, number, 0, 0, 0) for number, _, ssrc in blocks)
        head = pack("!BBHL", 0x80 | len(blocks), 201, 1 + 6 * len(blocks), 1)
        with suppress(ConnectionError):
            await self.dtls._send_rtp(head + told)


class Mouth(Peer):
    """A participant with a microphone and, if `camera` is given, a camera."""

    way = "whip"

    def __init__(
        self,
        http: aiohttp.ClientSession,
        door: Door,
        token: str,
        hertz: int,
        camera: "Look | None" = None,
    ) -> None:
        super().__init__(http, door, token)
        self.pc.addTransceiver(Canned("audio", canned_tone(hertz), 50), "sendonly")
        if camera is not None:
            moving = Canned("video", canned_picture(camera), camera.fps)
            shown = self.pc.addTransceiver(moving, "sendonly")
            known = RTCRtpSender.getCapabilities("video").codecs
            shown.setCodecPreferences([codec for codec in known if codec.mimeType == "video/H264"])


class Canned(MediaStreamTrack):
    """A track that repeats encoded frames in real time."""

    def __init__(self, kind: str, frames: tuple[bytes, ...], rate: int) -> None:
        super().__init__()
        self.kind = kind
        self._frames, self._rate = frames, rate
        self._number, self._since = 0, time.monotonic()

    async def recv(self) -> Any:
        """Wait until the next frame is due, and return it."""
        due = self._since + self._number / self._rate
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        frame = av.Packet(self._frames[self._number % len(self._frames)])
        frame.pts = self._number * HZ[self.kind] // self._rate
        frame.time_base = Fraction(1, HZ[self.kind])
        self._number += 1
        return frame


@cache
def canned_tone(hertz: int) -> tuple[bytes, ...]:
    """Return two seconds of a tone in Opus, as packets of 20 ms."""
    encoder: Any = av.CodecContext.create("libopus", "w")
    encoder.format, encoder.layout, encoder.sample_rate = "s16", "mono", 48_000
    wave = np.sin(2 * np.pi * hertz * np.arange(96_000) / 48_000) * 8000
    made = []
    for n, piece in enumerate(np.split(wave.astype(np.int16), 100)):
        frame = av.AudioFrame.from_ndarray(piece[None], "s16", "mono")
        frame.sample_rate, frame.pts = 48_000, n * 960
        made += [bytes(packet) for packet in encoder.encode(frame)]
    return tuple(made)


@dataclass(frozen=True, slots=True)
class Look:
    """The picture of a camera: its size in pixels, and pictures and bits per second.

    It has moving stripes, which need few bits; `noise` (largest change of a pixel) uses the rest.
    """

    width: int = 480
    height: int = 272
    fps: int = CAMERA_FPS
    bit_rate: int = 400_000
    noise: int = 0


@cache
def canned_picture(look: Look = Look()) -> tuple[bytes, ...]:
    """Return two seconds of a moving picture in H.264, with a keyframe each second."""
    encoder: Any = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = look.width, look.height, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, look.fps), look.fps
    encoder.gop_size, encoder.bit_rate = look.fps, look.bit_rate
    encoder.options = {
        "preset": "ultrafast", "tune": "zerolatency", "profile": "baseline",
        "maxrate": str(look.bit_rate), "bufsize": str(look.bit_rate // 2),
    }  # fmt: skip
    made = []
    random = np.random.default_rng(1)
    across = np.arange(look.width) + np.arange(look.height * 3 // 2)[:, None]
    for n in range(2 * look.fps):
        noise = random.integers(0, look.noise + 1, across.shape)
        values = ((across + 8 * n) % 200 + 20 + noise).astype(np.uint8)
        frame = av.VideoFrame.from_ndarray(values, "yuv420p")
        frame.pts = n
        made += [bytes(packet) for packet in encoder.encode(frame)]
    return tuple(made)
