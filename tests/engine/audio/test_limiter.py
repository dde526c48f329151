"""No sample exceeds the ceiling, none below it changes, and the transition does not click."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.engine.audio.analysis import decoded, tone
from hemicycle.engine.audio.limiter import CEILING, LOOK_AHEAD, RELEASE_DB_S, Limiter, _lowest
from hemicycle.engine.audio.opus import OpusEncoder
from hemicycle.engine.streams import TICK_SAMPLES, Samples
from tests.engine.audio.studio import Speech


def limited(*sounds: Samples) -> Samples:
    limiter = Limiter(len(sounds))
    blocks = np.split(np.stack(sounds), len(sounds[0]) // TICK_SAMPLES, axis=1)
    return np.hstack([limiter.take(block) for block in blocks])


@given(st.integers(0, 2**32 - 1), st.lists(st.floats(0, 4), min_size=1, max_size=12))
def test_no_sample_leaves_above_the_ceiling(seed: int, loud: list[float]) -> None:
    random = np.random.default_rng(seed)
    sound = np.concatenate([random.normal(0, loudness, TICK_SAMPLES) for loudness in loud])
    other = np.zeros(len(sound))
    out = limited(sound.astype(np.float32), other.astype(np.float32))
    assert np.abs(out[0]).max() <= CEILING + 1e-6
    assert not out[1].any()


def test_what_is_below_the_ceiling_is_not_touched() -> None:
    sound = tone(300, 0.2, amplitude=CEILING)
    assert limited(sound)[0].tolist() == [0.0] * LOOK_AHEAD + sound[:-LOOK_AHEAD].tolist()


def test_the_gain_is_down_when_the_loud_sound_comes_and_went_down_without_a_step() -> None:
    sound = np.full(10 * TICK_SAMPLES, 0.25, np.float32)
    sound[5 * TICK_SAMPLES - 3] = 1.0
    out = limited(sound)[0][LOOK_AHEAD:]
    assert out[5 * TICK_SAMPLES - 3] == pytest.approx(CEILING, rel=1e-4)
    gains = np.delete(out, 5 * TICK_SAMPLES - 3) / 0.25
    assert gains[: 5 * TICK_SAMPLES - 3 - LOOK_AHEAD].tolist() == [1.0] * (
        5 * TICK_SAMPLES - 3 - LOOK_AHEAD
    )
    assert np.abs(np.diff(20 * np.log10(gains))).max() < 0.06


def test_the_gain_comes_back_at_its_pace_and_wholly() -> None:
    sound = np.full(20 * TICK_SAMPLES, 0.25, np.float32)
    sound[0] = 1.0
    gains = limited(sound)[0][LOOK_AHEAD + 1 :] / 0.25
    rising = np.diff(20 * np.log10(gains))
    assert rising[200:4000] == pytest.approx(np.full(3800, RELEASE_DB_S / 48_000), abs=2e-5)
    assert gains[-1] == pytest.approx(1.0)


def test_it_tells_by_how_much_it_turned_down() -> None:
    limiter = Limiter(2)
    limiter.take(np.stack([np.full(TICK_SAMPLES, 1.0), np.full(TICK_SAMPLES, 0.1)]).astype("f4"))
    assert limiter.reduced == pytest.approx([6.0, 0.0], abs=1e-6)


@pytest.mark.parametrize("kind", ["howl", "noise", "knocks", "overdriven"])
def test_what_a_listener_decodes_stays_a_decibel_below_full_scale(kind: str) -> None:
    voice = Speech(-3)
    time = np.arange(48_000) / 48_000
    loud = {
        "howl": tone(1000, 1, 1.0),
        "noise": np.random.default_rng(5).normal(0, 0.8, 48_000),
        "knocks": np.sin(2 * np.pi * 90 * time) * np.exp(-(time % 0.2) * 96),
        "overdriven": np.clip(np.concatenate([voice.read() for _ in range(50)]) * 8, -1, 1),
    }[kind].astype(np.float32)
    encoder = OpusEncoder()
    blocks = np.split(limited(loud)[0], len(loud) // TICK_SAMPLES)
    heard = decoded([encoder.encode(block, n * 960) for n, block in enumerate(blocks)])
    assert np.abs(heard).max() <= 10 ** (-1 / 20)


@given(st.lists(st.floats(-9, 0), min_size=5, max_size=30), st.integers(1, 5))
def test_the_lowest_of_neighbours(values: list[float], width: int) -> None:
    expected = [min(values[n : n + width]) for n in range(len(values) - width + 1)]
    assert _lowest(np.array([values]), width)[0].tolist() == expected
