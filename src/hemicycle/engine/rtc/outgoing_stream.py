"""One source (SSRC) to one listener: headers, recently sent packets, and reports."""

import asyncio
import contextlib
import errno
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from aiortc.utils import random16, random32

from hemicycle.engine.rtc import rtcp
from hemicycle.engine.rtc.fan_out import FanOut
from hemicycle.engine.rtc.ice_transport import COMPONENT
from hemicycle.engine.rtc.link_estimate import LossCount
from hemicycle.engine.rtc.offers import RED
from hemicycle.engine.rtc.packetizer import DATAGRAM, HEADER, FramePackets
from hemicycle.engine.rtc.srtp import SrtpSender

REMEMBERED = 50
"""Frames kept for retransmission: two seconds of picture, one of sound."""

MOST_AGAIN = 300
"""The most packets sent again within a second."""

AGAIN_AFTER_S = 0.02
"""Seconds, or most of a round trip, within which the same packet is not sent again, however often
it is requested."""

ONCE_MORE_S = 0.01
"""Seconds after which a retransmitted packet is sent once more.

A retransmission is lost as easily as the first packet, and a browser that only listens repeats its
request after a tenth of a second: two such waits freeze the picture.
"""

MOST_PACED_S = 1.0
"""Seconds for which paced packets may wait; beyond that, frames are dropped until a keyframe."""

UDP_SEGMENT = 103
"""The option (Linux, <linux/udp.h>) to send packets of one size, the last shorter, in one call."""

_SOL_UDP = 17
_NO_SEGMENTS = {errno.EIO, errno.EINVAL, errno.EMSGSIZE, errno.EOPNOTSUPP}


@dataclass(slots=True)
class ReceiverStats:
    """What the listener last reported about this source."""

    lost: float = 0.0
    """Share of packets, 0 to 1."""
    jitter_s: float = 0.0
    first: int | None = None
    """The highest sequence number of the first report."""


@dataclass(frozen=True, slots=True)
class _PacedPacket:
    """A packet that waits to be sent; sequence numbers are given in the order of sending."""

    payload: bytes
    kind: int
    sequence: int
    timestamp: int


@dataclass(frozen=True, slots=True)
class HandedStream:
    """The state of a source, for another process or at its beginning.

    `kind`, `rtx_kind` and `red_kind` are payload types. `next` is the number of the next packet,
    and `rtx_next` that of the last retransmission; both are whole numbers, with the rollover
    counter. `origin` is the RTP time of the source's time 0, and `zero` is the monotonic time of
    that moment, in seconds.
    """

    ssrc: int
    rtx_ssrc: int
    kind: int
    rtx_kind: int | None
    red_kind: int | None
    cname: str
    next: int
    rtx_next: int
    origin: int
    last_pts: int = -1
    zero: float | None = None
    packets: int = 0
    octets: int = 0

    @classmethod
    def negotiated(cls, sender: Any, parameters: Any) -> "HandedStream":
        """Return a new source of a negotiated line (aiortc's sender and its parameters)."""
        first, *others = parameters.codecs
        repairs = (other for other in others if other.parameters.get("apt") == first.payloadType)
        redundant = (other for other in others if other.mimeType == RED)
        # Below 2^15, so that the numbers do not wrap soon after the start: a listener that loses
        # the packets around an early wrap would guess another rollover counter (SRTP).
        return cls(
            ssrc=sender._ssrc,
            rtx_ssrc=sender._rtx_ssrc,
            kind=first.payloadType,
            rtx_kind=next((other.payloadType for other in repairs), None),
            red_kind=next((other.payloadType for other in redundant), None),
            cname=parameters.rtcp.cname,
            next=random16() % 32768,
            rtx_next=random16() % 32768,
            origin=random32(),
        )


