"""The measuring functions: what they must detect, and what they must not."""

import numpy as np
import pytest

from hemicycle.engine.audio.analysis import (
    ToneSpan,
    amplitude,
    decoded,
    longest_gap_ms,
    spans,
    tone,
    tones,
)
from hemicycle.engine.audio.opus import OpusEncoder
from hemicycle.engine.streams import TICK_SAMPLES, Samples


def silence(ms: int) -> Samples:
    return np.zeros(48 * ms, np.float32)


def test_the_amplitude_of_each_tone_of_a_mixture() -> None:
    mixture = tone(400, 0.1, 0.2) + tone(1000, 0.1, 0.05)
    heard = [amplitude(mixture, frequency) for frequency in (400, 1000, 1600)]
    assert heard == pytest.approx([0.2, 0.05, 0.0], abs=1e-5)


def test_the_tones_that_are_there() -> None:
    mixture = tone(400, 0.1, 0.2) + tone(1000, 0.1, 0.05)
    assert tones(mixture, [400, 600, 1000, 15_000]) == {400, 1000}
    assert tones(mixture, [400, 1000], least=0.1) == {400}


def test_when_a_tone_is_heard() -> None:
    sound = np.concatenate([silence(100), tone(1000, 0.5), silence(30), tone(1000, 0.2)])
    expected = [ToneSpan(100, 600), ToneSpan(630, 830)]
    assert np.array(spans(sound, 1000)) == pytest.approx(np.array(expected), abs=1)
    assert longest_gap_ms(sound, 1000) == pytest.approx(30, abs=1)


def test_a_tone_is_heard_before_its_gain_has_risen() -> None:
    """The automatic gain can make a voice four times as loud, by 3 dB a second."""
    gain = np.clip(10 ** (np.arange(6 * 48_000) / 48_000 * 3 / 20), 1, 4)
    rising = (tone(1000, 6.0) * gain).astype(np.float32)
    (span,) = spans(rising, 1000)
    assert span == pytest.approx((0, 6_000), abs=3)
    apart = np.concatenate([tone(1000, 2.0, 0.1), silence(1_000), tone(1000, 1.0, 0.4)])
    expected = [ToneSpan(0, 2_000), ToneSpan(3_000, 4_000)]
    assert np.array(spans(apart, 1000)) == pytest.approx(np.array(expected), abs=3)


@pytest.mark.parametrize("ms", [4, 10, 60, 250])
def test_the_length_of_a_gap(ms: int) -> None:
    sound = np.concatenate([tone(1000, 0.3), silence(ms), tone(1000, 0.3)])
    assert longest_gap_ms(sound, 1000) == pytest.approx(ms, abs=1)


def test_no_gap_where_another_tone_takes_over() -> None:
    sound = np.concatenate([tone(1000, 0.3), tone(1600, 0.3)])
    assert longest_gap_ms(sound, 1000, 1600) == 0
    assert longest_gap_ms(sound, 1000) == 0


def test_a_tone_that_is_not_there_is_heard_at_no_time() -> None:
    assert spans(tone(1000, 0.3), 2000) == []
    assert spans(silence(100), 1000) == []


def test_missing_packets_are_silence() -> None:
    encoder = OpusEncoder()
    blocks = np.split(tone(1000, 1), 50)
    packets = [encoder.encode(block, n * TICK_SAMPLES) for n, block in enumerate(blocks)]
    sound = decoded(packets[:20] + packets[30:])
    assert len(sound) == 48_000
    assert 200 <= longest_gap_ms(sound, 1000) <= 225  # the packet after the loss is partial


def test_no_packets_are_no_sound() -> None:
    assert decoded([]).tolist() == []
