"""Sound and picture as RTP packets, for libraries that carry packets and do not encode.

Packets to and from such a client's process have their length in two bytes before them (RFC 4571).
Opus has payload type 111, H.264 has 96, and samples (L16, one channel, 48 kHz) have 97.
"""

import asyncio
import time
from fractions import Fraction
from typing import Any

import av
import numpy as np
from aiortc.codecs import depayload, get_decoder
from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.opus import OpusEncoder
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtp import RtpPacket
from numpy.typing import NDArray

from hemicycle.engine.streams import PICTURE_RATE, SOUND_RATE, TICK_SAMPLES, Samples
from tools.clients.hall import Heard, strongest

OPUS, H264, L16 = 111, 96, 97
FPS = 15
SIZE = (320, 192)
KEPT_S = 0.5
LATE_S = 0.2

_OPUS = RTCRtpCodecParameters("audio/opus", SOUND_RATE, 2, OPUS)
_H264 = RTCRtpCodecParameters(
    "video/H264",
    PICTURE_RATE,
    payloadType=H264,
    parameters={"packetization-mode": "1", "profile-level-id": "42e01f"},
)


async def send(to: asyncio.StreamWriter, hertz: float) -> None:
    """Send a tone and a picture of changing grey to a client in real time, until cancelled."""
    sounds, pictures = Sounds(hertz), Pictures()
    begun = time.monotonic()
    while True:
        now = time.monotonic() - begun
        if (late := now - sounds.at_s) > LATE_S:  # the client did not read: skip that time
            begun, now = begun + late, now - late
        for source in (sounds, pictures):
            while source.at_s < now:
                for packet in source.next():
                    data = packet.serialize()
                    to.write(len(data).to_bytes(2, "big") + data)
        await to.drain()
        await asyncio.sleep(0.01)


class _Source:
    """Packets of one payload type and source."""

    def __init__(self, payload_type: int, ssrc: int) -> None:
        self._type, self._ssrc, self._number = payload_type, ssrc, 0
        self.at_s = 0.0

    def _packets(self, payloads: list[bytes], timestamp: int) -> list[RtpPacket]:
        made = []
        for left, payload in zip(range(len(payloads) - 1, -1, -1), payloads, strict=True):
            packet = RtpPacket(self._type, int(not left), self._number, timestamp, self._ssrc)
            packet.payload = payload
            self._number = (self._number + 1) & 0xFFFF
            made.append(packet)
        return made


class Sounds(_Source):
    """A source of a tone as Opus."""

    def __init__(self, hertz: float) -> None:
        super().__init__(OPUS, 1)
        self._hertz, self._first, self._encoder = hertz, 0, OpusEncoder()

    def next(self) -> list[RtpPacket]:
        """Return the packets of the next 20 ms."""
        at = np.arange(self._first, self._first + TICK_SAMPLES)
        wave = (8000 * np.sin(2 * np.pi * self._hertz * at / SOUND_RATE)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(wave[None], "s16", "mono")
        frame.sample_rate, frame.pts = SOUND_RATE, self._first
        frame.time_base = Fraction(1, SOUND_RATE)
        payloads, _ = self._encoder.encode(frame)
        packets = self._packets(payloads, self._first)
        self._first += TICK_SAMPLES
        self.at_s = self._first / SOUND_RATE
        return packets


class Pictures(_Source):
    """A source of pictures of changing grey as H.264."""

    def __init__(self) -> None:
        super().__init__(H264, 2)
        self._count, self._encoder = 0, H264Encoder()

    def next(self) -> list[RtpPacket]:
        """Return the packets of the next picture."""
        width, height = SIZE
        pixels = np.full((height, width, 3), self._count * 3 % 255, np.uint8)
        frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuv420p")
        frame.pts = self._count * PICTURE_RATE // FPS
        frame.time_base = Fraction(1, PICTURE_RATE)
        payloads, _ = self._encoder.encode(frame, force_keyframe=self._count % FPS == 0)
        packets = self._packets(payloads, frame.pts)
        self._count += 1
        self.at_s = self._count / FPS
        return packets


class Ear:
    """A decoder of the packets that a client's process received."""

    def __init__(self) -> None:
        self._sound: Samples = np.zeros(0, np.float32)
        self._opus, self._h264 = get_decoder(_OPUS), get_decoder(_H264)
        self._parts: list[bytes] = []
        self.width = self.height = 0

    async def read(self, out: asyncio.StreamReader) -> None:
        """Take packets until the process ends."""
        while True:
            try:
                length = int.from_bytes(await out.readexactly(2), "big")
                self.take(await out.readexactly(length))
            except asyncio.IncompleteReadError:
                return

    def take(self, data: bytes) -> None:
        """Take one packet."""
        packet = RtpPacket.parse(data)
        if packet.payload_type == L16:
            self._hear(np.frombuffer(packet.payload, ">i2"))
        elif packet.payload_type == OPUS and packet.payload:
            for frame in self._opus.decode(JitterFrame(packet.payload, packet.timestamp)):
                assert isinstance(frame, av.AudioFrame)
                self._hear(frame.to_ndarray().reshape(-1, 2).mean(axis=1))
        elif packet.payload_type == H264 and packet.payload:
            self._see(packet)

    def heard(self) -> Heard:
        """Return what was received in the last `KEPT_S` seconds, and the size of the picture."""
        return Heard(strongest(self._sound), self.width, self.height)

    def _hear(self, values: NDArray[Any]) -> None:
        """Add 16-bit samples to the sound that is kept."""
        kept, sound = round(KEPT_S * SOUND_RATE), (values / 32768).astype(np.float32)
        self._sound = np.concatenate([self._sound, sound])[-kept:]

    def _see(self, packet: RtpPacket) -> None:
        self._parts.append(depayload(_H264, packet.payload))
        if packet.marker:
            whole, self._parts = b"".join(self._parts), []
            for frame in self._h264.decode(JitterFrame(whole, packet.timestamp)):
                assert isinstance(frame, av.VideoFrame)
                self.width, self.height = frame.width, frame.height
