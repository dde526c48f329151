"""A listener's peer (WHEP): packets of the program out, reports in."""

import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from aiortc.rtcrtptransceiver import RTCRtpTransceiver
from aiortc.rtp import (
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSrPacket,
)

from hemicycle.engine.rtc import rtcp
from hemicycle.engine.rtc.fan_out import fan_out_of
from hemicycle.engine.rtc.media_port import MediaPort
from hemicycle.engine.rtc.offers import MediaKind
from hemicycle.engine.rtc.outgoing_stream import HandedStream, OutgoingStream
from hemicycle.engine.rtc.peer import HandedPeer, OnPeerState, Peer
from hemicycle.engine.rtc.srtp import SrtpSender
from hemicycle.engine.streams import PICTURE_RATE, SOUND_RATE, Output


@dataclass(frozen=True, slots=True)
class HandedListener:
    """A listener's peer for another process."""

    peer: HandedPeer
    sound: HandedStream | None
    picture: HandedStream | None
    zero: float | None


class ListenerPeer(Peer):
    """A peer that receives the packets of one sound output and one picture output."""

    direction = "sendonly"
    codecs: ClassVar[Mapping[MediaKind, Sequence[str]]] = {
        "audio": ("audio/opus",),
        "video": ("video/H264;42e01f", "video/H264;42001f"),
    }

    def __init__(
        self,
        port: MediaPort,
        on_state: OnPeerState,
        sound: Output,
        picture: Output | None = None,
        handed: HandedListener | None = None,
    ) -> None:
        super().__init__(port, on_state, handed.peer if handed else None)
        self._outputs: dict[str, Output | None] = {"audio": sound, "video": picture}
        self._streams: dict[str, OutgoingStream] = {}
        self._by_ssrc: dict[int, OutgoingStream] = {}
        self._sealer: SrtpSender | None = None
        self._zero = handed.zero if handed else None
        self._has_sent = handed is None
        if handed is not None:
            self._resume({"audio": handed.sound, "video": handed.picture})

    def hear(self, output: Output) -> None:
        """Switch to another channel's sound, from the next packet on."""
        self._outputs["audio"] = output
        if stream := self._streams.get("audio"):
            stream.join(fan_out_of(output))

    @property
    def channel(self) -> str:
        """The channel that is heard; "" for none."""
        output = self._outputs["audio"]
        return output.name if output else ""

    @property
    def picture(self) -> Output | None:
        """The picture that is seen; None for none."""
        return self._outputs["video"]

    @property
    def loss(self) -> float:
        """Share of packets that the listener missed recently, 0 to 1; that of the worse source."""
        return max((stream.heard.lost for stream in self._streams.values()), default=0.0)

    @property
    def jitter_s(self) -> float:
        """How irregularly packets reach it, in seconds, of the worse source."""
        return max((stream.heard.jitter_s for stream in self._streams.values()), default=0.0)

    @property
    def packets(self) -> int:
        """How many packets were sent."""
        return sum(stream.packets for stream in self._streams.values())

    def _settle(self, transceiver: RTCRtpTransceiver) -> None:
        """Use headers without extensions, and no bandwidth estimation: all listeners get the
        same bits.
        """
        ours: Any = transceiver
        ours._headerExtensions = []
        for codec in ours._codecs:
            codec.rtcpFeedback = [
                feedback for feedback in codec.rtcpFeedback if feedback.type != "goog-remb"
            ]

    def opened(self, transceiver: RTCRtpTransceiver, parameters: Any) -> None:
        """Start the flow of a line."""
        output = self._outputs[transceiver.kind]
        begins = HandedStream.negotiated(transceiver.sender, parameters)
        stream = self._stream(transceiver.kind, begins)
        if output is not None:
            stream.join(fan_out_of(output))

    def _stream(self, kind: str, begins: HandedStream) -> OutgoingStream:
        if self._sealer is None:
            keys = self._keys()
            assert keys is not None
            self._sealer = SrtpSender(keys)
        stream = OutgoingStream(
            begins,
            rate=SOUND_RATE if kind == "audio" else PICTURE_RATE,
            gated=kind == "video",
            nominated=self._nominated,
            sealer=self._sealer,
            clock=time.monotonic,
        )
        self._streams[kind] = self._by_ssrc[stream.ssrc] = stream
        return stream

    # -- from one process to the next

    def handed(self, descriptors: list[int]) -> HandedListener | None:
        """Return it for another process; None if it cannot be moved (`Peer.handed_peer`)."""
        peer = self.handed_peer(descriptors)
        if peer is None:
            return None
        streams = {kind: stream.handed() for kind, stream in self._streams.items()}
        return HandedListener(peer, streams.get("audio"), streams.get("video"), self._zero)

    def _resume(self, lines: Mapping[str, HandedStream | None]) -> None:
        keys = self._keys()
        assert keys is not None
        for kind, begins in lines.items():
            if begins is not None:
                self._stream(kind, begins)
                keys.advance(begins.ssrc, begins.next - 1)
                if begins.rtx_kind is not None:
                    keys.advance(begins.rtx_ssrc, begins.rtx_next)

    async def inherit(self, handed: HandedPeer, sockets: Sequence[socket.socket]) -> None:
        """Take what another process had, as `Peer.inherit` does."""
        await super().inherit(handed, sockets)
        for stream in self._streams.values():
            stream.goes_by(self._nominated)

    def rest(self) -> None:
        """Leave the fan-outs, and neither read nor send."""
        super().rest()
        for stream in self._streams.values():
            stream.leave()

    def go_on(self) -> None:
        """Take frames again; new encoders begin with a keyframe."""
        is_new = not self._has_sent
        self._has_sent = True
        super().go_on()
        for kind, stream in self._streams.items():
            if (output := self._outputs[kind]) is not None:
                stream.join(fan_out_of(output), same=not is_new)

    def rtcp_came(self, packet: Any) -> None:
        """Handle reports, and requests of the listener."""
        if isinstance(packet, RtcpRrPacket | RtcpSrPacket):
            now = rtcp.ntp(time.monotonic())
            for report in packet.reports:
                if stream := self._by_ssrc.get(report.ssrc):
                    trip = stream.reported(report, now)
                    if trip is not None:
                        self.measured(trip)
        elif isinstance(packet, RtcpRtpfbPacket) and packet.fmt == RTCP_RTPFB_NACK:
            if stream := self._by_ssrc.get(packet.media_ssrc):
                stream.send_again(packet.lost)
        elif isinstance(packet, RtcpPsfbPacket) and packet.fmt in (RTCP_PSFB_PLI, RTCP_PSFB_FIR):
            for stream in self._streams.values():
                stream.want_key()

    def every_second(self) -> None:
        """Send sender reports: both sources on one clock, so that lips and voice agree."""
        if self._zero is None:
            known = (stream.zero for stream in self._streams.values())
            self._zero = next((zero for zero in known if zero is not None), None)
        if self._zero is not None:
            streams = self._streams.values()
            self.send_rtcp(b"".join(stream.report(self._zero) for stream in streams))

    async def close(self, reason: str) -> None:
        """Leave the fan-outs first, so that nothing more is sent."""
        for stream in self._streams.values():
            stream.leave()
        await super().close(reason)
