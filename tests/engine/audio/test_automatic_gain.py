"""Voices are brought to the same loudness, gently and within bounds; noise is not raised."""

import numpy as np
import pytest
from numpy.typing import NDArray

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

type Values = NDArray[np.float64]


def gains(
    seconds: float, *sounds: AudioSource, automatic_gain: bool = True, heard: bool = True
) -> Values:
    """Return the gain of each sound after each tick, in dB: a row for a tick."""
    meters, control = Meters(len(sounds)), AutomaticGain()
    for _ in sounds:
        control.grow(automatic_gain=automatic_gain)
    told = []
    for _ in range(round(seconds * SECOND)):
        meters.take(np.array([sound.read() for sound in sounds]))
        control.take(meters.energies(), meters.energies(5), np.full(len(sounds), heard))
        told.append(control.gains.copy())
    return np.array(told)


def test_voices_come_to_the_target_and_are_as_loud_as_each_other() -> None:
    loudness = np.array([-33, -32, -28, -23, -18, -14, -13])
    ends = loudness + gains(20, *map(Speech, loudness))[-1]
    assert ends == pytest.approx(np.full(7, TARGET), abs=2.5)
    assert ends[1] == pytest.approx(ends[5], abs=1.0)


def test_it_never_adds_or_takes_more_than_its_bound() -> None:
    told = gains(20, Speech(-42), Speech(-2))
    assert told[-1] == pytest.approx([BOUND_DB, -BOUND_DB])
    assert np.abs(told).max() <= BOUND_DB


def test_it_moves_slowly() -> None:
    up, down = np.diff(gains(8, Speech(-40), Speech(-5)), axis=0).T
    assert up.max() == pytest.approx(UP_DB_S / SECOND)
    assert down.min() == pytest.approx(-DOWN_DB_S / SECOND)


def test_a_steady_noise_is_not_raised() -> None:
    assert gains(20, *map(Noise, (-60, -45, -35, -25))).max(axis=0).tolist() == [0.0] * 4


def test_noise_between_words_is_not_raised() -> None:
    """A speaker stops while a fan runs on: after the last word, the gain no longer changes."""
    voice, fan = Speech(-28, noise_db=-50), Noise(-50)
    spoken = [voice.read() for _ in range(15 * SECOND)]
    told = gains(35, Played(np.concatenate(spoken + [fan.read() for _ in range(20 * SECOND)])))
    assert set(told[16 * SECOND :, 0]) == {told[-1, 0]}


def test_a_loud_tone_is_turned_down_though_it_is_no_voice() -> None:
    assert gains(8, Tone(1000, 0.25))[-1] == pytest.approx([TARGET + 15.05], abs=0.2)


def test_nothing_is_learnt_from_who_is_not_heard() -> None:
    assert gains(10, Speech(-35), heard=False)[-1] == [0.0]


def test_a_source_told_off_stays_as_it_is() -> None:
    assert gains(10, Speech(-35), automatic_gain=False)[-1] == [0.0]


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
