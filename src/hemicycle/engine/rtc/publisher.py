"""A publisher's peer (WHIP): packets in, an `AudioSource` and a `VideoSource` out."""

import contextlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Literal

import av
import numpy as np
from aiortc.codecs import is_rtx
from aiortc.rtcrtpparameters import (
    RTCRtpCodecParameters,
    RTCRtpHeaderExtensionParameters,
    RTCRtpParameters,
)
from aiortc.rtcrtpreceiver import StreamStatistics
from aiortc.rtcrtptransceiver import RTCRtpTransceiver
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    HeaderExtensionsMap,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSrPacket,
    RtpPacket,
    is_rtcp,
    pack_remb_fci,
    unwrap_rtx,
)
from aiortc.utils import random32

from hemicycle.engine.rtc import redundancy, rtcp
from hemicycle.engine.rtc.bandwidth import CAP_BPS, LEAST_BPS, BandwidthEstimate
from hemicycle.engine.rtc.frame_assembly import FrameAssembly
from hemicycle.engine.rtc.jitter_buffer import HandedSound, JitterBuffer
from hemicycle.engine.rtc.media_port import MediaPort
from hemicycle.engine.rtc.offers import RED, MediaKind, SdpOffer
from hemicycle.engine.rtc.peer import RTP_MIN, HandedPeer, OnPeerState, Peer
from hemicycle.engine.rtc.video_decoder import VideoDecoder
from hemicycle.engine.streams import SOUND_RATE, Samples

MOST_PACKETS = 2000
MOST_BYTES = 1_500_000
"""More packets, or bytes, in a second are a flood: five times what a camera sends. A picture that
floods is left out; the sound continues."""
MOST_LEFT_OUT = 10_000
"""Packets in a second of a picture that is left out: about 100 Mb/s, more than encoders send."""

type PictureTrouble = Literal["", "no_picture_codec", "too_large"]
"""Why a picture is left out, as codes of `refusals.NOTICES`; "" for one that is taken."""

KEY_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class HandedCodec:
    """A codec; `repairs` is the payload type of the packets that it repeats (RTX), if any."""

    payload_type: int
    name: str
    rate: int
    repairs: int | None


@dataclass(frozen=True, slots=True)
class HandedTrack:
    """One line of a publisher: its codecs, and the statistics of its source.

    `base`, `newest` and `cycles` are as in RFC 3550 appendix A.1; `base` is None before the first
    packet. `arrived` and `stamp` are the newest packet's times by the wall clock and by RTP, in
    units of the source's clock; `jitter` is 16 times the jitter in these units.
    """

    codecs: tuple[HandedCodec, ...]
    ssrc: int
    base: int | None
    newest: int
    cycles: int
    packets: int
    arrived: int
    stamp: int
    jitter: int


@dataclass(frozen=True, slots=True)
class HandedPublisher:
    """The state of a publisher's peer for another process.

    `extensions` are the header extensions, as (number, URI).
    """

    peer: HandedPeer
    audio: HandedTrack | None
    video: HandedTrack | None
    sound: HandedSound | None
    extensions: tuple[tuple[int, str], ...]
    bps: int
    picture_trouble: PictureTrouble = ""


