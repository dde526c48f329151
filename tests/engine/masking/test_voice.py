"""A masked voice as the mixer reads it: on time, complete, and with a different pitch."""

from dataclasses import replace

import numpy as np
import pytest

from hemicycle.engine.masking.voice import AFTER_TICKS, MaskedVoice, delay_ms
from hemicycle.engine.streams import SOUND_RATE, TICK_SAMPLES, Samples
from tests.engine.masking.voices import Recorded, masked, pitches, vowel


class Nothing:
    """A microphone that sends no sound."""

    def read(self) -> Samples | None:
        return None


def test_it_gives_a_block_for_each_block_and_ends_a_little_later() -> None:
    voice = MaskedVoice(Recorded(vowel(120, 0.2)))
    blocks = []
    while (block := voice.read()) is not None:
        blocks.append(block)
    assert {(block.shape, block.dtype.name) for block in blocks} == {((TICK_SAMPLES,), "float32")}
    assert len(blocks) == 10 + AFTER_TICKS
    assert MaskedVoice(Nothing()).read() is None


def test_it_is_no_more_than_40_ms_late() -> None:
    quiet = np.zeros(SOUND_RATE // 2, np.float32)
    said = np.concatenate((quiet, vowel(120, 0.5)))
    voice = MaskedVoice(Recorded(said))
    heard = np.concatenate([block for _ in range(50) if (block := voice.read()) is not None])
    begins = int(np.flatnonzero(np.abs(heard) > 0.02)[0]) - len(quiet)
    assert -240 <= begins <= 0.04 * SOUND_RATE
    assert 0 < delay_ms() <= 40


def test_silence_stays_silence() -> None:
    heard = masked(np.zeros(SOUND_RATE, np.float32), 1)
    assert np.abs(heard).max() < 1e-4


def test_its_loudness_follows_the_speaker() -> None:
    said = vowel(140)
    for gain in (1.0, 0.1):
        heard = masked(said * np.float32(gain), 1)
        ratio = np.sqrt(np.mean(heard**2) / np.mean((said * gain) ** 2))
        assert 0.7 < ratio < 1.5  # the automatic gain follows later


def test_the_pitch_is_the_other_voices_own() -> None:
    """With the same seed, a low, a high and a gliding voice get the same pitch."""
    low, high, gliding = (
        pitches(masked(sound, 7)) for sound in (vowel(105), vowel(230), vowel(110, glide=2.0))
    )
    count = min(map(len, (low, high, gliding)))
    for other in (high, gliding):
        away = np.abs(np.log2(other[:count] / low[:count]))
        assert np.median(away) < 0.06
    own = pitches(vowel(110, glide=2.0))[:count]
    assert abs(np.corrcoef(own, gliding[:count])[0, 1]) < 0.8
    assert gliding.std() / gliding.mean() < 0.15  # the octave's glide is gone


def test_another_turn_has_another_voice() -> None:
    said = vowel(150)
    assert {round(float(np.median(pitches(masked(said, seed)))), -1) for seed in range(6)} != {150}
    one, two = MaskedVoice(Recorded(said)), MaskedVoice(Recorded(said))
    blocks = [(one.read(), two.read()) for _ in range(20)]
    assert not all(np.array_equal(a, b) for a, b in blocks if a is not None and b is not None)


def test_the_same_changed_voice_goes_on_in_another_process() -> None:
    said = Recorded(vowel(120, 3))
    before = MaskedVoice(said)
    for _ in range(60):
        before.read()
    handed = before.handed()
    after = MaskedVoice(said)
    after.resume(handed)
    assert after.handed() == handed
    own, other = pitches(_read(before, 40)), pitches(_read(after, 40))
    assert abs(np.median(own) - np.median(other)) < 0.2 * np.median(own)


def test_the_state_of_no_voice_is_refused() -> None:
    voice = MaskedVoice(Nothing())
    handed = voice.handed()
    short = (b"12345678", *handed.sounds[1:])
    for wrong in (
        replace(handed, sounds=short),
        replace(handed, speaker=replace(handed.speaker, colour=b"")),
        replace(handed, analysis=replace(handed.analysis, mean=b"")),
    ):
        with pytest.raises(ValueError, match="reshape"):
            MaskedVoice(Nothing()).resume(wrong)


def _read(voice: MaskedVoice, ticks: int) -> Samples:
    blocks = [block for _ in range(ticks) if (block := voice.read()) is not None]
    sound: Samples = np.concatenate(blocks)
    return sound
