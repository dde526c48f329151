"""Loudness by ITU-R BS.1770-5: its reference tone, its gates, and consecutive blocks."""

import numpy as np
import pytest

from hemicycle.engine.audio import loudness
from hemicycle.engine.audio.analysis import tone
from hemicycle.engine.audio.loudness import Meters, OpeningLoudness, Weighting, dbfs, lufs
from hemicycle.engine.streams import TICK_SAMPLES, Samples


def metered(*sounds: Samples) -> Meters:
    meters = Meters(len(sounds))
    together = np.stack(sounds)
    for first in range(0, together.shape[1], TICK_SAMPLES):
        meters.take(together[:, first : first + TICK_SAMPLES])
    return meters


def opened(*parts: tuple[float, float]) -> tuple[float, float]:
    """Return the measured loudness of an opening; each part has seconds and a loudness in LUFS."""
    opening = OpeningLoudness()
    for seconds, level in parts:
        for _ in range(round(seconds * 50)):
            opening.take(10 ** ((level + 0.691) / 10), 0.5)
    return opening.measured()


def test_a_full_scale_tone_at_997_hz_in_one_channel_is_3_01_below_full_scale() -> None:
    meters = metered(tone(997, 1, amplitude=1.0), tone(997, 1, amplitude=0.1))
    assert lufs(meters.energies()) == pytest.approx([-3.01, -23.01], abs=0.02)
    assert dbfs(meters.peaks()) == pytest.approx([0.0, -20.0], abs=0.02)


def response_db(frequency: float) -> float:
    """Return the gain of the two filters of BS.1770 at a frequency, from their polynomials."""
    z = np.exp(-2j * np.pi * frequency / 48_000 * np.arange(3))
    filters = (loudness._HEAD, loudness._HIGH_PASS)
    gains = [abs(np.dot(b, z)) / abs(np.dot((1.0, *a), z)) for b, a in filters]
    return float(20 * np.log10(np.prod(gains)))


@pytest.mark.parametrize("frequency", [40, 100, 997, 4000, 15_000])
def test_low_tones_weigh_less_and_high_ones_more(frequency: float) -> None:
    meters = metered(tone(frequency, 1, 0.1))
    expected = -23.01 - 0.691 + response_db(frequency)
    assert lufs(meters.energies()) == pytest.approx([expected], abs=0.02)


def test_blocks_are_weighted_as_the_recursion_over_samples_does() -> None:
    sounds = np.random.default_rng(3).normal(0, 0.2, (2, 3 * TICK_SAMPLES)).astype(np.float32)
    expected, _ = loudness._recur(np.zeros((2, 4)), sounds.astype(np.float64))
    weighting = Weighting()
    for _ in sounds:
        weighting.grow()
    blocks = [weighting.take(block) for block in np.split(sounds, 3, axis=1)]
    assert np.hstack(blocks) == pytest.approx(expected, abs=1e-5)


def test_silence_has_the_lowest_level_and_leaves_no_denormal_numbers() -> None:
    meters = metered(np.concatenate([tone(200, 0.1), np.zeros(48_000 * 4, np.float32)]))
    assert lufs(meters.energies()).tolist() == [loudness.SILENCE]
    assert dbfs(meters.peaks()).tolist() == [loudness.SILENCE]
    assert meters._weighting.states.tolist() == [[0.0] * 4]


def test_a_sound_that_leaves_takes_its_figures_with_it() -> None:
    meters = metered(tone(997, 1, 1.0), tone(997, 1, 0.1))
    meters.drop(0)
    assert lufs(meters.energies()) == pytest.approx([-23.01], abs=0.02)


def test_pauses_do_not_count_in_what_an_opening_measures() -> None:
    assert opened((10, -23), (20, -80), (10, -23)) == pytest.approx((-23, -6.02), abs=0.1)


def test_what_is_far_below_the_mean_does_not_count_either() -> None:
    assert opened((10, -20), (10, -45)) == pytest.approx((-20.15, -6.02), abs=0.15)


def test_an_opening_shorter_than_a_block_is_told_by_its_mean() -> None:
    assert opened((0.2, -30)) == pytest.approx((-30, -6.02), abs=0.01)


def test_an_opening_without_a_sound_is_silent() -> None:
    opening = OpeningLoudness()
    assert opening.measured() == (loudness.SILENCE, loudness.SILENCE)
