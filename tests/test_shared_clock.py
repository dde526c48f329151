"""This machine's clock is corrected only as far as a comparison proves it wrong."""

import logging

import pytest

from hemicycle import shared_clock

NOW_MS = 1_700_000_000_000


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """This machine's clock stands at `NOW_MS`, and has not been compared yet."""
    monkeypatch.setattr(shared_clock, "_from_steady_ms", None)
    monkeypatch.setattr(shared_clock, "_was_off", False)
    monkeypatch.setattr(shared_clock, "steady_ms", lambda: float(NOW_MS))
    monkeypatch.setattr(shared_clock, "own_ms", lambda: float(NOW_MS))
    return monkeypatch


@pytest.mark.parametrize("took_ms", [0, 3, 4_000])
@pytest.mark.parametrize("off_ms", [60_000, -60_000, 3_600_000, 9])
def test_a_wrong_clock_is_corrected_as_exactly_as_the_answer_was_quick(
    off_ms: int, took_ms: int, own: pytest.MonkeyPatch
) -> None:
    half = took_ms / 2
    shared_clock.compare(NOW_MS - half, NOW_MS - off_ms, NOW_MS + half)
    assert abs(shared_clock.ahead_ms() - off_ms) <= half + 1 + 0.5  # whole milliseconds
    assert abs(shared_clock.now_ms() - (NOW_MS - off_ms)) <= half + 1
    assert abs(shared_clock.now_s() * 1000 - (NOW_MS - off_ms)) <= half + 1


@pytest.mark.parametrize(("before_ms", "after_ms"), [(-0.4, 0.6), (-1, 5_000), (-5_000, 1)])
def test_a_clock_that_may_be_right_is_left_alone(
    before_ms: float, after_ms: float, own: pytest.MonkeyPatch
) -> None:
    shared_clock.compare(NOW_MS + before_ms, NOW_MS, NOW_MS + after_ms)
    assert (shared_clock.ahead_ms(), shared_clock.now_ms()) == (0, NOW_MS)


def test_a_slow_answer_does_not_move_what_a_quick_one_told(own: pytest.MonkeyPatch) -> None:
    shared_clock.compare(NOW_MS, NOW_MS - 60_000, NOW_MS + 1)
    told = shared_clock.ahead_ms()
    shared_clock.compare(NOW_MS - 3_000, NOW_MS - 60_500, NOW_MS + 100)
    assert shared_clock.ahead_ms() == told


def test_a_clock_that_was_set_right_needs_no_correction(own: pytest.MonkeyPatch) -> None:
    shared_clock.compare(NOW_MS, NOW_MS - 60_000, NOW_MS + 1)
    assert shared_clock.is_off(shared_clock.ahead_ms())
    own.setattr(shared_clock, "own_ms", lambda: NOW_MS - 60_000.0)
    assert abs(shared_clock.ahead_ms()) <= 1
    assert abs(shared_clock.now_ms() - (NOW_MS - 60_000)) <= 1


def test_the_site_s_time_goes_on_by_a_clock_that_nobody_sets(own: pytest.MonkeyPatch) -> None:
    shared_clock.compare(NOW_MS, NOW_MS, NOW_MS + 1)
    own.setattr(shared_clock, "own_ms", lambda: NOW_MS + 60_000.0)
    own.setattr(shared_clock, "steady_ms", lambda: NOW_MS + 5.0)
    assert abs(shared_clock.now_ms() - NOW_MS - 5) <= 1


def test_a_wrong_clock_is_logged_once(
    own: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        for off_ms in (500, 60_000, 60_010, -60_000):
            shared_clock.compare(NOW_MS, NOW_MS - off_ms, NOW_MS + 1)
    (line,) = caplog.messages
    assert "differs from the database's by 60.0 s" in line
