"""What one source sends to one listener: paced, redundant and retransmitted packets."""

import asyncio
import socket
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from hemicycle.engine.rtc import fan_out, redundancy
from hemicycle.engine.rtc.fan_out import fan_out_of
from hemicycle.engine.rtc.outgoing_stream import HandedStream, OutgoingStream
from hemicycle.engine.rtc.packetizer import MTU
from hemicycle.engine.streams import TICK_SAMPLES, Output, Packet
from tests.engine.rtc.clients import until

OPUS, RED, H264, RTX = 111, 63, 102, 103
BEGINS = HandedStream(
    ssrc=1, rtx_ssrc=2, kind=H264, rtx_kind=RTX, red_kind=None, cname="c", next=100, rtx_next=500,
    origin=0,
)  # fmt: skip
KEYFRAME = b"\0\0\0\1\x65" + bytes(range(1, 251)) * 24


@pytest.fixture(autouse=True)
def in_one_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a turn of the fan-out long enough for any machine."""
    monkeypatch.setattr(fan_out, "TURN_S", 60)


class Wire:
    """A stand-in for keys and socket that notes each packet as (kind, number, payload)."""

    tag = 16

    def __init__(self) -> None:
        self.sent: list[tuple[int, int, bytes]] = []

    def seal(self, run: Any, kind: int, sequence: int, *more: int, ends: bool) -> memoryview:
        self.sent += [(kind, sequence + n, b"") for n in range(len(run.lengths))]
        return memoryview(b"")

    def seal_one(
        self, payload: bytes, kind: int, sequence: int, timestamp: int, ssrc: int
    ) -> memoryview:
        self.sent.append((kind & 0x7F, sequence & 0xFFFF, payload))
        return memoryview(payload)

    def sock_to(self, address: Any) -> Any:
        return self

    def send(self, data: Any) -> None:
        """Do nothing: the packet has been noted."""

    def sendmsg(self, *parts: Any) -> None:
        """Do nothing: the packet has been noted."""

    def setsockopt(self, *option: Any) -> None:
        raise OSError


def stream_on(wire: Wire, begins: HandedStream = BEGINS, *, gated: bool = True) -> OutgoingStream:
    pair = SimpleNamespace(protocol=wire, remote_addr=("192.0.2.1", 1))
    sealer: Any = wire
    return OutgoingStream(
        begins, rate=90_000, gated=gated, nominated={1: pair}, sealer=sealer, clock=lambda: 5.0
    )


def test_a_paced_frame_leaves_packet_by_packet_in_order() -> None:
    async def test() -> None:
        wire, program = Wire(), Output("program", "picture")
        stream = stream_on(wire)
        stream.pace(2_000_000)
        stream.join(fan_out_of(program))
        program.put(Packet(KEYFRAME, 0, 3600))
        assert len(wire.sent) == 1
        program.put(Packet(KEYFRAME, 3600, 3600, keyframe=False))
        await until(lambda: stream.packets == 12)
        assert [number for _, number, _ in wire.sent] == list(range(100, 112))
        stream.leave()

    asyncio.run(test())


class Sealed(Wire):
    """A wire with a real socket, whose packets are as long as encrypted ones."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__()
        self._sock = sock

    def seal(self, run: Any, *more: Any, ends: bool) -> memoryview:
        return memoryview(run.template)

    def seal_one(self, payload: bytes, *more: int) -> memoryview:
        return memoryview(bytes(12) + payload + bytes(self.tag))

    def sock_to(self, address: Any) -> Any:
        return self._sock


def test_what_the_system_cuts_passes_a_path_of_1200_bytes() -> None:
    """Whole frames and retransmitted packets leave room for the headers of IPv6 and a relay."""

    async def test() -> None:
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as theirs,
        ):
            theirs.bind(("127.0.0.1", 0))
            theirs.setblocking(False)
            ours.connect(theirs.getsockname())
            pair = SimpleNamespace(protocol=Sealed(ours), remote_addr=theirs.getsockname())
            sealer: Any = pair.protocol
            stream = OutgoingStream(
                BEGINS, rate=90_000, gated=True, nominated={1: pair}, sealer=sealer,
                clock=lambda: 5.0,
            )  # fmt: skip
            program = Output("program", "picture")
            stream.join(fan_out_of(program))
            program.put(Packet(KEYFRAME, 0, 3600))
            stream.send_again([100, 101])
            sizes = [len(theirs.recv(2048)) for _ in range(8)]
            stream.leave()
        assert sizes[:5] == [1144] * 5
        assert sizes[6:] == [1146] * 2
        assert max(sizes) + 40 + 8 + 4 <= MTU

    asyncio.run(test())