class OutgoingStream:
    """Sound or picture to one listener; a `FanOutTarget` of the fan-out that it has joined.

    `rate` is the rate of the source's clock in Hz; with `gated`, no frame precedes a keyframe.
    """

    # There are more attributes than CPython keeps beside an object (30). Reading a dictionary is
    # slower, and 200 seats get 15,000 frames a second.
    __slots__ = (
        "_again", "_asked_for", "_begins", "_clock", "_cname", "_counted", "_gated", "_kind",
        "_last_pts", "_last_second", "_next_paced", "_nominated", "_octets", "_origin",
        "_pace_bps", "_paced", "_paced_bits", "_pair", "_red_kind", "_rtx_kind", "_rtx_sequence",
        "_rtx_ssrc", "_sealer", "_segmented", "_sent", "_sequence", "_shut", "_since", "_sock",
        "fan_out", "heard", "packets", "rate", "redundant", "rtt_s", "ssrc", "zero",
    )  # fmt: skip

    def __init__(
        self,
        begins: HandedStream,
        *,
        rate: int,
        gated: bool,
        nominated: dict[int, Any],
        sealer: SrtpSender,
        clock: Callable[[], float],
    ) -> None:
        self.rate = rate
        self.ssrc = begins.ssrc
        self.heard = ReceiverStats()
        self.packets, self._octets = begins.packets, begins.octets
        self.zero = begins.zero
        self.rtt_s = 0.0
        """The round trip to the listener, in seconds; 0 while it is not known."""
        self._last_second, self._counted = 0, begins.packets
        self._begins = begins
        self._kind, self._rtx_kind = begins.kind, begins.rtx_kind
        self._red_kind = begins.red_kind
        self.redundant = False
        """Whether sound is sent with older sound, if the listener supports that."""
        self._pace_bps = 0
        self._paced: deque[_PacedPacket] = deque()
        self._paced_bits = 0
        self._next_paced: asyncio.TimerHandle | None = None
        self._rtx_ssrc, self._rtx_sequence = begins.rtx_ssrc, begins.rtx_next
        self._cname = begins.cname.encode()
        self._sequence, self._origin = begins.next, begins.origin
        self._gated = self._shut = gated
        self._last_pts = begins.last_pts
        self._again: dict[int, float] = {}
        self._asked_for: set[int] = set()
        self._since = begins.next
        """The number of the first packet that can still be asked for."""
        self._sent: deque[tuple[int, FramePackets]] = deque(maxlen=REMEMBERED)
        self._nominated = nominated
        self._sealer = sealer
        self._clock = clock
        self._pair: Any = None
        self._sock: Any = None
        self._segmented = False
        self.fan_out: FanOut | None = None

    # -- to the listener

    def handed(self) -> HandedStream:
        """Return the state of the stream for another process."""
        return replace(
            self._begins,
            next=self._sequence,
            rtx_next=self._rtx_sequence,
            last_pts=self._last_pts,
            zero=self.zero,
            packets=self.packets,
            octets=self._octets,
        )

    def join(self, fan_out: FanOut, *, same: bool = False) -> None:
        """Take the frames of another fan-out from the next one on. Numbers and times continue.

        With `same`, the frames continue where they stopped, so that no keyframe is needed.
        """
        self.leave()
        self.fan_out = fan_out
        fan_out.add(self)
        if self._gated and not same:
            self._shut = True
            # After the coming keyframe, nobody needs packets that were lost before it.
            self._sent.clear()
            self._since = self._sequence
            fan_out.want_key()

    def goes_by(self, nominated: dict[int, Any]) -> None:
        """Send over the pair in `nominated` from now on."""
        self._nominated, self._pair = nominated, None

    def pace(self, bps: int) -> None:
        """Spread the packets of a frame so that no more than `bps` leave in a second (0: all at
        once).

        A keyframe sent at once would fill a narrow link, and delay the sound behind it.
        """
        self._pace_bps = bps

    @property
    def has_redundancy(self) -> bool:
        """Whether the listener takes redundant sound."""
        return self._red_kind is not None

    def leave(self) -> None:
        """Stop taking frames."""
        if self.fan_out is not None:
            self.fan_out.remove(self)
            self.fan_out = None

    def skipped(self) -> None:
        """Note that frames were dropped before they came here: wait for a keyframe."""
        if self._gated and not self._shut:
            self._shut = True
            self.want_key()

    def want_key(self) -> None:
        """Ask the encoder for a keyframe, which the listener needs to continue."""
        if self._gated and self.fan_out is not None:
            self.fan_out.want_key()

    def put(self, burst: FramePackets) -> None:
        """Send a frame; drop a picture before a keyframe, and a frame that was sent already."""
        if self._shut:
            if not burst.keyframe:
                return
            self._shut = False
        # A new fan-out may be a few frames behind the previous one; the stream's time must never go
        # back.
        if self.fan_out is None or burst.pts <= self._last_pts or not self._find_way():
            return
        if self.zero is None:
            self.zero = self._clock() - burst.pts / self.rate
        self._last_pts = burst.pts
        try:
            self._send(burst)
        except OSError as error:  # the send buffer is full, or the socket is closing
            if self._segmented and error.errno in _NO_SEGMENTS:
                self._stop_segmenting()
            # Never wait for one slow listener: the frame is lost to this listener, and a keyframe
            # repairs the picture.
            self.skipped()

    def _send(self, burst: FramePackets) -> None:
        timestamp = (self._origin + burst.pts) & 0xFFFFFFFF
        if self._pace_bps or self._paced:
            self._send_paced(burst, timestamp)
            return
        if self.redundant and self._red_kind is not None:
            payload = burst.redundant(self._kind, self._sealer.tag)
            if payload:
                self._send_one(payload, burst, timestamp)
                return
        runs = burst.runs(self._sealer.tag)
        first = sequence = self._sequence
        for run in runs:
            count = len(run.lengths)
            self._sequence = sequence + count
            data = self._sealer.seal(
                run, self._kind, sequence & 0xFFFF, timestamp, self.ssrc, ends=run is runs[-1]
            )
            self._put_out(data, count)
            sequence = self._sequence
            self.packets += count
            self._octets += run.size
        self._sent.append((first, burst))

    def _send_one(self, payload: bytes, burst: FramePackets, timestamp: int) -> None:
        assert self._red_kind is not None
        number = self._sequence
        self._sequence += 1
        self._put_out_one(_PacedPacket(payload, self._red_kind | 0x80, number & 0xFFFF, timestamp))
        self._sent.append((number, burst))

    def _put_out_one(self, packet: _PacedPacket) -> None:
        data = self._sealer.seal_one(
            packet.payload, packet.kind, packet.sequence, packet.timestamp, self.ssrc
        )
        self.packets += 1
        self._octets += len(data)
        self._put_out(data, 1)

    def _send_paced(self, burst: FramePackets, timestamp: int) -> None:
        if self._paced_bits > MOST_PACED_S * self._pace_bps > 0:
            self.skipped()
            return
        payloads = burst.payloads(self._sealer.tag)
        self._sent.append((self._sequence, burst))
        for number, payload in enumerate(payloads):
            marked = self._kind | (0x80 if number == len(payloads) - 1 else 0)
            packet = _PacedPacket(payload, marked, self._sequence & 0xFFFF, timestamp)
            self._paced.append(packet)
            self._paced_bits += 8 * (len(payload) + HEADER)
            self._sequence += 1
        if self._next_paced is None:
            self._go_on_paced()

    def _go_on_paced(self) -> None:
        self._next_paced = None
        if not self._paced:
            return
        packet = self._paced.popleft()
        bits = 8 * (len(packet.payload) + HEADER)
        self._paced_bits -= bits
        if self._find_way():
            # A packet that cannot be sent is lost like any other: the listener asks for it again.
            with contextlib.suppress(OSError):
                self._put_out_one(packet)
        wait = bits / self._pace_bps if self._pace_bps else 0.0
        self._next_paced = asyncio.get_running_loop().call_later(wait, self._go_on_paced)

    def drop_paced(self) -> None:
        """Drop the paced packets that wait to be sent."""
        if self._next_paced is not None:
            self._next_paced.cancel()
            self._next_paced = None
        self._paced.clear()
        self._paced_bits = 0

    def send_train(self, bits: int) -> int:
        """Send packets of the last frames again, together, for a measurement; return their bits.

        They are no more than `bits`, but at least one packet if any is kept. A listener drops them
        as repeated packets.
        """
        if self._rtx_kind is None or not self._find_way():
            return 0
        sent = 0
        for first, burst in reversed(self._sent):
            for at, payload in enumerate(burst.payloads(self._sealer.tag)):
                size = 8 * (len(payload) + HEADER)
                if sent and sent + size > bits:
                    continue  # a smaller one may fit
                self._put_out_again(self._seal_again((first + at) & 0xFFFF, payload, burst, 0))
                sent += size
        return sent

    def _put_out(self, data: memoryview, count: int) -> None:
        assert self._sock is not None
        if count == 1 or self._segmented:
            self._sock.send(data)
            return
        for at in range(0, len(data), DATAGRAM):
            self._sock.send(data[at : at + DATAGRAM])

    def _find_way(self) -> bool:
        pair = self._nominated.get(COMPONENT)
        if pair is None:
            return False
        if pair is not self._pair:
            try:
                self._sock = pair.protocol.sock_to(pair.remote_addr)
            except OSError:  # the socket was closed a moment ago
                return False
            self._pair = pair
            self._segmented = _segment(self._sock, DATAGRAM)
        return True

    def _stop_segmenting(self) -> None:
        """Send one packet per call: the network device cannot segment."""
        self._segmented = False
        if self._sock is not None:
            _segment(self._sock, 0)

    # -- from the listener

    def send_again(self, lost: list[int]) -> int:
        """Send those of the lost packets again that are still kept (RFC 4585, RFC 4588).

        Return how many of them are requested for the first time in this second. Packets from
        before a change of fan-out do not count: they say nothing about what the link can carry now,
        and listeners continue to ask for them, since they never come.
        """
        new = {at for at in lost if (at - self._since) & 0xFFFF < 1 << 15} - self._asked_for
        self._asked_for |= new
        if not self._find_way():
            return len(new)
        now = self._clock()
        sent = []
        for sequence in lost:
            # A browser repeats its request while the first answer is still on its way, and a
            # hostile listener could make us send without limit.
            on_its_way_s = max(AGAIN_AFTER_S, 0.8 * self.rtt_s)
            just_sent = now - self._again.get(sequence, -1.0) < on_its_way_s
            if just_sent or len(self._again) >= self._most_again or not self._send_again(sequence):
                continue
            self._again[sequence] = now
            sent.append(sequence)
        # Not on a narrow link, where a packet that is sent twice takes the place of another one.
        if sent and self._rtx_kind is not None and not self._pace_bps:
            asyncio.get_running_loop().call_later(ONCE_MORE_S, self._once_more, sent)
        return len(new)

    @property
    def _most_again(self) -> int:
        """How many packets may be sent again in this second; on a narrow link, half of its bits."""
        return max(1, self._pace_bps // (2 * 8 * DATAGRAM)) if self._pace_bps else MOST_AGAIN

    def _once_more(self, sequences: list[int]) -> None:
        if self.fan_out is not None:  # unless the stream has left it in the meantime
            for sequence in sequences:
                self._send_again(sequence)

    def _send_again(self, sequence: int) -> bool:
        payload, burst, marked = self._remembered(sequence)
        if burst is None:
            return False
        self._put_out_again(self._seal_again(sequence, payload, burst, marked))
        return True

    def _remembered(self, sequence: int) -> tuple[bytes, FramePackets | None, int]:
        for first, burst in reversed(self._sent):
            at = (sequence - first) & 0xFFFF
            # Packets of a frame are numbered from its first one; the newest frame is searched
            # first.
            payloads = burst.payloads(self._sealer.tag)
            if at < len(payloads):
                return payloads[at], burst, 0x80 if at == len(payloads) - 1 else 0
        return b"", None, 0

    def _put_out_again(self, data: memoryview) -> None:
        """Send one packet unsegmented: with RTX it is two bytes longer than a full one."""
        assert self._sock is not None
        whole = [(_SOL_UDP, UDP_SEGMENT, b"\0\0")] if self._segmented else []
        with contextlib.suppress(OSError):
            self._sock.sendmsg([data], whole)

    def _seal_again(
        self, sequence: int, payload: bytes, burst: FramePackets, marked: int
    ) -> memoryview:
        timestamp = (self._origin + burst.pts) & 0xFFFFFFFF
        if self._rtx_kind is None:
            return self._sealer.seal_one(
                payload, self._kind | marked, sequence, timestamp, self.ssrc
            )
        whole = sequence.to_bytes(2) + payload
        self._rtx_sequence += 1
        return self._sealer.seal_one(
            whole, self._rtx_kind | marked, self._rtx_sequence, timestamp, self._rtx_ssrc
        )

    @property
    def packets_per_s(self) -> int:
        """Packets of the last second, or of this one if they are more already."""
        return max(self._last_second, self.packets - self._counted)

    def count_second(self) -> None:
        """Count the packets of the second that ends now."""
        self._last_second, self._counted = self.packets - self._counted, self.packets
        self._asked_for.clear()

    def counted(self, report: Any, now: float) -> LossCount:
        """Return the listener's count of packets from a block of a receiver report."""
        highest = report.highest_sequence
        if self.heard.first is None:
            self.heard.first = highest
        return LossCount(now, highest - self.heard.first, report.packets_lost)

    def reported(self, report: Any, now: int) -> float | None:
        """Take a receiver report's block about this source; return the round trip in seconds."""
        self.heard.lost = report.fraction_lost / 256
        self.heard.jitter_s = report.jitter / self.rate
        return rtcp.round_trip_s(now, report.lsr, report.dlsr)

    def report(self, zero: float) -> bytes:
        """Return a sender report for now, on a clock whose 0 is at `zero` (s, monotonic)."""
        # This is called each second, and starts the next second's allowance of retransmissions.
        self._again.clear()
        now = self._clock()
        rtp = self._origin + int((now - zero) * self.rate)
        return rtcp.sender_report(
            self.ssrc,
            self._cname,
            stamp=rtcp.ntp(now),
            rtp=rtp,
            packets=self.packets,
            octets=self._octets,
        )


def _segment(sock: Any, size: int) -> bool:
    """Let the system cut buffers into datagrams of `size` (Linux 4.18); return whether it can."""
    try:
        sock.setsockopt(_SOL_UDP, UDP_SEGMENT, size)
    except OSError:
        return False
    return True
