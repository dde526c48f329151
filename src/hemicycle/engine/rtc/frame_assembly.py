"""Assembles a publisher's packets into whole frames: in order, requesting lost packets again.

A frame is passed on when its last packet (marker bit) has arrived. A missing packet is requested at
once and again every `ASK_EVERY_S`, or after each round trip. After `GIVE_UP_S`, or two round trips
and a half, the frames up to the missing packet are dropped and a keyframe is requested.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from aiortc.codecs import depayload
from aiortc.rtcrtpparameters import RTCRtpCodecParameters

GIVE_UP_S = 0.4
ASK_EVERY_S = 0.04
MOST_MISSING = 200
MOST_HELD = 1500
"""The most packets held while one is missing; a keyframe of 1080p has a few hundred."""


@dataclass(frozen=True, slots=True)
class EncodedFrame:
    """One encoded frame, ready for a decoder."""

    codec: str
    data: bytes
    timestamp: int
    keyframe: bool


@dataclass(slots=True)
class _Missing:
    since: float
    asked: float = field(default=-1.0)


class FrameAssembly:
    """Assembles the packets of one source.

    `nack` is called with sequence numbers, `want_key` without arguments.
    """

    def __init__(self, nack: Callable[[list[int]], None], want_key: Callable[[], None]) -> None:
        self.lost = 0
        self.rtt_s = 0.0
        """The round trip to the sender, in seconds: a repeated packet cannot come sooner."""
        self._nack = nack
        self._want_key = want_key
        self._held: dict[int, tuple[Any, RTCRtpCodecParameters]] = {}
        self._missing: dict[int, _Missing] = {}
        self._next: int | None = None
        self._highest = 0
        # A decoder can start at a keyframe only, and the first packet may be from the middle of a
        # frame.
        self._needs_key = True
        self._mid_frame = True

    def add(self, packet: Any, codec: RTCRtpCodecParameters, now: float) -> list[EncodedFrame]:
        """Take a packet (RTX unwrapped) at `now` (s); return the frames that it completes."""
        at = self._whole_number(packet.sequence_number)
        if self._next is None:
            self._next = self._highest = at
        # The packet's frame was passed on or dropped already.
        if at < self._next:
            return []
        self._note(at, now)
        self._held[at] = (packet, codec)
        # A publisher that jumps with its numbers must not make us keep or request without limit.
        if len(self._held) > MOST_HELD or len(self._missing) > MOST_MISSING:
            self._give_up(self._highest)
        self._chase(now)
        return list(self._frames())

    def broken(self) -> None:
        """Wait for a keyframe, and request it: a frame was dropped, or could not be decoded."""
        self._needs_key = True
        self._want_key()

    def _whole_number(self, sequence: int) -> int:
        ahead = (sequence - self._highest) & 0xFFFF
        return self._highest + (ahead - (1 << 16) if ahead >= 1 << 15 else ahead)

    def _note(self, at: int, now: float) -> None:
        self._missing.pop(at, None)
        for number in range(max(self._highest + 1, at - MOST_MISSING - 1), at):
            self._missing[number] = _Missing(now)
        if at - self._highest > MOST_MISSING:
            self._give_up(at - 1)
        self._highest = max(self._highest, at)

    def _chase(self, now: float) -> None:
        if not self._missing:
            return
        give_up_s, ask_every_s = max(GIVE_UP_S, 2.5 * self.rtt_s), max(ASK_EVERY_S, self.rtt_s)
        old = [at for at, gap in self._missing.items() if now - gap.since > give_up_s]
        if old:
            self._give_up(max(old))
        due = [at for at, gap in self._missing.items() if now - gap.asked > ask_every_s]
        for at in due:
            self._missing[at].asked = now
        if due:
            self._nack([at & 0xFFFF for at in due])

    def _give_up(self, upto: int) -> None:
        """Drop everything up to a packet that will not come, and the rest of its frame."""
        self.lost += sum(at <= upto for at in self._missing)
        self._missing = {at: gap for at, gap in self._missing.items() if at > upto}
        self._held = {at: held for at, held in self._held.items() if at > upto}
        self._next = upto + 1
        # The next packet may belong to the frame that lost its beginning.
        self._mid_frame = True
        self.broken()

    def _frames(self) -> Iterator[EncodedFrame]:
        assert self._next is not None
        parts: list[tuple[Any, RTCRtpCodecParameters]] = []
        at = self._next
        while (part := self._held.get(at)) is not None:
            parts.append(part)
            at += 1
            if part[0].marker:
                for number in range(self._next, at):
                    del self._held[number]
                self._next = at
                yield from self._whole(parts)
                parts = []

    def _whole(self, parts: list[tuple[Any, RTCRtpCodecParameters]]) -> Iterator[EncodedFrame]:
        broken, self._mid_frame = self._mid_frame and not _begins(parts[0]), False
        try:
            data = b"".join(
                depayload(codec, packet.payload) for packet, codec in parts if packet.payload
            )
        except ValueError:
            return self.broken()
        if not data or broken:
            return None
        name = parts[0][1].name
        key = is_key(name, data)
        if self._needs_key and not key:
            return self._want_key()
        self._needs_key = False
        yield EncodedFrame(name, data, parts[0][0].timestamp, key)
        return None


def _begins(part: tuple[Any, RTCRtpCodecParameters]) -> bool:
    """Whether a packet is the first of a frame, as far as its payload shows."""
    packet, codec = part
    payload: bytes = packet.payload
    if len(payload) < 2:
        return False
    if codec.name == "VP8":
        return bool(payload[0] & 0x10) and not payload[0] & 0x0F  # S set, partition 0 (RFC 7741)
    return payload[0] & 0x1F != 28 or bool(payload[1] & 0x80)  # no FU-A, or its start (RFC 6184)


def is_key(codec: str, data: bytes) -> bool:
    """Whether an encoded frame can be decoded without earlier ones."""
    if codec == "VP8":
        return not data[0] & 1
    return any(kind & 0x1F in (5, 7) for kind in _kinds(data))


def _kinds(data: bytes) -> Iterator[int]:
    at = data.find(b"\0\0\1")
    while 0 <= at < len(data) - 3:
        yield data[at + 3]
        at = data.find(b"\0\0\1", at + 3)
