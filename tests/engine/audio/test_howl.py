"""Howls are taken out of a source; voices, whistles and sung notes stay as they are."""

from functools import cache

import numpy as np
import pytest

from bench.engine import sound_figures
from bench.engine.sound_gate import Line, Microphone
from hemicycle.engine.audio.analysis import amplitude, tone
from hemicycle.engine.audio.howl import STEADY_TICKS, TRIAL_TICKS, VOICES_DB, HowlGuard, Notch
from hemicycle.engine.audio.mixer import Mixer
from hemicycle.engine.streams import FLOOR, SOUND_RATE, TICK_SAMPLES, Samples
from hemicycle.engine.synthetic.voices import Babble

LOUDER_THAN_ANY_VOICE = 10 ** (VOICES_DB / 20)
LOUD = 0.38
"""The amplitude of a tone that is louder than any voice, but below a roar."""


def guarded(sound: Samples, rows: int = 1) -> tuple[Samples, int]:
    """Return the sound after a guard, as its last row, and the number of howls that it found."""
    guard, out, found = HowlGuard(), [], 0
    for _ in range(rows):
        guard.grow()
    for at in range(0, len(sound) - TICK_SAMPLES + 1, TICK_SAMPLES):
        voices = np.zeros((rows, TICK_SAMPLES), np.float32)
        voices[-1] = sound[at : at + TICK_SAMPLES]
        found += len(guard.take(voices, [True] * rows))
        out.append(voices[-1])
    return np.concatenate(out), found


@pytest.mark.parametrize("hertz", [440, 1_000, 2_520, 7_777])
def test_a_loud_tone_falls_by_thirty_decibels_after_a_tenth_of_a_second(hertz: int) -> None:
    sound, _ = guarded(tone(hertz, 0.8, LOUD), rows=3)
    begin = (STEADY_TICKS - 1) * TICK_SAMPLES
    assert amplitude(sound[:begin], hertz) == pytest.approx(LOUD, rel=0.01)
    assert amplitude(sound[begin + 3 * TICK_SAMPLES :], hertz) < LOUD * 10 ** (-30 / 20)


def test_a_whistle_is_heard_again_and_is_no_howl() -> None:
    sound, found = guarded(tone(1_900, 1.6, LOUD))
    assert found == 0
    begin = (STEADY_TICKS + TRIAL_TICKS + 2) * TICK_SAMPLES
    assert amplitude(sound[begin:], 1_900) == pytest.approx(LOUD, rel=0.01)


def test_a_tone_that_nobody_can_whistle_for_so_long_is_taken_out() -> None:
    sound, _ = guarded(tone(1_900, 4.0, LOUD))
    assert amplitude(sound[-SOUND_RATE:], 1_900) < LOUD * 10 ** (-30 / 20)


