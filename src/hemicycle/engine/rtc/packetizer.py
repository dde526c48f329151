"""Encoded frames as the payloads of RTP packets, laid out once for every listener.

A `FramePackets` holds one frame. Its packets lie in a template at equal distances, with room for a
header before each and an authentication tag after each. A listener's copy needs headers, encryption
in place, and one system call for a whole run (UDP segmentation offload).
"""

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from hemicycle.engine.rtc import redundancy
from hemicycle.engine.streams import Packet

HEADER = 12
"""Bytes of an RTP header without extensions."""

MTU = 1200
"""The largest packet, in bytes, for the narrowest path in use: tunnels within tunnels. IPv6 carries
1280 and IPv4 promises less; if a router silently drops larger packets, no picture ever arrives."""
IPV6, UDP, CHANNEL_DATA, REPEATED = 40, 8, 4, 2
"""Bytes around a packet: the headers of IPv6, UDP and TURN (RFC 8656 section 12.4), and the number
of a packet that is sent again (RFC 4588 section 4)."""

DATAGRAM = (MTU - IPV6 - UDP - CHANNEL_DATA - REPEATED) // 4 * 4
"""Bytes of a full packet of RTP, encrypted, with header and tag: 1200 - 40 - 8 - 4 - 2 = 1146, and
thus 1144, since each packet of a run begins at a multiple of four."""

MOST_IN_RUN = 50
"""The most packets in one system call (the kernel takes 64, and 65,507 bytes)."""

_START_CODE = re.compile(rb"\x00\x00\x00?\x01")
_FU_A = 28
_STAP_A = 24
_DELIMITER = 9


@dataclass(frozen=True, slots=True)
class PacketRun:
    """Packets of full length, except the last.

    `lengths` are those of the packets with their headers, before encryption. `size` is the length
    of all packets after encryption.
    """

    template: bytes
    lengths: tuple[int, ...]
    size: int


class FramePackets:
    """One encoded frame, ready to be sent to many; laid out at the first use of each tag size."""

    def __init__(
        self,
        packet: Packet,
        kind: Literal["sound", "picture"],
        older: Sequence[Packet] = (),
    ) -> None:
        self.pts = packet.pts
        self.keyframe = packet.keyframe
        self._packet = packet
        self._kind = kind
        self._older = older
        self._redundant: dict[int, bytes] = {}
        self._payloads: dict[int, list[bytes]] = {}
        self._runs: dict[int, tuple[PacketRun, ...]] = {}

    def payloads(self, tag: int) -> list[bytes]:
        """Return the payload of each packet, in order, for a tag of `tag` bytes."""
        found = self._payloads.get(tag)
        if found is None:
            data = self._packet.data
            found = [data] if self._kind == "sound" else h264(data, DATAGRAM - HEADER - tag)
            self._payloads[tag] = found
        return found

    def redundant(self, kind: int, tag: int) -> bytes:
        """Return sound of payload type `kind` with older sound, or b"" if that is too long."""
        found = self._redundant.get(kind)
        if found is None:
            older = [(packet.pts, packet.data) for packet in self._older]
            found = redundancy.packed(kind, (self.pts, self._packet.data), older)
            self._redundant[kind] = found
        return found if len(found) <= DATAGRAM - HEADER - tag else b""

    def runs(self, tag: int) -> tuple[PacketRun, ...]:
        """Return the packets of the frame as runs, for an authentication tag of `tag` bytes."""
        found = self._runs.get(tag)
        if found is None:
            found = self._runs[tag] = lay_out(self.payloads(tag), tag)
        return found


def h264(data: bytes, room: int) -> list[bytes]:
    """Return an access unit (Annex B) as RTP payloads of at most `room` bytes (RFC 6184, mode
    1).
    """
    payloads: list[bytes] = []
    small: list[bytes] = []
    for unit in _units(data):
        # Small units share a packet (STAP-A), since each packet costs encryption and a header.
        if 1 + sum(2 + len(nal) for nal in (*small, unit)) <= room:
            small.append(unit)
            continue
        payloads += _together(small)
        small = []
        if len(unit) <= room // 2:
            small = [unit]
        else:
            payloads += [unit] if len(unit) <= room else _fragments(unit, room)
    return payloads + _together(small)


def _units(data: bytes) -> list[bytes]:
    found = (unit.rstrip(b"\0") for unit in _START_CODE.split(data))
    # The marker bit says already what the access unit delimiter says.
    return [unit for unit in found if unit and unit[0] & 0x1F != _DELIMITER]


def _together(units: list[bytes]) -> list[bytes]:
    if len(units) < 2:
        return units
    importance = max(unit[0] & 0x60 for unit in units)
    parts = (struct.pack("!H", len(unit)) + unit for unit in units)
    return [bytes((importance | _STAP_A,)) + b"".join(parts)]


def _fragments(unit: bytes, room: int) -> list[bytes]:
    body, step = unit[1:], room - 2
    indicator, kind = unit[0] & 0xE0 | _FU_A, unit[0] & 0x1F
    parts = [body[at : at + step] for at in range(0, len(body), step)]
    last = len(parts) - 1
    return [
        bytes((indicator, kind | (0x80 if not n else 0) | (0x40 if n == last else 0))) + part
        for n, part in enumerate(parts)
    ]


def lay_out(payloads: list[bytes], tag: int) -> tuple[PacketRun, ...]:
    """Return payloads as runs, in which all packets but the last have full length."""
    runs: list[PacketRun] = []
    run: list[bytes] = []
    for payload in payloads:
        run.append(payload)
        # The kernel cuts a buffer at equal distances, so only the last packet of a call may be
        # shorter.
        if HEADER + len(payload) + tag < DATAGRAM or len(run) == MOST_IN_RUN:
            runs.append(_run(run, tag))
            run = []
    if run:
        runs.append(_run(run, tag))
    return tuple(runs)


def _run(payloads: list[bytes], tag: int) -> PacketRun:
    template = b"".join(bytes(HEADER) + payload + bytes(tag) for payload in payloads)
    return PacketRun(template, tuple(HEADER + len(payload) for payload in payloads), len(template))
