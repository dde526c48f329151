"""A standard client behind a narrow link, with redundant sound and figures of its reception.

aiortc does not support redundant sound (RFC 2198), and asks for a lost packet only once. Its offer
therefore gets the line that Chromium's has, and packets are read before aiortc counts them. Sound
goes through a jitter buffer, as in a browser; each concealed piece of 20 ms counts as a gap.
"""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any, Self

from aiortc.codecs import is_rtx
from aiortc.rtp import (
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    HeaderExtensionsMap,
    RtcpPsfbPacket,
    RtcpRtpfbPacket,
    RtpPacket,
    unwrap_rtx,
)

from bench.engine.crowd import Door, Peer
from hemicycle.engine.rtc import redundancy
from hemicycle.engine.rtc.frame_assembly import FrameAssembly
from hemicycle.engine.rtc.jitter_buffer import JitterBuffer
from hemicycle.engine.rtc.publisher import OpusDecoder
from tests.engine.rtc.narrow_link import NarrowLink

RED = 63
OPUS = 96
TICK_S = 0.02
KEY_EVERY_S = 0.5
ROUND_TRIP_S = 0.3
_NEVER = HeaderExtensionsMap()


def with_redundancy(offer: str, blocks: int = OPUS) -> str:
    """Return aiortc's offer with the lines for redundant sound that Chromium's has."""
    opus = f"a=rtpmap:{OPUS} opus/48000/2"
    first, rest = offer.split("m=audio ", 1)
    head, rest = rest.split("\r\n", 1)
    red = f"a=rtpmap:{RED} red/48000/2\r\na=fmtp:{RED} {blocks}/{blocks}"
    return f"{first}m=audio {head} {RED}\r\n" + rest.replace(opus, f"{opus}\r\n{red}", 1)


@dataclass
class Observed:
    """The pieces of sound and the pictures since `began`."""

    began: float = field(default_factory=time.monotonic)
    pieces: int = 0
    """Pieces of sound of 20 ms, also those that the jitter buffer concealed."""
    gaps: list[int] = field(default_factory=list)
    """For each concealed piece, the number of consecutive concealed pieces up to it."""
    pictures: list[tuple[float, int]] = field(default_factory=list)
    """The time of each picture, and its size in bytes."""

    def figures(self) -> dict[str, float]:
        """Return all figures by name."""
        return {
            "speech_gap_ms": self.longest_gap_ms,
            "pieces": self.pieces,
            "gaps": len(self.gaps),
            "pictures": len(self.pictures),
            "pictures_per_s": self.pictures_per_s,
            "pictures_in_the_worst_second": self.fewest_pictures,
            "picture_kbps": self.picture_kbps,
        }

    @property
    def picture_kbps(self) -> float:
        """The bit rate of the pictures, in kilobits a second."""
        took_s = time.monotonic() - self.began
        return sum(size for _, size in self.pictures) * 8 / 1000 / took_s

    @property
    def longest_gap_ms(self) -> int:
        """The longest stretch of sound that was concealed, in ms."""
        return 20 * max(self.gaps, default=0)

    @property
    def pictures_per_s(self) -> float:
        """The average number of pictures a second."""
        return round(len(self.pictures) / (time.monotonic() - self.began), 1)

    @property
    def fewest_pictures(self) -> float:
        """The fewest pictures in a whole second."""
        seconds = int(time.monotonic() - self.began)
        counts = [0] * seconds
        for at, _ in self.pictures:
            if int(at - self.began) < seconds:
                counts[int(at - self.began)] += 1
        return float(min(counts, default=0))


class PoorListener(Peer):
    """A listener behind a link, or directly in its network if `link` is None.

    `now` is what it has received since `observe`.
    """

    def __init__(self, http: Any, door: Door, token: str, link: NarrowLink | None) -> None:
        super().__init__(http, door, token, "?channel=floor")
        self.now = Observed()
        self.redundant = 0
        """Packets of redundant sound that came."""
        self._link = link
        self._buffer = JitterBuffer(OpusDecoder(), time.monotonic)
        self._hearing: asyncio.Task[None] | None = None
        self._assembly = FrameAssembly(self._nack, self._want_key)
        self._assembly.rtt_s = ROUND_TRIP_S
        self._types: dict[int, Any] = {}
        self._ssrc, self._asked = 0, 0.0
        self._sending: set[asyncio.Task[None]] = set()
        for kind in ("audio", "video"):
            self.pc.addTransceiver(kind, "recvonly")

    async def start(self) -> Self:
        """Connect, and count sound and pictures from then on."""
        await super().start()
        self._take_over()
        self._hearing = asyncio.create_task(self._hear())
        return self

    def observe(self) -> Observed:
        """Count again from zero, and return the counts."""
        self.now = Observed()
        return self.now

    async def leave(self) -> None:
        """Stop listening, and disconnect."""
        if self._hearing is not None:
            self._hearing.cancel()
            await asyncio.gather(self._hearing, return_exceptions=True)
        await super().leave()

    async def _post(self, offer: str) -> str:
        answer = await super()._post(with_redundancy(offer))
        return answer if self._link is None else await self._link.through(answer)

    def _take_over(self) -> None:
        """Read each packet before aiortc does."""
        video: Any = self.pc.getReceivers()[1]
        self._types = video._RTCRtpReceiver__codecs
        dtls = self.dtls
        handle = dtls._handle_rtp_data

        async def take(data: bytes, arrival_time_ms: int) -> None:
            packet = RtpPacket.parse(data, _NEVER)
            if packet.payload_type == RED:
                self.redundant += 1
                *older, (at, payload) = redundancy.unpacked(packet.timestamp, packet.payload)
                for before, block in older:
                    self._buffer.put(before, block, again=True)
                self._buffer.put(at, payload)
                packet.payload_type, packet.payload = OPUS, payload
                data = packet.serialize(_NEVER)
            elif packet.payload_type == OPUS:
                self._buffer.put(packet.timestamp, packet.payload)
            else:
                self._see(packet)
            await handle(data, arrival_time_ms=arrival_time_ms)

        dtls._handle_rtp_data = take

    def _see(self, packet: RtpPacket) -> None:
        codec = self._types[packet.payload_type]
        if is_rtx(codec):
            if len(packet.payload) < 2:
                return
            kind = codec.parameters["apt"]
            packet, codec = unwrap_rtx(packet, kind, self._ssrc), self._types[kind]
        self._ssrc = packet.ssrc
        now = time.monotonic()
        for whole in self._assembly.add(packet, codec, now):
            self.now.pictures.append((now, len(whole.data)))

    def _nack(self, lost: list[int]) -> None:
        self._tell(RtcpRtpfbPacket(RTCP_RTPFB_NACK, ssrc=1, media_ssrc=self._ssrc, lost=lost))

    def _want_key(self) -> None:
        now = time.monotonic()
        if now - self._asked > KEY_EVERY_S:
            self._asked = now
            self._tell(RtcpPsfbPacket(RTCP_PSFB_PLI, ssrc=1, media_ssrc=self._ssrc))

    def _tell(self, packet: RtcpRtpfbPacket | RtcpPsfbPacket) -> None:
        task = asyncio.create_task(self.dtls._send_rtp(bytes(packet)))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _hear(self) -> None:
        due, row = time.monotonic(), 0
        while True:
            due += TICK_S
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            before = self._buffer.tally.concealed
            heard = self._buffer.read()
            made_up = heard is None or self._buffer.tally.concealed > before
            row = row + 1 if made_up else 0
            self.now.pieces += 1
            if row:
                self.now.gaps.append(row)
