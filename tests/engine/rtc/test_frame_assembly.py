"""Pictures assembled from packets that are lost, late or out of order."""

import random

import pytest
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtp import RtpPacket

from hemicycle.engine.rtc.frame_assembly import EncodedFrame, FrameAssembly
from hemicycle.engine.rtc.packetizer import h264

CODEC = RTCRtpCodecParameters(mimeType="video/H264", clockRate=90_000, payloadType=100)
START = b"\0\0\0\1"


def frame(number: int, *, key: bool) -> bytes:
    """Return an access unit of several packets, with `number` in its bytes."""
    slice_ = bytes((0x65 if key else 0x41,)) + bytes((number % 250 + 1,)) * 3000
    return (START + b"\x67abc" + START + b"\x68d" if key else b"") + START + slice_


def packets(frames: int, every: int = 25, first: int = 65_500) -> list[RtpPacket]:
    """Return the packets of `frames` frames, each `every`-th a keyframe; sequence numbers wrap."""
    made: list[RtpPacket] = []
    for number in range(frames):
        payloads = h264(frame(number, key=number % every == 0), 1100)
        for at, payload in enumerate(payloads):
            made.append(
                RtpPacket(
                    payload_type=100,
                    marker=int(at == len(payloads) - 1),
                    sequence_number=(first + len(made)) & 0xFFFF,
                    timestamp=number * 3600,
                    payload=payload,
                )
            )
    return made


class Sink:
    """A frame assembly with its frames and its requests for packets and keyframes."""

    def __init__(self) -> None:
        self.made: list[EncodedFrame] = []
        self.asked: list[int] = []
        self.keys = 0
        self.assembly = FrameAssembly(self.asked.extend, self._key)

    def _key(self) -> None:
        self.keys += 1

    def add(self, packet: RtpPacket, now: float) -> None:
        self.made += self.assembly.add(packet, CODEC, now)

    @property
    def times(self) -> list[int]:
        return [whole.timestamp // 3600 for whole in self.made]


def test_a_frame_is_whole_with_its_last_packet() -> None:
    sink = Sink()
    stream = packets(3)
    first = next(at for at, packet in enumerate(stream) if packet.marker)
    for packet in stream[:first]:
        sink.add(packet, 0)
    assert sink.made == []
    sink.add(stream[first], 0)
    assert sink.made == [EncodedFrame("H264", frame(0, key=True), 0, True)]
    for packet in stream[first + 1 :]:
        sink.add(packet, 0)
    assert [whole.data for whole in sink.made] == [frame(n, key=n == 0) for n in range(3)]


@pytest.mark.parametrize("seed", range(5))
def test_what_comes_out_of_order_or_twice_is_in_order_once(seed: int) -> None:
    dice = random.Random(seed)
    stream = packets(50)
    order = sorted(range(len(stream)), key=lambda at: at + dice.random() * 6)
    sink = Sink()
    sink.add(stream[0], 0)
    for at in order:
        sink.add(stream[at], at * 0.005)
        if dice.random() < 0.2:
            sink.add(stream[at], at * 0.005)
    assert sink.times == list(range(50))


@pytest.mark.parametrize("seed", range(5))
def test_what_is_lost_and_sent_again_costs_no_frame(seed: int) -> None:
    dice = random.Random(seed)
    sink, stream = Sink(), packets(60)
    numbered = {packet.sequence_number: packet for packet in stream}
    answered = 0
    for at, packet in enumerate(stream):
        if at == 0 or dice.random() > 0.1:
            sink.add(packet, at * 0.008)
        for number in sink.asked[answered:]:  # a packet that is sent again may be lost too
            if dice.random() > 0.1:
                sink.add(numbered[number], at * 0.008)
        answered = len(sink.asked)
    assert sink.times == list(range(len(sink.times)))
    assert len(sink.times) >= 58
    assert sink.assembly.lost == 0


def test_what_never_comes_is_given_up_until_a_keyframe() -> None:
    sink, stream = Sink(), packets(60, every=30)
    missing = next(at for at, packet in enumerate(stream) if packet.timestamp == 5 * 3600) + 1
    for at, packet in enumerate(stream):
        if at != missing:
            sink.add(packet, packet.timestamp / 90_000)
    assert sink.times == [*range(5), *range(30, 60)]
    assert sink.keys >= 1
    assert len(sink.asked) >= 5
    assert sink.assembly.lost == 1


def test_a_stream_joined_in_the_middle_begins_at_its_keyframe() -> None:
    sink, stream = Sink(), packets(60)
    for packet in stream[40:]:
        sink.add(packet, packet.timestamp / 90_000)
    assert sink.times == list(range(25, 60))
    assert sink.keys >= 1


def test_a_leap_in_numbers_is_no_thousand_questions() -> None:
    sink, stream = Sink(), packets(40)
    for packet in stream[:40]:
        sink.add(packet, 0)
    for packet in packets(30, first=9_000):
        sink.add(packet, 0.1)
    assert len(sink.asked) <= 200
    assert sink.times[-30:] == list(range(30))


@pytest.mark.parametrize("payload", [b"", b"\x18", b"\x78\0\xff\0", b"\x7f\1\2", b"\x7c"])
def test_a_packet_that_cannot_be_read_breaks_nothing(payload: bytes) -> None:
    sink, stream = Sink(), packets(60, every=30)
    stream[20].payload = payload
    for packet in stream:
        sink.add(packet, packet.timestamp / 90_000)
    assert sink.times[-30:] == list(range(30, 60))
