"""Synthetic voices: measured tones, and babble with the pace and the sound of speech."""

import numpy as np
import pytest

from hemicycle.engine.streams import SOUND_RATE, TICK_SAMPLES, Samples
from hemicycle.engine.synthetic.voices import PEAK, Babble, Silence, Tone, Voice


def heard(voice: Voice, seconds: float) -> Samples:
    return np.concatenate([voice.read() for _ in range(round(seconds * 50))])


@pytest.mark.parametrize("frequency", [97.0, 440.0, 3001.5])
def test_a_tone_is_of_its_frequency_and_unbroken(frequency: float) -> None:
    sound = heard(Tone(frequency, 0.5), 1)
    at = np.arange(SOUND_RATE)
    expected = 0.5 * np.sin(2 * np.pi * frequency * at / SOUND_RATE)
    assert np.abs(sound - expected).max() < 1e-5


@pytest.mark.parametrize("voice", [Tone(440), Babble(3), Silence()])
def test_a_voice_gives_one_tick_at_a_time(voice: Voice) -> None:
    tick = voice.read()
    assert tick.shape == (TICK_SAMPLES,)
    assert tick.dtype == np.float32


def test_the_same_seed_says_the_same_and_another_does_not() -> None:
    first, same, other = (heard(Babble(seed), 2) for seed in (5, 5, 6))
    assert np.array_equal(first, same)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("seed", range(5))
def test_babble_is_neither_silent_nor_too_loud(seed: int) -> None:
    sound = heard(Babble(seed), 10)
    assert np.abs(sound).max() <= PEAK
    assert 0.02 < np.sqrt(np.mean(sound**2)) < 0.15


@pytest.mark.parametrize("pace", [90, 120])
def test_babble_keeps_its_pace(pace: int) -> None:
    """Words begin on the beat, whatever their length."""
    sound = heard(Babble(1, pace), 60)
    loud = np.abs(sound).reshape(-1, 480).max(axis=1) > 0.02  # 10 ms each
    begins = np.flatnonzero(loud[1:] & ~loud[:-1]) + 1
    # A word's first syllable begins on the beat; those within it are joined to it.
    beats = {round(at * pace / 6000, 1) for at in begins.tolist()}
    words = {beat for beat in beats if beat == int(beat)}
    # A pause of two beats follows each sentence of 6 to 11 words.
    assert pace * 6 / 8 - 3 <= len(words) <= pace * 11 / 13 + 3


def test_babble_sounds_like_speech() -> None:
    """Most of its power lies where a voice's first formants are, and it has pauses."""
    sound = heard(Babble(2), 20)
    power = np.abs(np.fft.rfft(sound)) ** 2
    frequencies = np.fft.rfftfreq(len(sound), 1 / SOUND_RATE)
    voiced = power[(frequencies > 90) & (frequencies < 3500)].sum() / power.sum()
    assert voiced > 0.95
    windows = np.abs(sound).reshape(-1, 960).max(axis=1)
    assert 0.2 < np.mean(windows < 0.01) < 0.7


def test_the_level_follows_what_is_said() -> None:
    babble = Babble(4)
    levels = []
    for _ in range(200):
        tick = babble.read()
        levels.append(babble.level)
        assert babble.level == pytest.approx(min(1, np.abs(tick).max() / PEAK))
    assert min(levels) == 0
    assert max(levels) > 0.6
    assert Silence().level == 0
