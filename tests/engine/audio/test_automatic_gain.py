"""Voices are brought to the same loudness, gently and within bounds; noise is not raised."""

import numpy as np
import pytest

from hemicycle.engine.audio.automatic_gain import (
    BOUND_DB,
    DOWN_DB_S,
    TARGET,
    UP_DB_S,
    AutomaticGain,
)
from hemicycle.engine.audio.loudness import Meters
from hemicycle.engine.streams import AudioSource
from tests.engine.audio.studio import SECOND, Noise, Played, Speech, Tone


def gains(
    sound: AudioSource, seconds: float, *, automatic_gain: bool = True, heard: bool = True
) -> list[float]:
    """Return the gain after each tick, in dB."""
    meters, control = Meters(1), AutomaticGain()
    control.grow(automatic_gain=automatic_gain)
    told = []
    for _ in range(round(seconds * SECOND)):
        block = sound.read()
        assert block is not None
        meters.take(block[np.newaxis])
        control.take(meters.energies(), meters.energies(5), np.array([heard]))
        told.append(float(control.gains[0]))
    return told


@pytest.mark.parametrize("loudness", [-33, -28, -23, -18, -13])
def test_a_voice_comes_to_the_target(loudness: float) -> None:
    settled = gains(Speech(loudness), 30)[-1]
    assert loudness + settled == pytest.approx(TARGET, abs=2.5)


def test_voices_of_different_loudness_end_up_as_loud_as_each_other() -> None:
    ends = [loudness + gains(Speech(loudness), 30)[-1] for loudness in (-32, -14)]
    assert ends[0] == pytest.approx(ends[1], abs=1.0)


@pytest.mark.parametrize(("loudness", "gain"), [(-42, BOUND_DB), (-2, -BOUND_DB)])
def test_it_never_adds_or_takes_more_than_its_bound(loudness: float, gain: float) -> None:
    told = gains(Speech(loudness), 40)
    assert told[-1] == pytest.approx(gain)
    assert max(abs(gain) for gain in told) <= BOUND_DB


def test_it_moves_slowly() -> None:
    up, down = np.diff(gains(Speech(-40), 8)), np.diff(gains(Speech(-5), 8))
    assert up.max() == pytest.approx(UP_DB_S / SECOND)
    assert down.min() == pytest.approx(-DOWN_DB_S / SECOND)


@pytest.mark.parametrize("level", [-60, -45, -35, -25])
def test_a_steady_noise_is_not_raised(level: float) -> None:
    assert max(gains(Noise(level), 40)) == 0.0


def test_noise_between_words_is_not_raised() -> None:
    """A speaker stops while a fan runs on: after the last word, the gain no longer changes."""
    voice, fan = Speech(-28, noise_db=-50), Noise(-50)
    spoken = [voice.read() for _ in range(15 * SECOND)]
    told = gains(Played(np.concatenate(spoken + [fan.read() for _ in range(20 * SECOND)])), 35)
    assert set(told[16 * SECOND :]) == {told[-1]}


def test_a_loud_tone_is_turned_down_though_it_is_no_voice() -> None:
    assert gains(Tone(1000, 0.25), 20)[-1] == pytest.approx(TARGET + 15.05, abs=0.2)


def test_nothing_is_learnt_from_who_is_not_heard() -> None:
    assert gains(Speech(-35), 10, heard=False)[-1] == 0.0


def test_a_source_told_off_stays_as_it_is() -> None:
    assert gains(Speech(-35), 10, automatic_gain=False)[-1] == 0.0


def test_who_leaves_takes_their_gain_with_them() -> None:
    automatic_gain = AutomaticGain()
    automatic_gain.grow(automatic_gain=True)
    automatic_gain.grow(automatic_gain=True)
    loud, quiet = np.array([10**-0.5, 1e-9]), np.array([1e-9, 1e-9])
    for _ in range(SECOND):
        automatic_gain.take(loud, quiet, np.array([True, True]))
    before = automatic_gain.gains.tolist()
    automatic_gain.drop(0)
    assert (before[0] < 0, automatic_gain.gains.tolist()) == (True, [0.0])
