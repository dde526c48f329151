"""Encoded sound is decoded again: up to 15 kHz, in its place, in packets of 20 ms."""

import numpy as np
import pytest

from hemicycle.engine.audio.analysis import amplitude, decoded, tone
from hemicycle.engine.audio.opus import BIT_RATE, DELAY, OpusEncoder
from hemicycle.engine.streams import TICK_SAMPLES, Packet, Samples


def encoded(sound: Samples) -> list[Packet]:
    encoder = OpusEncoder()
    blocks = np.split(sound, len(sound) // TICK_SAMPLES)
    return [encoder.encode(block, n * TICK_SAMPLES) for n, block in enumerate(blocks)]


@pytest.mark.parametrize("frequency", [80, 1_000, 8_000, 12_000, 15_000])
def test_the_band_is_whole_to_15_khz(frequency: float) -> None:
    heard = decoded(encoded(tone(frequency, 1)))
    gain = 20 * np.log10(amplitude(heard[-24_000:], frequency) / 0.1)
    assert abs(gain) < 1.0


def test_each_block_is_one_packet_at_once_on_the_programs_clock() -> None:
    packets = encoded(tone(440, 0.1))
    assert [(packet.pts, packet.duration, packet.keyframe) for packet in packets] == [
        (n * TICK_SAMPLES, TICK_SAMPLES, True) for n in range(5)
    ]


def test_the_packets_say_20_ms_of_full_band_mono() -> None:
    """The first byte of a packet gives configuration, stereo and frames (RFC 6716, section 3.1)."""
    firsts = [packet.data[0] for packet in encoded(tone(440, 0.5))]
    assert {(first >> 3, first & 7) for first in firsts} <= {(15, 0), (31, 0)}


def test_it_keeps_to_its_bit_rate() -> None:
    noise = np.random.default_rng(1).normal(0, 0.05, 48_000).astype(np.float32)
    assert sum(len(packet.data) for packet in encoded(noise)) * 8 == pytest.approx(
        BIT_RATE, rel=0.2
    )


def test_a_click_comes_out_where_it_went_in_but_for_the_codecs_look_ahead() -> None:
    sound = np.zeros(24_000, np.float32)
    sound[10_000] = 0.8
    assert int(np.argmax(np.abs(decoded(encoded(sound))))) == pytest.approx(10_000 + DELAY, abs=2)