def test_what_waits_too_long_is_dropped_until_a_keyframe() -> None:
    async def test() -> None:
        wire, program = Wire(), Output("program", "picture")
        asked: list[None] = []
        program.wants_key = lambda: asked.append(None)
        stream = stream_on(wire)
        stream.pace(10_000)
        stream.join(fan_out_of(program))
        for number in range(4):
            program.put(Packet(KEYFRAME, number * 3600, 3600, keyframe=number == 0))
        assert len(wire.sent) == 1
        await until(lambda: bool(asked))
        stream.leave()
        stream.drop_paced()
        assert stream.handed().next == 100 + 6

    asyncio.run(test())


def test_sound_is_redundant_for_those_who_take_it() -> None:
    async def test() -> None:
        knows, knows_not, floor = Wire(), Wire(), Output("floor", "sound")
        begins = replace(BEGINS, kind=OPUS, rtx_kind=None)
        streams = [
            stream_on(knows, replace(begins, red_kind=RED), gated=False),
            stream_on(knows_not, begins, gated=False),
        ]
        for stream in streams:
            stream.redundant = True
            stream.join(fan_out_of(floor))
        for number in range(5):
            floor.put(Packet(bytes((number,)), number * TICK_SAMPLES, TICK_SAMPLES))
        assert [kind for kind, _, _ in knows_not.sent] == [OPUS] * 5
        assert [(kind, number) for kind, number, _ in knows.sent] == [
            (RED, 100 + n) for n in range(5)
        ]
        last = knows.sent[-1][2]
        found = [data for _, data in redundancy.unpacked(4 * TICK_SAMPLES, last)]
        assert found == [b"\0", b"\2", b"\4"]
        streams[0].redundant = False
        floor.put(Packet(b"x", 5 * TICK_SAMPLES, TICK_SAMPLES))
        assert knows.sent[-1][:2] == (OPUS, 105)
        for stream in streams:
            stream.leave()

    asyncio.run(test())


def test_a_measurement_repeats_the_last_packets_and_no_more_than_it_was_asked_for() -> None:
    async def test() -> None:
        wire, program = Wire(), Output("program", "picture")
        stream = stream_on(wire)
        assert stream.send_train(20_000) == 0
        stream.join(fan_out_of(program))
        program.put(Packet(KEYFRAME, 0, 3600))
        wire.sent.clear()
        bits = stream.send_train(20_000)
        assert 20_000 - 8 * 1200 < bits <= 20_000
        assert [(kind, number) for kind, number, _ in wire.sent] == [
            (RTX, 501 + n) for n in range(len(wire.sent))
        ]
        named = [int.from_bytes(payload[:2]) for _, _, payload in wire.sent]
        assert named == [100, 101]
        assert 0 < stream.send_train(1) <= 8 * 1200
        stream.leave()
        assert stream_on(Wire(), replace(BEGINS, rtx_kind=None)).send_train(20_000) == 0

    asyncio.run(test())


def test_a_narrow_link_gets_few_packets_again_and_each_request_counts_once() -> None:
    async def test() -> None:
        wire, program = Wire(), Output("program", "picture")
        stream = stream_on(wire)
        stream.join(fan_out_of(program))
        for number in range(4):
            program.put(Packet(KEYFRAME, number * 3600, 3600, keyframe=number == 0))
        wire.sent.clear()
        stream.pace(110_000)
        lost = list(range(100, 124))
        assert stream.send_again(lost) == 24
        assert stream.send_again(lost) == 0
        assert len(wire.sent) == 6
        stream.count_second()
        assert stream.send_again(lost) == 24
        stream.leave()

    asyncio.run(test())


def test_what_was_lost_before_a_change_says_nothing_of_the_link() -> None:
    async def test() -> None:
        wire, whole, small = Wire(), Output("program", "picture"), Output("small", "picture")
        stream = stream_on(wire, replace(BEGINS, next=65_530))
        stream.join(fan_out_of(whole))
        for number in range(2):
            whole.put(Packet(KEYFRAME, number * 3600, 3600, keyframe=number == 0))
        stream.join(fan_out_of(small))
        small.put(Packet(KEYFRAME, 3 * 3600, 3600))
        before, since = [65_531, 65_535, 0, 3], [6, 7]
        assert stream.send_again(before) == 0
        assert stream.send_again(before + since) == 2
        stream.leave()

    asyncio.run(test())