def with_gaps(sound: Samples, seed: int) -> Samples:
    """Return the sound with gaps as of a poor link: up to 120 ms, faded, about three a second."""
    chance = np.random.default_rng(seed)
    ticks = sound[: len(sound) // TICK_SAMPLES * TICK_SAMPLES].reshape(-1, TICK_SAMPLES).copy()
    fade, at = np.linspace(1, 0, TICK_SAMPLES), 20
    while (at := at + int(chance.exponential(15)) + 1) < len(ticks) - 8:
        end = at + int(chance.integers(1, 7))
        ticks[at] *= fade
        ticks[at + 1 : end] = 0
        ticks[end] *= fade[::-1]
        at = end
    return ticks.reshape(-1)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("hertz", [400, 600, 1_000])
def test_a_tone_with_gaps_is_not_taken_out_for_good(hertz: int, seed: int) -> None:
    sent = with_gaps(tone(hertz, 20.0, 0.3), seed)
    sound, _ = guarded(sent)
    last = slice(-5 * SOUND_RATE, None)
    assert amplitude(sound[last], hertz) > 0.5 * amplitude(sent[last], hertz)


@pytest.mark.parametrize("seed", range(4))
def test_a_tone_that_was_taken_out_is_heard_again_when_it_is_softer(seed: int) -> None:
    softer = tone(600, 14.0, 0.3 * 10 ** (-8 / 20))
    sound, _ = guarded(np.concatenate([with_gaps(tone(600, 6.0, 0.3), seed), softer]))
    last = slice(-5 * SOUND_RATE, None)
    assert amplitude(sound[last], 600) > 0.9 * amplitude(softer[last], 600)


def test_the_next_whistle_is_judged_by_itself() -> None:
    pause = np.zeros(SOUND_RATE // 2, np.float32)
    whistle = tone(1_900, 1.6, LOUD)
    sound, found = guarded(np.concatenate([whistle, pause, whistle, pause, whistle]))
    assert found == 0
    assert amplitude(sound[-SOUND_RATE // 2 :], 1_900) == pytest.approx(LOUD, rel=0.01)


@pytest.mark.parametrize("hertz", [330, 523, 880])
def test_a_sung_note_is_no_howl(hertz: float) -> None:
    at = np.arange(3 * SOUND_RATE) / SOUND_RATE
    turns = 2 * np.pi * hertz * at + 0.6 * np.sin(2 * np.pi * 5.5 * at)  # with vibrato
    harmonics = np.sum([np.sin(n * turns) / n for n in range(1, 7)], axis=0)
    sound = (0.25 * np.minimum(at, 1.0) * harmonics).astype(np.float32)
    made, found = guarded(sound)
    assert found == 0
    # A high note that swells is under suspicion at first, and is unchanged after that.
    np.testing.assert_array_equal(made[-SOUND_RATE:], sound[-SOUND_RATE:])


def test_the_rest_of_the_sound_stays() -> None:
    both = tone(2_000, 0.8, LOUD) + tone(500, 0.8, 0.05)
    sound, _ = guarded(both)
    assert amplitude(sound[SOUND_RATE // 4 :], 500) == pytest.approx(0.05, rel=0.1)
    assert amplitude(sound[SOUND_RATE // 4 :], 2_000) < 0.02


@pytest.mark.parametrize("seed", range(4))
def test_a_loud_voice_is_left_alone(seed: int) -> None:
    voice = Babble(seed)
    sound = np.clip(2.5 * np.concatenate([voice.read() for _ in range(400)]), -1, 1)
    made, found = guarded(sound.astype(np.float32))
    assert found == 0
    np.testing.assert_array_equal(made, sound.astype(np.float32))


@pytest.mark.parametrize("hertz", [440, 1_000, 3_000])
def test_a_tone_as_loud_as_a_voice_is_left_alone(hertz: int) -> None:
    for offset in range(0, TICK_SAMPLES, 61):  # the tone may begin anywhere in a tick
        silence = np.zeros(10 * TICK_SAMPLES + offset, np.float32)
        sound = np.concatenate([silence, tone(hertz, 1.0, 0.25)])
        sound = sound[: len(sound) // TICK_SAMPLES * TICK_SAMPLES]
        made, found = guarded(sound)
        assert found == 0
        np.testing.assert_array_equal(made, sound)


@pytest.mark.parametrize(
    "scale", [sound_figures.THIRDS, (523, 587, 659, 698, 784, 880, 988, 1_047, 1_175, 1_319)]
)
def test_a_scale_of_tones_is_left_alone(scale: tuple[int, ...]) -> None:
    sound = sound_figures.steps(scale, 0.2)
    made, _ = guarded(sound)
    np.testing.assert_array_equal(made, sound[: len(made)])


def test_a_filter_begins_without_a_click() -> None:
    sound, _ = guarded(tone(2_000, 0.5, LOUD))
    steps = np.abs(np.diff(sound, 2))
    assert steps.max() <= np.abs(np.diff(tone(2_000, 0.5, LOUD), 2)).max() * 1.05


def test_a_filter_is_the_same_in_blocks_as_sample_by_sample() -> None:
    notch, sound = Notch(1_234.5), np.random.default_rng(1).standard_normal(3 * TICK_SAMPLES)
    made = np.concatenate([notch.take(block) for block in sound.reshape(3, -1)])
    response = np.fft.rfft(np.concatenate([made[TICK_SAMPLES:]]))
    assert np.isfinite(response).all()
    steady = Notch(1_000)
    heard = [steady.take(block.astype(np.float64)) for block in tone(1_000, 0.4).reshape(20, -1)]
    assert amplitude(np.concatenate(heard[10:]).astype(np.float32), 1_000) < 0.0012


@cache
def voiced() -> tuple[Samples, ...]:
    """Return six seconds of a voice, in ticks."""
    voice = Babble(3)
    return tuple(voice.read() for _ in range(300))


class Loop:
    """A microphone that hears its own channel some ticks later, best around a frequency (Hz)."""

    def __init__(self, hertz: float, gain: float, late: int = 7) -> None:
        self.heard = [np.zeros(TICK_SAMPLES, np.float32)] * late
        self._voice, self._room, self._gain, self._late = iter(voiced()), Notch(hertz), gain, late

    def read(self) -> Samples:
        came = self.heard[-self._late].astype(np.float64)
        # The notch filter removes the resonance, so the difference is what resonates.
        back = self._gain * (came - 0.75 * self._room.take(came))
        return np.clip(0.4 * next(self._voice) + back, -1, 1).astype(np.float32)


def looped(loop: "Loop | Resonant", ticks: int = 300) -> tuple[Samples, int]:
    """Return the output of a channel with a loop, and the number of howls that were found."""
    mixer, found = Mixer([FLOOR]), 0
    mixer.add("speaker", loop)
    mixer.microphone("speaker", 0, on=True)
    for number in range(ticks):
        tick = mixer.tick(number * TICK_SAMPLES)
        loop.heard.append(tick.channels[0])
        found += len(tick.howls)
    return np.concatenate(loop.heard), found


def longest_howl(sound: Samples) -> int:
    """Return the most ticks in a row that are louder than any voice."""
    levels = np.sqrt(np.mean(sound.reshape(-1, TICK_SAMPLES) ** 2, axis=1))
    edges = np.flatnonzero(np.diff(np.pad((levels > LOUDER_THAN_ANY_VOICE).astype(np.int8), 1)))
    return int((edges[1::2] - edges[::2]).max(initial=0))


@pytest.mark.parametrize(
    ("hertz", "gain", "late"),
    [(600, 3.0, 7), (1_850, 6.0, 7), (3_100, 12.0, 7), (1_000, 4.0, 5)],
)
def test_a_loop_of_loudspeaker_and_microphone_does_not_howl_on(
    hertz: int, gain: float, late: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert longest_howl(looped(Loop(hertz, gain, late))[0]) <= 10
    monkeypatch.setattr(HowlGuard, "take", lambda guard, voices, heard: [])
    assert longest_howl(looped(Loop(hertz, gain, late))[0]) > 20


class Resonant:
    """A microphone that hears its own channel some ticks later through a room with a resonance."""

    def __init__(self, hertz: float, gain: float, late: int) -> None:
        self.heard = [np.zeros(TICK_SAMPLES, np.float32)] * late
        self._voice, self._line, self._late = iter(voiced()), Line(), late
        self._microphone = Microphone()
        self._microphone.hear(self._line, gain, hertz)

    def read(self) -> Samples:
        self._line.take(self.heard[-self._late])
        self._microphone.play((0.4 * next(self._voice)).astype(np.float32))
        return self._microphone.read()


@pytest.mark.parametrize("late", [4, 8, 16])
@pytest.mark.parametrize("hertz", [700, 1_850, 2_700, 3_900])
def test_a_howl_that_comes_in_bursts_falls_and_is_told(
    hertz: int, late: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound, found = looped(Resonant(hertz, 4.0, late), 200)
    assert found > 0
    assert sound_figures.fall_db(sound_figures.near(sound, hertz / 1.2, hertz * 1.2)) >= 12
    monkeypatch.setattr(HowlGuard, "take", lambda guard, voices, heard: [])
    howls, _ = looped(Resonant(hertz, 4.0, late), 200)
    assert sound_figures.fall_db(sound_figures.near(howls, hertz / 1.2, hertz * 1.2)) < 6


def test_a_source_that_nobody_hears_is_in_no_loop() -> None:
    guard = HowlGuard()
    for _ in range(2):
        guard.grow()
    for block in tone(1_900, 0.6, LOUD).reshape(-1, 1, TICK_SAMPLES):
        voices = np.repeat(block, 2, axis=0)
        guard.take(voices, [True, False])
    np.testing.assert_array_equal(voices[1], block[0])
    assert np.abs(voices[0]).max() < LOUD / 10


def test_another_process_goes_on_with_the_filters() -> None:
    guard, other = HowlGuard(), HowlGuard()
    guard.grow()
    blocks = tone(2_000, 0.6, LOUD).reshape(-1, 1, TICK_SAMPLES)
    for block in blocks[:15]:
        guard.take(block.copy(), [True])
    other.resume(guard.handed())
    for block in blocks[15:]:
        one, two = block.copy(), block.copy()
        guard.take(one, [True])
        other.take(two, [True])
        np.testing.assert_array_equal(one, two)
    assert np.abs(two).max() < LOUD / 10
