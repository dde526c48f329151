"""The encoder's output: baseline H.264 with its colour space, one access unit per picture."""

from collections.abc import Iterator

import av
import numpy as np
import pytest

from hemicycle.engine.streams import PICTURE_RATE, Packet
from hemicycle.engine.video.bit_rates import bit_rate_for, camera_bit_rate
from hemicycle.engine.video.encoder import BUFFER_S, H264Encoder
from hemicycle.engine.video.geometry import LARGE, SMALL, whole
from tests.engine.video.scenes import RED, colour, images, near, plain

RATE = 800_000


def noise(seed: int) -> av.VideoFrame:
    """Return a picture that is as costly to encode as possible."""
    values = np.random.default_rng(seed).integers(16, 235, (360, 640, 3), np.uint8)
    return av.VideoFrame.from_ndarray(values, format="rgb24").reformat(format="yuv420p")


def units(data: bytes) -> Iterator[bytes]:
    yield from data.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1")[1:]


def test_a_keyframe_carries_all_that_a_decoder_needs() -> None:
    encoder = H264Encoder(SMALL, 25, RATE)
    packets = [encoder.encode(plain(RED), n, key=n == 7) for n in range(10)]
    assert [p.keyframe for p in packets] == [n in {0, 7} for n in range(10)]
    for packet in (packets[0], packets[7]):
        kinds = [unit[0] & 31 for unit in units(packet.data)]
        assert [kind for kind in kinds if kind != 6] == [7, 8, 5]
    sps = next(unit for unit in units(packets[0].data) if unit[0] & 31 == 7)
    assert sps[1] == 66  # baseline
    assert near(colour(images(packets[7:])[0], whole(SMALL)), RED)


def test_times_count_at_90_khz_from_the_start() -> None:
    encoder = H264Encoder(SMALL, 25, RATE)
    packets = [encoder.encode(plain(RED), n, key=False) for n in (3, 4, 9)]
    step = PICTURE_RATE // 25
    assert [(p.pts, p.duration) for p in packets] == [(n * step, step) for n in (3, 4, 9)]


def test_a_keyframe_comes_every_two_seconds_unasked() -> None:
    encoder = H264Encoder(SMALL, 25, RATE)
    packets = [encoder.encode(plain(RED), n, key=False) for n in range(101)]
    assert [n for n, p in enumerate(packets) if p.keyframe] == [0, 50, 100]


def test_colours_are_said_in_the_stream() -> None:
    packet = H264Encoder(SMALL, 25, RATE).encode(plain(RED), 0, key=True)
    decoder = av.CodecContext.create("h264", "r")
    frame = (*decoder.decode(av.Packet(packet.data)), *decoder.decode(None))[0]
    assert isinstance(frame, av.VideoFrame)
    assert (frame.colorspace, frame.color_range) == (6, 1)


@pytest.mark.parametrize("key", [False, True])
def test_nothing_bursts(key: bool) -> None:
    encoder = H264Encoder(SMALL, 25, RATE)
    packets = [encoder.encode(noise(n % 5), n, key=key and n % 13 == 0) for n in range(60)]
    window = round(25 * BUFFER_S)
    sizes = [8 * len(p.data) for p in packets[10:]]
    assert max(sizes) <= RATE * BUFFER_S
    assert (
        max(sum(sizes[n : n + window]) for n in range(len(sizes) - window)) <= RATE * BUFFER_S * 2
    )


def test_bit_rates() -> None:
    assert bit_rate_for(SMALL) == 800_000
    assert 2_000_000 < bit_rate_for(LARGE) < 2_500_000
    assert [camera_bit_rate(size) for size in (SMALL, LARGE)] == [900_000, 2_545_585]


def test_a_packet_is_of_its_own_bytes() -> None:
    packet = H264Encoder(SMALL, 25, RATE).encode(plain(RED), 0, key=True)
    assert packet == Packet(bytes(packet.data), 0, 3600, True)
