"""Redundant sound: what a packet carries, and how much of a hole of 100 ms it fills."""

import asyncio

import pytest
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtp import RtpPacket

from hemicycle.engine.rtc import redundancy
from hemicycle.engine.rtc.fan_out import sound_after
from hemicycle.engine.rtc.jitter_buffer import JitterBuffer
from hemicycle.engine.rtc.packetizer import FramePackets
from hemicycle.engine.rtc.publisher import _IncomingAudio
from hemicycle.engine.streams import TICK_SAMPLES, Packet
from tests.engine.rtc import clients
from tests.engine.rtc.network import decode
from tests.engine.rtc.poor_listener import OPUS, RED, with_redundancy

KIND = 111


def test_a_payload_gives_back_what_it_was_made_of() -> None:
    older = [(1000 - 1920, b"second"), (1000 - 3840, b"first")]
    payload = redundancy.packed(KIND, (1000, b"newest"), older)
    found = list(redundancy.unpacked(1000, payload))
    assert found == [
        ((1000 - 3840) & 0xFFFFFFFF, b"first"),
        ((1000 - 1920) & 0xFFFFFFFF, b"second"),
        (1000, b"newest"),
    ]


def test_it_is_as_rfc_2198_lays_it_out() -> None:
    payload = redundancy.packed(KIND, (960, b"new"), [(0, b"old")])
    head = (0x80 | KIND) << 24 | 960 << 10 | 3
    assert payload == head.to_bytes(4) + bytes((KIND,)) + b"oldnew"


@pytest.mark.parametrize(
    "older", [[(0, b"x" * 1024)], [(-20_000, b"too old")], [(960, b"not older")]]
)
def test_what_a_header_cannot_name_is_left_out(older: list[tuple[int, bytes]]) -> None:
    payload = redundancy.packed(KIND, (960, b"new"), older)
    assert payload == bytes((KIND,)) + b"new"


@pytest.mark.parametrize("payload", [b"\xef", b"\xef\0\0", b"\xef\0\0\x09\x6f" + b"short"])
def test_broken_payloads_are_refused(payload: bytes) -> None:
    with pytest.raises(ValueError, match="redundant payload"):
        list(redundancy.unpacked(0, payload))


def test_a_payload_that_no_packet_has_room_for_is_not_used() -> None:
    older = [Packet(b"o" * 600, 0, TICK_SAMPLES), Packet(b"o" * 600, 960, TICK_SAMPLES)]
    burst = FramePackets(Packet(b"n" * 100, 2880, TICK_SAMPLES), "sound", older)
    assert burst.redundant(KIND, 16) == b""


@pytest.mark.parametrize("first", [5, 40, 77])
def test_a_hole_of_100_ms_leaves_20_ms_once_the_buffer_is_long_enough(first: int) -> None:
    buffer = JitterBuffer(decode, clock=lambda: 0.0)
    frames = [(number * TICK_SAMPLES, (number * TICK_SAMPLES).to_bytes(4)) for number in range(400)]
    holes = {200 + first + n for n in range(5)} | {100 + n for n in range(5)} | set(range(150, 155))
    concealed = []
    for number, (at, payload) in enumerate(frames):
        if number not in holes:
            for behind in sorted(redundancy.BEHIND, reverse=True):
                if number >= behind:
                    buffer.put(*frames[number - behind], again=True)
            buffer.put(at, payload)
        before = buffer.tally.concealed
        buffer.read()
        concealed.append(buffer.tally.concealed - before)
    assert sum(concealed[190:]) <= 2
    assert buffer.tally.late == 0


def test_copies_of_what_came_change_nothing() -> None:
    alone, doubled = (JitterBuffer(decode, clock=lambda: 0.0) for _ in range(2))
    for number in range(100):
        at = number * TICK_SAMPLES
        for buffer in (alone, doubled):
            buffer.put(at, at.to_bytes(4))
        if number >= 2:
            doubled.put(at - 2 * TICK_SAMPLES, b"other", again=True)
        one, other = alone.read(), doubled.read()
        assert (one is None) == (other is None)
        if one is not None and other is not None:
            assert (one == other).all()
    assert alone.tally == doubled.tally


def test_a_fan_out_of_sound_adds_the_packets_of_40_and_80_ms_before() -> None:
    sound = [Packet(bytes((n,)), n * TICK_SAMPLES, TICK_SAMPLES) for n in range(6)]
    last = sound_after(sound[:5], sound[5]).redundant(KIND, 16)
    found = [payload for _, payload in redundancy.unpacked(5 * TICK_SAMPLES, last)]
    assert found == [sound[1].data, sound[3].data, sound[5].data]


@pytest.mark.parametrize(("blocks", "asked"), [(OPUS, f"{RED} {OPUS}"), (0, f"{OPUS}")])
def test_a_publisher_is_asked_for_it_first_if_its_blocks_are_opus(blocks: int, asked: str) -> None:
    async def test() -> None:
        async with clients.exchanging() as exchange:
            client = clients.sender()
            offer = with_redundancy(await clients.offer(client), blocks)
            ours, answer = await exchange.publisher(offer, lambda *_: None)
            (line,) = (line for line in answer.splitlines() if line.startswith("m=audio"))
            assert line.endswith(f"SAVPF {asked}")
            assert (f"a=fmtp:{RED} {OPUS}/{OPUS}" in answer) == (blocks == OPUS)
            await client.close()
            await ours.close("over")

    asyncio.run(test())


def test_what_a_publisher_sends_redundantly_is_heard_once() -> None:
    buffer = JitterBuffer(decode, clock=lambda: 0.0)
    track = _IncomingAudio(buffer)
    red = RTCRtpCodecParameters(mimeType="audio/red", clockRate=48_000, payloadType=RED)
    track.codecs = {RED: red}
    frames = [(number * TICK_SAMPLES, (number * TICK_SAMPLES).to_bytes(4)) for number in range(60)]
    for number in range(2, 60):
        payload = redundancy.packed(OPUS, frames[number], [frames[number - 2]])
        packet = RtpPacket(payload_type=RED, sequence_number=number, timestamp=frames[number][0])
        packet.payload = payload if number != 40 else b"\xff"  # one is broken
        track.take(packet, 0.0)
        buffer.read()
    assert buffer.tally.packets == 57
    assert buffer.tally.concealed <= 1
