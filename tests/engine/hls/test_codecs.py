"""A channel's sound in the codecs of the webcast, also where the mixer has left a gap."""

from collections.abc import Iterator
from itertools import pairwise

import av
import numpy as np
import pytest

from hemicycle.engine.audio.analysis import LEAST, amplitude, tone
from hemicycle.engine.audio.opus import OpusEncoder
from hemicycle.engine.hls.codecs import CODECS, LONGEST_FILL, AudioCodec
from hemicycle.engine.hls.fragments import Sample
from hemicycle.engine.streams import SOUND_RATE, TICK_SAMPLES, Packet, Samples

START = 90 * SOUND_RATE
"""The webcast may begin after the meeting's engine has run for a while."""


@pytest.fixture(params=CODECS)
def codec(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def coder(codec: str) -> AudioCodec:
    return next(made() for name, made in CODECS.items() if name == codec)


def packets(start: int, ticks: int) -> Iterator[Packet]:
    """Yield the packets of a tone that lasts this many ticks."""
    encoder = OpusEncoder()
    for at in range(start, start + ticks * TICK_SAMPLES, TICK_SAMPLES):
        yield encoder.encode(tone(400, 0.02, first=at), at)


def decoded(codec: str, samples: list[Sample]) -> Samples:
    decoder = av.CodecContext.create(codec, "r")
    assert isinstance(decoder, av.AudioCodecContext)
    decoder.sample_rate, decoder.layout = SOUND_RATE, "mono"
    if codec == "aac":
        decoder.extradata = bytes((0x11, 0x88))  # AAC-LC, 48 kHz, mono (ISO 14496-3 §1.6.2)
    frames = [frame for sample in samples for frame in decoder.decode(av.Packet(sample.data))]
    return np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames])


def between(sound: Samples, start: float, end: float) -> Samples:
    return sound[round(start * SOUND_RATE) : round(end * SOUND_RATE)]


def test_where_packets_are_left_out_there_is_silence(codec: str, coder: AudioCodec) -> None:
    hole = 3 * SOUND_RATE
    coming = [*packets(START, 50), *packets(START + SOUND_RATE + hole, 50)]
    samples = [sample for packet in coming for sample in coder.encode(packet)]
    assert all(sample.end == other.start for sample, other in pairwise(samples))
    assert samples[0].start == pytest.approx(START, abs=2048)
    assert samples[-1].end == pytest.approx(START + hole + 2 * SOUND_RATE, abs=4096)
    sound = decoded(codec, samples)
    assert amplitude(between(sound, 0.2, 0.9), 400) == pytest.approx(0.1, rel=0.05)
    assert np.abs(between(sound, 1.2, 3.9)).max() < LEAST
    assert amplitude(between(sound, 4.2, 4.9), 400) == pytest.approx(0.1, rel=0.05)


def test_after_a_hole_that_nobody_would_wait_for_the_clock_jumps(coder: AudioCodec) -> None:
    later = START + SOUND_RATE + LONGEST_FILL + TICK_SAMPLES
    coming = [*packets(START, 50), *packets(later, 50)]
    samples = [sample for packet in coming for sample in coder.encode(packet)]
    assert [sample.end == other.start for sample, other in pairwise(samples)].count(False) == 1
    assert sum(sample.duration for sample in samples) == pytest.approx(2 * SOUND_RATE, abs=4096)
