"""Howls are taken out of a source; voices, and tones that are no howl, stay as they are."""

import numpy as np
import pytest

from hemicycle.engine.audio.analysis import amplitude, tone
from hemicycle.engine.audio.howl import LOUD_DB, TICKS, HowlGuard, Notch
from hemicycle.engine.audio.mixer import Mixer
from hemicycle.engine.streams import FLOOR, SOUND_RATE, TICK_SAMPLES, Samples
from hemicycle.engine.synthetic.voices import Babble
from tests.engine.audio.studio import Played

LOUDER_THAN_ANY_VOICE = 10 ** (LOUD_DB / 20)


def guarded(sound: Samples, rows: int = 1) -> tuple[Samples, int]:
    """What a guard makes of a sound as its last row, and how many howls it found."""
    guard, out, found = HowlGuard(), [], 0
    for _ in range(rows):
        guard.grow()
    for at in range(0, len(sound) - TICK_SAMPLES + 1, TICK_SAMPLES):
        voices = np.zeros((rows, TICK_SAMPLES), np.float32)
        voices[-1] = sound[at : at + TICK_SAMPLES]
        found += len(guard.take(voices))
        out.append(voices[-1])
    return np.concatenate(out), found


@pytest.mark.parametrize("hertz", [440, 1_000, 2_520, 7_777])
def test_a_loud_tone_falls_by_forty_decibels_after_a_tenth_of_a_second(hertz: int) -> None:
    sound, found = guarded(tone(hertz, 1.0, 0.6), rows=3)
    assert found == 1
    begin = (TICKS - 1) * TICK_SAMPLES
    assert amplitude(sound[:begin], hertz) == pytest.approx(0.6, rel=0.01)
    assert amplitude(sound[begin + 3 * TICK_SAMPLES :], hertz) < 0.6 * 10 ** (-30 / 20)


def test_the_rest_of_the_sound_stays() -> None:
    both = tone(2_000, 1.0, 0.6) + tone(500, 1.0, 0.05)
    sound, _ = guarded(both)
    assert amplitude(sound[SOUND_RATE // 2 :], 500) == pytest.approx(0.05, rel=0.1)
    assert amplitude(sound[SOUND_RATE // 2 :], 2_000) < 0.02


@pytest.mark.parametrize("seed", range(4))
def test_a_loud_voice_is_left_alone(seed: int) -> None:
    voice = Babble(seed)
    sound = np.clip(2.5 * np.concatenate([voice.read() for _ in range(400)]), -1, 1)
    made, found = guarded(sound.astype(np.float32))
    assert found == 0
    np.testing.assert_array_equal(made, sound.astype(np.float32))


def test_a_tone_as_loud_as_a_voice_is_left_alone() -> None:
    sound = tone(1_000, 1.0, 0.25)
    made, found = guarded(sound)
    assert found == 0
    np.testing.assert_array_equal(made, sound)


def test_a_filter_begins_without_a_click() -> None:
    sound, _ = guarded(tone(2_000, 0.5, 0.6))
    steps = np.abs(np.diff(sound, 2))
    assert steps.max() <= np.abs(np.diff(tone(2_000, 0.5, 0.6), 2)).max() * 1.05


def test_a_filter_is_the_same_in_blocks_as_sample_by_sample() -> None:
    notch, sound = Notch(1_234.5), np.random.default_rng(1).standard_normal(3 * TICK_SAMPLES)
    made = np.concatenate([notch.take(block) for block in sound.reshape(3, -1)])
    response = np.fft.rfft(np.concatenate([made[TICK_SAMPLES:]]))
    assert np.isfinite(response).all()
    steady = Notch(1_000)
    heard = [steady.take(block.astype(np.float64)) for block in tone(1_000, 0.4).reshape(20, -1)]
    assert amplitude(np.concatenate(heard[10:]).astype(np.float32), 1_000) < 0.0012


class Loop:
    """A microphone that hears its own channel 140 ms later, clearest around a frequency (Hz)."""

    LATE = 7

    def __init__(self, hertz: float, gain: float) -> None:
        self.heard = [np.zeros(TICK_SAMPLES, np.float32)] * self.LATE
        self._voice, self._room, self._gain = Babble(3), Notch(hertz), gain

    def read(self) -> Samples:
        came = self.heard[-self.LATE].astype(np.float64)
        # What the filter takes away is what resonates.
        back = self._gain * (came - 0.75 * self._room.take(came))
        return np.clip(0.4 * self._voice.read() + back, -1, 1).astype(np.float32)


def longest_howl(loop: Loop) -> int:
    """The most ticks in a row in which a channel with a loop is louder than any voice."""
    mixer, longest, now = Mixer([FLOOR]), 0, 0
    mixer.add("speaker", loop)
    mixer.microphone("speaker", 0, on=True)
    for number in range(300):
        loop.heard.append(mixer.tick(number * TICK_SAMPLES).channels[0])
        level = float(np.sqrt(np.mean(loop.heard[-1] ** 2)))
        now = now + 1 if level > LOUDER_THAN_ANY_VOICE else 0
        longest = max(longest, now)
    return longest


@pytest.mark.parametrize(("hertz", "gain"), [(600, 3.0), (1_850, 6.0), (3_100, 12.0)])
def test_a_loop_of_loudspeaker_and_microphone_does_not_howl_on(
    hertz: int, gain: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert longest_howl(Loop(hertz, gain)) <= 10
    monkeypatch.setattr(HowlGuard, "take", lambda guard, voices: [])
    assert longest_howl(Loop(hertz, gain)) > 50


def test_the_mixer_tells_of_a_howl() -> None:
    mixer = Mixer([FLOOR])
    mixer.add("calm", Played(tone(600, 1.0, 0.1)))
    mixer.add("howls", Played(tone(2_000, 1.0, 0.7)), automatic_gain=False)
    told = [mixer.tick(number * TICK_SAMPLES).howls for number in range(20)]
    assert [howls for howls in told if howls] == [("howls",)]
