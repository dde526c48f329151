"""A gain changes from the given sample on, along its curve, and the latest plan applies."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.engine.audio.fader import Fader, FaderMove
from hemicycle.engine.streams import Samples


def taken(fader: Fader, count: int, block: int = 10) -> Samples:
    parts = [np.full(block, fader.take(first, block)) for first in range(0, count, block)]
    return np.concatenate(parts).astype(np.float32)


def cosine(length: int) -> Samples:
    return (0.5 - 0.5 * np.cos(np.pi * np.arange(1, length + 1) / length)).astype(np.float32)


def test_it_opens_along_a_raised_cosine_from_the_very_sample() -> None:
    fader = Fader()
    fader.plan(FaderMove(13, 1.0, 24))
    expected = np.concatenate([np.zeros(13), cosine(24), np.ones(23)])
    assert taken(fader, 60) == pytest.approx(expected, abs=1e-6)


def test_what_fades_out_and_what_fades_in_keep_the_power_between_them() -> None:
    old, new = Fader(1.0), Fader()
    old.plan(FaderMove(5, 0.0, 40, "power"))
    new.plan(FaderMove(5, 1.0, 40, "power"))
    assert taken(old, 60) ** 2 + taken(new, 60) ** 2 == pytest.approx(np.ones(60), abs=1e-6)


def test_a_later_order_takes_back_what_was_planned_for_then_or_after() -> None:
    fader = Fader(1.0)
    fader.plan(FaderMove(30, 0.0, 5))
    fader.plan(FaderMove(20, 1.0, 5))
    assert taken(fader, 50).tolist() == [1.0] * 50


def test_an_earlier_order_stands_beside_a_later_one() -> None:
    fader = Fader()
    fader.plan(FaderMove(10, 1.0, 1))
    fader.plan(FaderMove(40, 0.0, 1))
    assert taken(fader, 60).tolist() == [0.0] * 10 + [1.0] * 30 + [0.0] * 20


def test_it_tells_where_it_left_silence_and_where_it_reached_it() -> None:
    fader = Fader()
    fader.plan(FaderMove(3, 1.0, 4))
    fader.plan(FaderMove(50, 0.0, 4))
    told = []
    for first in range(0, 70, 10):
        fader.take(first, 10)
        told += fader.turned
    assert told == [(True, 3), (False, 54)]


def test_reopened_within_its_ramp_it_never_was_silent() -> None:
    fader = Fader(1.0)
    fader.plan(FaderMove(0, 0.0, 10))
    fader.take(0, 5)
    fader.plan(FaderMove(5, 1.0, 10))
    gains = taken(fader, 20, block=5)
    assert gains.min() > 0
    assert (fader.gain, fader.turned) == (1.0, [])


@given(
    st.lists(
        st.tuples(st.integers(0, 300), st.sampled_from([0.0, 1.0]), st.integers(1, 60)), max_size=8
    ),
    st.sampled_from([1, 7, 50]),
)
def test_no_gain_leaves_its_bounds_or_jumps(
    moves: list[tuple[int, float, int]], block: int
) -> None:
    fader = Fader()
    for at, to, length in moves:
        fader.plan(FaderMove(at, to, length))
    gains = taken(fader, 400, block)
    steepest = 1.6 / min((length for _, _, length in moves), default=1)
    assert gains.min() >= 0
    assert gains.max() <= 1
    assert np.abs(np.diff(gains, prepend=np.float32(0))).max() <= steepest + 1e-6
    assert gains[-1] == (fader.gain)
