"""A listener's peer (WHEP): packets of the program out, reports in.

The listener gets the rung of the ladder that its link can carry (`link_estimate`). Sound comes
first: on a narrow link the picture becomes small, is spread over time, and is finally left out.
"""

import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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

from hemicycle.engine.reduced import rungs
from hemicycle.engine.reduced.rungs import Rung, Seen
from hemicycle.engine.rtc import redundancy, rtcp
from hemicycle.engine.rtc.fan_out import fan_out_of
from hemicycle.engine.rtc.link_estimate import LinkEstimate, Train
from hemicycle.engine.rtc.media_port import MediaPort
from hemicycle.engine.rtc.offers import MediaKind, SdpOffer
from hemicycle.engine.rtc.outgoing_stream import HandedStream, OutgoingStream
from hemicycle.engine.rtc.peer import HandedPeer, OnPeerState, Peer
from hemicycle.engine.rtc.srtp import SrtpSender
from hemicycle.engine.streams import PICTURE_RATE, SOUND_RATE, Output

PACE = 1.3
"""The factor by which a picture may leave faster than its bit rate on a narrow link."""


@dataclass(frozen=True, slots=True)
class HandedListener:
    """The state of a listener's peer for another process; `rung` is its rung, 0 the best."""

    peer: HandedPeer
    sound: HandedStream | None
    picture: HandedStream | None
    zero: float | None
    rung: int


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
        sound: Output | None,
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
        self._rungs = rungs.ladder(picture)
        self._link = LinkEstimate(len(self._rungs), time.monotonic(), handed.rung if handed else 0)
        self._measures = False
        self._needs_bps: Sequence[int] = ()
        self._needs_of: tuple[tuple[Rung, ...], Output | None, int] | None = None
        """What the needs were computed from: each report asks for them, and they seldom change."""
        if handed is not None:
            self._resume({"audio": handed.sound, "video": handed.picture})

    def hear(self, output: Output) -> None:
        """Switch to another channel's sound, from the next packet on."""
        self._outputs["audio"] = output
        self._join("audio")

    @property
    def channel(self) -> str:
        """The channel that the listener hears; "" for none."""
        output = self._outputs["audio"]
        return output.name if output is not None else ""

    @property
    def picture(self) -> Output | None:
        """The picture that the listener takes; None for none."""
        return self._outputs["video"]

    @property
    def loss(self) -> float:
        """The share of packets that the listener missed recently, 0 to 1, for the worse source."""
        return max((stream.heard.lost for stream in self._streams.values()), default=0.0)

    @property
    def jitter_s(self) -> float:
        """How irregularly packets reach the listener, in seconds, for the worse source."""
        return max((stream.heard.jitter_s for stream in self._streams.values()), default=0.0)

    @property
    def packets(self) -> int:
        """How many packets were sent."""
        return sum(stream.packets for stream in self._streams.values())

    @property
    def seen(self) -> Seen:
        """How much of the picture the listener gets; "none" also if it takes no picture."""
        is_wanted = "video" in self._streams or not self._streams
        return self._rungs[self._link.rung].seen if is_wanted else "none"

    @property
    def saves(self) -> bool:
        """Whether the listener gets less than the program, because its link cannot carry more."""
        return self._link.rung > 0

    def _settle(self, transceiver: RTCRtpTransceiver, offer: SdpOffer) -> None:
        """Use headers without extensions: one layout of a packet serves all listeners."""
        ours: Any = transceiver
        ours._headerExtensions = []
        if transceiver.kind == "audio" and offer.redundant is not None:
            ours._codecs = [*ours._codecs, offer.redundant]
        for codec in ours._codecs:
            codec.rtcpFeedback = [
                feedback for feedback in codec.rtcpFeedback if feedback.type != "goog-remb"
            ]

    def opened(self, transceiver: RTCRtpTransceiver, parameters: Any) -> None:
        """Start sending on a negotiated line."""
        begins = HandedStream.negotiated(transceiver.sender, parameters)
        self._stream(transceiver.kind, begins)
        self._ladder()
        self._join(transceiver.kind)

    def _ladder(self) -> None:
        """Set the ladder; without a line for the picture, it has sound alone."""
        picture = self._outputs["video"] if "video" in self._streams else None
        self._rungs = rungs.ladder(picture)
        self._link.rungs = len(self._rungs)
        self._link.rung = min(self._link.rung, self._link.rungs - 1)

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

    # -- hand-over to another process

    def handed(self, descriptors: list[int]) -> HandedListener | None:
        """Return the state for another process; None if it cannot be moved (`Peer.handed_peer`)."""
        peer = self.handed_peer(descriptors)
        if peer is None:
            return None
        streams = {kind: stream.handed() for kind, stream in self._streams.items()}
        audio, video = streams.get("audio"), streams.get("video")
        return HandedListener(peer, audio, video, self._zero, self._link.rung)

    def _resume(self, lines: Mapping[str, HandedStream | None]) -> None:
        keys = self._keys()
        assert keys is not None
        for kind, begins in lines.items():
            if begins is not None:
                self._stream(kind, begins)
                keys.advance(begins.ssrc, begins.next - 1)
                if begins.rtx_kind is not None:
                    keys.advance(begins.rtx_ssrc, begins.rtx_next)
        self._ladder()

    async def inherit(self, handed: HandedPeer, sockets: Sequence[socket.socket]) -> None:
        """Take over the state of another process, as `Peer.inherit` does."""
        await super().inherit(handed, sockets)
        for stream in self._streams.values():
            stream.goes_by(self._nominated)

    def rest(self) -> None:
        """Leave the fan-outs, and neither read nor send."""
        super().rest()
        self._leave()

    def _leave(self) -> None:
        for stream in self._streams.values():
            stream.leave()
            stream.drop_paced()

    def go_on(self) -> None:
        """Take frames again; new encoders begin with a keyframe."""
        is_new = not self._has_sent
        self._has_sent = True
        super().go_on()
        for kind in self._streams:
            self._join(kind, same=not is_new)

    def rtcp_came(self, packet: Any) -> None:
        """Handle reports, and requests of the listener."""
        if isinstance(packet, RtcpRrPacket | RtcpSrPacket):
            now = rtcp.ntp(time.monotonic())
            for report in packet.reports:
                if stream := self._by_ssrc.get(report.ssrc):
                    self._reported(stream, report, now)
        elif isinstance(packet, RtcpRtpfbPacket) and packet.fmt == RTCP_RTPFB_NACK:
            if stream := self._by_ssrc.get(packet.media_ssrc):
                asked, sent_per_s = stream.send_again(packet.lost), stream.packets_per_s
                now_s, needs = time.monotonic(), self._needs()
                self._changed(self._link.asked_again(asked, sent_per_s, now_s, needs))
        elif isinstance(packet, RtcpPsfbPacket) and packet.fmt in (RTCP_PSFB_PLI, RTCP_PSFB_FIR):
            for stream in self._streams.values():
                stream.want_key()

    def measured(self, rtt_s: float) -> None:
        """Keep the duration of a round trip, in seconds."""
        super().measured(rtt_s)
        for stream in self._streams.values():
            stream.rtt_s = self.rtt_s

    # -- what the link can carry

    def _join(self, kind: str, *, same: bool = False) -> None:
        """Take the frames of the output that the rung has for a line."""
        stream, rung = self._streams.get(kind), self._rungs[self._link.rung]
        if stream is None:
            return
        output = rung.picture if kind == "video" else self._outputs["audio"]
        if output is not None and kind == "audio" and rung.slim:
            output = rungs.slim(output)
        if output is None:
            stream.leave()
        elif stream.fan_out is not fan_out_of(output):
            stream.join(fan_out_of(output), same=same)
        if kind == "video":
            rate = 0 if output is None or self._link.rung == 0 else output.bit_rate
            stream.pace(round(PACE * rate))

    def _needs(self) -> Sequence[int]:
        """Return the bits per second of each rung, as sound is sent now."""
        copies = 1
        if (stream := self._streams.get("audio")) and stream.redundant:
            copies += len(redundancy.BEHIND)
        of = (self._rungs, self._outputs["audio"], copies)
        if of != self._needs_of:
            self._needs_of = of
            self._needs_bps = [rung.needs_bps(of[1], copies) for rung in self._rungs]
        return self._needs_bps

    def _reported(self, stream: OutgoingStream, report: Any, now: int) -> None:
        now_s, needs = time.monotonic(), self._needs()
        counted = stream.counted(report, now_s)
        changed = self._link.reported(stream.ssrc, counted, needs)
        trip = stream.reported(report, now)
        if trip is not None:
            self.measured(trip)
            changed = self._link.trip(trip, now_s, needs) or changed
        self._changed(changed)

    def _changed(self, changed: bool) -> None:
        """Apply the estimate: the redundancy of sound, and a changed rung."""
        if audio := self._streams.get("audio"):
            audio.redundant = audio.has_redundancy and self._link.lossy(time.monotonic())
        if changed and not self._rests:
            for kind in self._streams:
                self._join(kind)

    def _climb(self) -> None:
        """Measure the link if it may carry more now; without a picture, try the next rung."""
        now, needs = time.monotonic(), self._needs()
        self._link.settled(now)
        trains = self._link.trains(now, needs)
        if not trains or self._measures:
            return
        if "video" in self._streams:
            self._begin(self._measure(trains))
        else:
            self._changed(self._link.up(now))

    async def _measure(self, trains: Sequence[Train]) -> None:
        """Send trains, with a request before them and one behind each; step up if all pass."""
        self._measures, rung = True, self._link.rung
        try:
            before_s = await self.round_trip()
            for train in trains:
                sent = self._streams["video"].send_train(train.bits)
                behind_s = await self.round_trip() if sent else None
                if rung != self._link.rung:
                    return
                if not sent:
                    break
                if before_s is None or behind_s is None:
                    return
                now, needs = time.monotonic(), self._needs()
                as_sent = replace(train, bits=sent)
                if not self._link.measured(as_sent, before_s, behind_s, now, needs):
                    return
            self._changed(self._link.up(time.monotonic()))
        finally:
            self._measures = False

    def every_second(self) -> None:
        """Send sender reports: both sources on one clock, so that lips and voice agree."""
        for stream in self._streams.values():
            stream.count_second()
        self._changed(changed=False)
        self._climb()
        if self._zero is None:
            known = (stream.zero for stream in self._streams.values())
            self._zero = next((zero for zero in known if zero is not None), None)
        if self._zero is not None:
            streams = self._streams.values()
            self.send_rtcp(b"".join(stream.report(self._zero) for stream in streams))

    async def close(self, reason: str) -> None:
        """Leave the fan-outs first, so that nothing more is sent."""
        self._leave()
        await super().close(reason)
