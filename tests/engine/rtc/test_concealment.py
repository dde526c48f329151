"""Concealing, cutting and stretching sound, judged by the output."""

import numpy as np
import pytest

from hemicycle.engine.rtc.concealment import FADE, HOLD, Concealer, longer, shorter
from hemicycle.engine.streams import SOUND_RATE, TICK_SAMPLES, Samples
from tests.engine.rtc.network import TONE_HZ, tone


def steps(sound: Samples) -> float:
    """Return the largest step from one sample to the next."""
    return float(np.abs(np.diff(sound)).max())


SMOOTH = 1.3 * 0.5 * 2 * np.pi * TONE_HZ / SOUND_RATE
"""1.3 times the steepest step of the tone itself."""


def test_what_is_missing_goes_on_in_the_same_tone_and_fades() -> None:
    hide = Concealer()
    before = hide.keep(tone(0, 3 * TICK_SAMPLES))
    made = np.concatenate([hide.more(TICK_SAMPLES) for _ in range(8)])
    assert steps(np.concatenate((before, made))) < SMOOTH
    assert np.abs(made[: HOLD // 2]).max() > 0.45
    assert not made[HOLD + FADE :].any()


def test_what_comes_back_has_a_seam() -> None:
    hide = Concealer()
    hide.keep(tone(0, 3 * TICK_SAMPLES))
    made = hide.more(TICK_SAMPLES)
    after = hide.keep(tone(5 * TICK_SAMPLES + 300))
    assert steps(np.concatenate((made, after))) < SMOOTH
    assert np.array_equal(after[240:], tone(5 * TICK_SAMPLES + 300)[240:])


@pytest.mark.parametrize("how", [shorter, longer])
@pytest.mark.parametrize("phase", [0, 31, 77])
def test_a_cut_or_a_stretch_of_5_to_20_ms_has_no_click(how: object, phase: int) -> None:
    assert callable(how)
    sound = tone(phase, 2 * TICK_SAMPLES)
    altered = how(sound)
    assert 240 <= abs(len(altered) - len(sound)) <= 960
    assert steps(altered) < SMOOTH
    assert np.array_equal(altered[-200:], sound[-200:])
