"""Frames as RTP payloads: a depayloader restores the frame."""

from aiortc.codecs.h264 import h264_depayload
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.engine.rtc.packetizer import (
    DATAGRAM,
    HEADER,
    MOST_IN_RUN,
    FramePackets,
    h264,
    lay_out,
)
from hemicycle.engine.streams import Packet

START = b"\0\0\0\1"

units = st.lists(
    st.builds(
        lambda kind, size: bytes((kind,)) + b"\xab" * size,
        st.sampled_from([0x67, 0x68, 0x06, 0x65, 0x41]),
        st.integers(1, 9000),
    ),
    min_size=1,
    max_size=6,
)


@given(units, st.sampled_from([10, 16]))
def test_an_access_unit_comes_out_as_it_went_in(parts: list[bytes], tag: int) -> None:
    room = DATAGRAM - HEADER - tag
    payloads = h264(b"".join(START + part for part in parts), room)
    assert max(map(len, payloads)) <= room
    assert b"".join(map(h264_depayload, payloads)) == b"".join(START + part for part in parts)


@given(units, st.sampled_from([10, 16]))
def test_all_packets_of_a_run_but_the_last_are_full(parts: list[bytes], tag: int) -> None:
    payloads = h264(b"".join(START + part for part in parts), DATAGRAM - HEADER - tag)
    runs = lay_out(payloads, tag)
    assert [length - HEADER for run in runs for length in run.lengths] == [*map(len, payloads)]
    for run in runs:
        assert all(length + tag == DATAGRAM for length in run.lengths[:-1])
        assert len(run.lengths) <= MOST_IN_RUN
        assert len(run.template) == run.size == sum(run.lengths) + tag * len(run.lengths)


def test_a_full_packet_passes_a_path_of_1200_bytes_in_every_wrapping() -> None:
    """Counted are IPv6, a relay's header, a retransmission's number and the longest tag."""
    ipv6, udp, channel_data, number, tag = 40, 8, 4, 2, 16
    (full, *_) = h264(START + b"\x65" + b"\xab" * 5000, DATAGRAM - HEADER - tag)
    assert ipv6 + udp + channel_data + HEADER + number + len(full) + tag == 1198
    assert DATAGRAM % 4 == 0


def test_an_access_unit_delimiter_and_three_byte_start_codes_are_left_out() -> None:
    data = START + b"\x09\xf0" + b"\0\0\1\x41\xaa" + b"\0\0\1\x41\xbb"
    assert h264(data, 1000) == [b"\x58\0\2\x41\xaa\0\2\x41\xbb"]


def test_sound_is_one_packet_and_is_packed_once() -> None:
    burst = FramePackets(Packet(b"opus", 960, 960), "sound")
    assert burst.payloads(16) == [b"opus"]
    assert burst.runs(16) is burst.runs(16)