class PublisherPeer(Peer):
    """A peer that sends sound, picture, or both.

    `sound` and `picture` exist from the start if the offer has such a line. A picture that is too
    large, or has no codec of ours, is left out until the client connects again
    (`picture_trouble`). The peer closes itself with the reason "flooding" if it sends too much.
    """

    direction = "recvonly"
    consent_every_s = 1.0
    codecs: ClassVar[Mapping[MediaKind, Sequence[str]]] = {
        "audio": ("audio/opus",),
        "video": ("video/H264;42e01f", "video/H264;42001f", "video/VP8"),
    }

    def __init__(
        self,
        port: MediaPort,
        on_state: OnPeerState,
        kinds: Sequence[MediaKind],
        handed: HandedPublisher | None = None,
    ) -> None:
        super().__init__(port, on_state, handed.peer if handed else None)
        self.sound = JitterBuffer(OpusDecoder(), time.monotonic) if "audio" in kinds else None
        self.picture = VideoDecoder(self._trouble, time.monotonic) if "video" in kinds else None
        self._sources: dict[int, _IncomingTrack] = {}
        self._extensions = HeaderExtensionsMap()
        self._extended: tuple[tuple[int, str], ...] = ()
        self._ssrc = 0
        self._bandwidth = BandwidthEstimate()
        self._last_trip_s = 0.0
        self.picture_trouble: PictureTrouble = handed.picture_trouble if handed else ""
        self._pictures, self._others = _Second(), _Second()
        self._counted_at = self._loop.time()
        self._asked = -KEY_EVERY_S
        self._video: _IncomingVideo | None = None
        self._takes_pictures = True
        if handed is not None:
            self._resume(handed)

    def take_pictures(self, *, on: bool) -> None:
        """Decode the camera's frames, or drop them and the last decoded one."""
        if on == self._takes_pictures or self.picture_trouble:
            return
        self._takes_pictures = on
        if self.picture is not None:
            self.picture.shut(on=not on)
        if on and self._video is not None:
            self._video.begin_anew()
            self.ask_key()

    @property
    def loss(self) -> float:
        """The share of the packets of the last second that were lost, 0 to 1."""
        return max((source.loss for source in self._sources.values()), default=0.0)

    @property
    def jitter_s(self) -> float:
        """How irregularly packets arrive, in seconds (RFC 3550), of the worse source."""
        return max((source.jitter_s for source in self._sources.values()), default=0.0)

    def ask_key(self) -> None:
        """Request a keyframe (PLI), at most once in `KEY_EVERY_S`."""
        now = self._loop.time()
        if self._video is None or now - self._asked < KEY_EVERY_S:
            return
        self._asked = now
        fmt, ssrc = RTCP_PSFB_PLI, self._video.ssrc
        self.send_rtcp(bytes(RtcpPsfbPacket(fmt=fmt, ssrc=self._ssrc, media_ssrc=ssrc)))

    def _settle(self, transceiver: RTCRtpTransceiver, offer: SdpOffer) -> None:
        """Ask for redundant sound first, since a browser sends the first codec of an answer."""
        ours: Any = transceiver
        if transceiver.kind == "audio" and offer.redundant is not None:
            ours._codecs = [offer.redundant, *ours._codecs]

    def opened(self, transceiver: RTCRtpTransceiver, parameters: Any) -> None:
        """Connect the payload types of a negotiated line with the track that takes its packets."""
        sender: Any = transceiver.sender
        self._ssrc = self._ssrc or sender._ssrc
        self._extend(tuple((found.id, found.uri) for found in parameters.headerExtensions))
        self._track(transceiver.kind, parameters.codecs)

    def _extend(self, extensions: tuple[tuple[int, str], ...]) -> None:
        self._extended += extensions
        named = [RTCRtpHeaderExtensionParameters(id=number, uri=uri) for number, uri in extensions]
        self._extensions.configure(RTCRtpParameters(headerExtensions=named))

    def _track(self, kind: str, codecs: Iterable[RTCRtpCodecParameters]) -> "_IncomingTrack":
        taker: _IncomingTrack
        if kind == "audio":
            assert self.sound is not None
            taker = _IncomingAudio(self.sound)
        else:
            assert self.picture is not None
            taker = self._video = _IncomingVideo(self.picture, self._nack, self.ask_key)
        taker.codecs = {codec.payloadType: codec for codec in codecs if codec.payloadType}
        self._sources |= dict.fromkeys(taker.codecs, taker)
        return taker

    # -- hand-over to another process

    def handed(self, descriptors: list[int]) -> HandedPublisher | None:
        """Return the state for another process; None if it cannot be moved (`Peer.handed_peer`).

        Call it while the peer and the mixer rest.
        """
        peer = self.handed_peer(descriptors)
        if peer is None:
            return None
        tracks = {id(track): track for track in self._sources.values()}.values()
        audio = [track.handed() for track in tracks if isinstance(track, _IncomingAudio)]
        return HandedPublisher(
            peer,
            audio[0] if audio else None,
            self._video.handed() if self._video else None,
            self.sound.handed() if self.sound else None,
            self._extended,
            self._bandwidth.bps,
            self.picture_trouble,
        )

    def _resume(self, handed: HandedPublisher) -> None:
        self._ssrc = random32()  # as in `peer._first_report`
        self._extend(handed.extensions)
        for kind, track in (("audio", handed.audio), ("video", handed.video)):
            if track is not None:
                self._track(kind, map(_codec, track.codecs)).resume(track)
        if self.sound is not None and handed.sound is not None:
            self.sound.resume(handed.sound)
        self._bandwidth.bps = min(max(handed.bps, LEAST_BPS), CAP_BPS)

    def go_on(self) -> None:
        """Read again, and request a keyframe for a new decoder."""
        super().go_on()
        if self._pc is None and self._takes_pictures:
            self.ask_key()

    # -- packets in

    def media_came(self, data: bytes) -> None:
        """Take a packet; count it first, so that the packets of a flood are not decrypted."""
        is_picture = self._is_picture(data)
        second = self._pictures if is_picture else self._others
        second.count(data)
        if not second.floods and not (is_picture and self.picture_trouble):
            super().media_came(data)

    def _is_picture(self, data: bytes) -> bool:
        """Whether this is a packet of the picture; the payload type can be read without the
        keys (RFC 3711 section 3.1).
        """
        if self._video is None or len(data) < RTP_MIN or is_rtcp(data):
            return False
        return self._sources.get(data[1] & 0x7F) is self._video

    def rtp_came(self, data: bytes) -> None:
        """Pass a packet to its track."""
        packet = RtpPacket.parse(data, self._extensions)
        source = self._sources.get(packet.payload_type)
        if source is None or (source is self._video and not self._takes_pictures):
            return
        source.take(packet, time.monotonic())

    def measured(self, rtt_s: float) -> None:
        """Keep the duration of a round trip to the peer, in seconds."""
        self._last_trip_s = rtt_s
        super().measured(rtt_s)
        if self._video is not None:
            self._video.assembly.rtt_s = self.rtt_s

    def rtcp_came(self, packet: Any) -> None:
        """Keep the times of sender reports, which our reports return to the sender."""
        if isinstance(packet, RtcpSrPacket):
            for source in self._sources.values():
                if source.ssrc == packet.ssrc:
                    source.report = rtcp.middle(packet.sender_info.ntp_timestamp)
                    source.report_at = time.monotonic()

    # -- reports out

    def every_second(self) -> None:
        """Send receiver reports and the bandwidth estimate; close a peer that floods."""
        pictures, others = self._pictures, self._others
        self._pictures, self._others = _Second(), _Second()
        if others.floods or pictures.packets > MOST_LEFT_OUT:
            return self._end("flooding")
        if pictures.floods:
            self._leave_out("too_large")
        # The loop also waits for a round trip, so on a slow link it takes longer than a second.
        now = self._loop.time()
        came_bps = 8 * (pictures.bytes + others.bytes) / max(now - self._counted_at, 0.5)
        self._counted_at = now
        sources = list(
            {id(source): source for source in self._sources.values() if source.seen}.values()
        )
        if sources:
            blocks = [source.block() for source in sources]
            report = bytes(RtcpRrPacket(ssrc=self._ssrc, reports=blocks))
            estimate = self._bandwidth.second(self._last_trip_s, came_bps, self.loss)
            self.send_rtcp(report + self._remb(estimate, [block.ssrc for block in blocks]))
        return None

    def _remb(self, bps: int, ssrcs: list[int]) -> bytes:
        fci = pack_remb_fci(bps, ssrcs)
        return bytes(RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=self._ssrc, media_ssrc=0, fci=fci))

    def _nack(self, lost: list[int]) -> None:
        if self._video is not None:
            packet = RtcpRtpfbPacket(
                fmt=RTCP_RTPFB_NACK, ssrc=self._ssrc, media_ssrc=self._video.ssrc, lost=lost
            )
            self.send_rtcp(bytes(packet))

    # -- trouble

    def _trouble(self, what: str) -> None:
        """Handle a decoder error. Called in the decoder's thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._mend, what)

    def _mend(self, what: str) -> None:
        if what == "too_large":
            self._leave_out("too_large")
        elif self._video is not None:
            self._video.assembly.broken()

    def picture_refused(self) -> None:
        """Take the sound alone, because the engine supports no codec of the picture."""
        self.picture, self.picture_trouble = None, "no_picture_codec"

    def _leave_out(self, trouble: PictureTrouble) -> None:
        """Stop showing the picture: it would cost too much, and the sound comes first."""
        if self.picture is not None and not self.picture_trouble:
            self.picture_trouble = trouble
            # The source stays, but is empty: its readers get no picture, and a card is shown.
            self.picture.shut(on=True)
            self.picture.close()

    async def close(self, reason: str) -> None:
        """Close the peer, and end its decoder."""
        await super().close(reason)
        if self.picture is not None:
            self.picture.close()


class OpusDecoder:
    """Decodes Opus to one channel at 48 kHz, in the thread that reads."""

    def __init__(self) -> None:
        codec = av.CodecContext.create("libopus", "r")
        assert isinstance(codec, av.AudioCodecContext)
        codec.sample_rate = SOUND_RATE
        codec.layout = "mono"
        self._codec = codec

    def __call__(self, payload: bytes) -> Samples:
        """Return the samples of a packet; empty if it cannot be decoded."""
        try:
            frames = self._codec.decode(av.Packet(payload))
        except av.FFmpegError:
            return np.zeros(0, np.float32)
        parts = [frame.to_ndarray()[0] for frame in frames]
        if not parts:
            return np.zeros(0, np.float32)
        return np.concatenate(parts).astype(np.float32) / 32768.0


class _Second:
    """Counts what is received within a second, before it is decrypted."""

    def __init__(self) -> None:
        self.packets = self.bytes = 0

    def count(self, data: bytes) -> None:
        self.packets += 1
        self.bytes += len(data)

    @property
    def floods(self) -> bool:
        return self.packets > MOST_PACKETS or self.bytes > MOST_BYTES


class _IncomingTrack:
    """The packets of one line, with its codecs by payload type and its statistics."""

    rate = SOUND_RATE

    def __init__(self) -> None:
        self.codecs: dict[int, RTCRtpCodecParameters] = {}
        self.ssrc = 0
        self.loss = 0.0
        self.report = 0
        self.report_at = 0.0
        self._statistics: StreamStatistics | None = None

    def handed(self) -> HandedTrack:
        counted = self._statistics or StreamStatistics(self.rate)
        return HandedTrack(
            tuple(map(_handed_codec, self.codecs.values())),
            self.ssrc,
            counted.base_seq,
            counted.max_seq or 0,
            counted.cycles,
            counted.packets_received,
            counted._last_arrival or 0,
            counted._last_timestamp or 0,
            counted._jitter_q4,
        )

    def resume(self, handed: HandedTrack) -> None:
        self.ssrc = handed.ssrc
        if handed.base is not None:
            counted = self._statistics = StreamStatistics(self.rate)
            counted.base_seq, counted.max_seq = handed.base, handed.newest
            counted.cycles, counted.packets_received = handed.cycles, handed.packets
            counted._last_arrival, counted._last_timestamp = handed.arrived, handed.stamp
            counted._jitter_q4 = handed.jitter
            _begins_the_next_second = counted.fraction_lost

    @property
    def seen(self) -> bool:
        return self._statistics is not None

    @property
    def jitter_s(self) -> float:
        return self._statistics.jitter / self.rate if self._statistics else 0.0

    def take(self, packet: RtpPacket, now: float) -> None:
        raise NotImplementedError

    def _count(self, packet: RtpPacket) -> None:
        if self._statistics is None or packet.ssrc != self.ssrc:
            self.ssrc = packet.ssrc
            self._statistics = StreamStatistics(self.rate)
        self._statistics.add(packet)

    def block(self) -> RtcpReceiverInfo:
        """Return the block about this track for a receiver report."""
        assert self._statistics is not None
        lost = self._statistics.fraction_lost
        self.loss = lost / 256
        delay = time.monotonic() - self.report_at if self.report else 0.0
        return RtcpReceiverInfo(
            ssrc=self.ssrc,
            fraction_lost=lost,
            packets_lost=self._statistics.packets_lost,
            highest_sequence=self._statistics.cycles + (self._statistics.max_seq or 0),
            jitter=self._statistics.jitter,
            lsr=self.report,
            dlsr=int(min(delay, 65535) * 65536),
        )


def _handed_codec(codec: RTCRtpCodecParameters) -> HandedCodec:
    repairs = codec.parameters.get("apt")
    return HandedCodec(
        codec.payloadType or 0,
        codec.mimeType,
        codec.clockRate,
        repairs if isinstance(repairs, int) else None,
    )


def _codec(handed: HandedCodec) -> RTCRtpCodecParameters:
    parameters: dict[str, int | str | None] = (
        {} if handed.repairs is None else {"apt": handed.repairs}
    )
    return RTCRtpCodecParameters(
        mimeType=handed.name,
        clockRate=handed.rate,
        payloadType=handed.payload_type,
        parameters=parameters,
    )


class _IncomingAudio(_IncomingTrack):
    def __init__(self, sound: JitterBuffer) -> None:
        super().__init__()
        self._sound = sound

    def take(self, packet: RtpPacket, now: float) -> None:
        self._count(packet)
        if self.codecs[packet.payload_type].mimeType != RED:
            self._sound.put(packet.timestamp, packet.payload)
            return
        with contextlib.suppress(ValueError):
            for at, payload in redundancy.unpacked(packet.timestamp, packet.payload):
                self._sound.put(at, payload, again=at != packet.timestamp)


class _IncomingVideo(_IncomingTrack):
    rate = 90_000

    def __init__(
        self, picture: VideoDecoder, nack: Callable[[list[int]], None], want_key: Callable[[], None]
    ) -> None:
        super().__init__()
        self._begin = partial(FrameAssembly, nack, want_key)
        self.assembly = self._begin()
        self._picture = picture

    def begin_anew(self) -> None:
        """Wait for a keyframe, because earlier frames were dropped."""
        self.assembly = self._begin()

    def take(self, packet: RtpPacket, now: float) -> None:
        codec = self.codecs[packet.payload_type]
        # The first two bytes of a retransmission name the packet that it repeats (RFC 4588). It is
        # not counted: otherwise the statistics would hide the loss that it repairs.
        if is_rtx(codec):
            kind = codec.parameters.get("apt")
            if len(packet.payload) < 2 or not isinstance(kind, int) or kind not in self.codecs:
                return
            packet, codec = unwrap_rtx(packet, kind, self.ssrc), self.codecs[kind]
        else:
            if self.seen and packet.ssrc != self.ssrc:  # another camera, with its own numbering
                self.assembly = self._begin()
            self._count(packet)
        for whole in self.assembly.add(packet, codec, now):
            self._picture.put(whole)
