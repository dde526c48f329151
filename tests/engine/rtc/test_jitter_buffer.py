"""Sound between network and mixer: no gaps, little delay."""

from dataclasses import replace
from itertools import groupby

import numpy as np
import pytest

from hemicycle.engine.rtc import redundancy
from hemicycle.engine.rtc.jitter_buffer import GONE, JitterBuffer, JitterBufferStats
from hemicycle.engine.streams import TICK_SAMPLES, Samples
from tests.engine.rtc.network import decode, run, tone


def test_what_comes_in_time_is_heard_as_it_was_sent() -> None:
    result, buffer = run(seconds=5)
    assert np.array_equal(result.sound, tone(0, len(result.sound)))
    assert buffer.tally == JitterBufferStats(packets=249, pieces=248)
    assert max(result.depths) <= 40


def test_rtp_time_may_wrap() -> None:
    plain, _ = run(seconds=5)
    wrapped, _ = run(seconds=5, first_timestamp=0xFFFF0000)
    assert np.array_equal(plain.sound, wrapped.sound)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("jitter_s", [0, 0.03, 0.06])
@pytest.mark.parametrize("loss", [0, 0.03, 0.10])
def test_neither_loss_nor_reordering_leaves_a_gap(loss: float, jitter_s: float, seed: int) -> None:
    result, buffer = run(loss=loss, jitter_s=jitter_s, seed=seed)
    assert result.longest_gap_ms <= 60
    assert (buffer.tally.concealed > 0) == (loss > 0 or jitter_s > 0.05)


@pytest.mark.parametrize("loss", [0.03, 0.10])
def test_a_lost_packet_costs_no_delay(loss: float) -> None:
    result, _ = run(loss=loss, jitter_s=0.02)
    assert np.mean(result.depths) <= 40


@pytest.mark.parametrize(("drift", "altered"), [(1.0005, "cut"), (0.9995, "concealed")])
def test_clocks_that_run_apart_are_made_up_for(drift: float, altered: str) -> None:
    result, buffer = run(seconds=120, drift=drift)
    assert max(result.depths[50:]) <= 60
    assert result.longest_gap_ms == 0
    assert getattr(buffer.tally, altered) >= 2


def test_a_burst_after_a_hole_is_not_a_delay_for_good() -> None:
    result, _ = run(hole=(5, 5.4))
    assert max(result.depths) <= 200
    assert np.mean(result.depths[-200:]) <= 60


@pytest.mark.parametrize("late_ms", [0, 25, 40])
def test_redundant_sound_comes_in_time_after_the_first_holes(late_ms: int) -> None:
    """Five packets are lost every 3.3 s; the next five are late, as if queued behind a picture."""
    made_up = [holes_heard(late_ms, seed) for seed in range(10)]
    assert max(row for rows in made_up for row in rows[4:]) <= 2


def holes_heard(late_ms: float, seed: int) -> list[int]:
    """Play a minute; return how many consecutive pieces of sound are concealed in each hole."""
    now, reads, phase = 0.0, [], np.random.default_rng(seed).uniform(0, 20)
    buffer = JitterBuffer(decode, clock=lambda: now)
    coming = []
    for number in range(3000):
        behind = number % 165
        if behind >= 5:
            at_ms = 20 * number + late_ms * (behind < 10)
            blocks = [number - ago for ago in (*reversed(redundancy.BEHIND), 0) if ago <= number]
            coming.append((at_ms, blocks))
    for read in range(3000):
        now_ms = 20 * read + phase
        now = now_ms / 1000
        while coming and coming[0][0] <= now_ms:
            *older, newest = coming.pop(0)[1]
            for block in older:
                buffer.put(block * TICK_SAMPLES, (block * TICK_SAMPLES).to_bytes(4), again=True)
            buffer.put(newest * TICK_SAMPLES, (newest * TICK_SAMPLES).to_bytes(4))
        before = buffer.tally.concealed
        if buffer.read() is not None:
            reads.append(buffer.tally.concealed > before)
    return [len(list(row)) for is_made_up, row in groupby(reads) if is_made_up]


def test_a_sound_that_ends_is_none_after_half_a_second() -> None:
    buffer = JitterBuffer(decode, clock=lambda: 0.0)
    for number in range(5):
        buffer.put(number * TICK_SAMPLES, (number * TICK_SAMPLES).to_bytes(4))
    heard = [buffer.read() is not None for _ in range(60)]
    assert heard == [True] * sum(heard) + [False] * (60 - sum(heard))
    assert sum(heard) <= 5 + GONE // TICK_SAMPLES


def test_a_stream_that_begins_anew_is_heard_from_its_beginning() -> None:
    buffer = JitterBuffer(decode, clock=lambda: 0.0)
    for number in range(10):
        buffer.put(number * TICK_SAMPLES, (number * TICK_SAMPLES).to_bytes(4))
        buffer.read()
    for number in range(10):
        buffer.put(10**8 + number * TICK_SAMPLES, (number * TICK_SAMPLES).to_bytes(4))
    assert buffer.read() is not None
    assert buffer.tally.late == 0


def test_nobody_who_does_not_read_fills_the_memory() -> None:
    buffer = JitterBuffer(decode, clock=lambda: 0.0)
    for number in range(10_000):
        buffer.put(number * TICK_SAMPLES, (number * TICK_SAMPLES).to_bytes(4))
    assert buffer.read() is not None
    assert buffer.depth_ms <= 60


@pytest.mark.parametrize("payload", [b"", b"\xff" * 4])
def test_a_packet_without_sound_is_hidden(payload: bytes) -> None:
    buffer = JitterBuffer(
        lambda data: decode(data) if data != b"\xff" * 4 else tone(0, 0), clock=lambda: 0.0
    )
    for number in range(6):
        data = payload if number == 3 else (number * TICK_SAMPLES).to_bytes(4)
        buffer.put(number * TICK_SAMPLES, data)
    pieces = [buffer.read() for _ in range(4)]
    assert all(piece is not None and len(piece) == TICK_SAMPLES for piece in pieces)
    assert buffer.tally.concealed >= 1


def test_another_process_goes_on_in_the_middle_of_a_stream() -> None:
    def play(*, moves: bool) -> list[Samples | None]:
        buffer = JitterBuffer(decode, clock=lambda: 0.0)
        heard: list[Samples | None] = []
        for number in range(60):
            if number not in {20, 29, 30, 31}:  # one is lost, and three at the switch
                start = number * TICK_SAMPLES
                buffer.put(start, start.to_bytes(4))
            heard.append(buffer.read())
            if moves and number == 30:
                handed = buffer.handed()
                buffer = JitterBuffer(decode, clock=lambda: 0.0)
                buffer.resume(handed)
        return heard

    for one, other in zip(play(moves=False), play(moves=True), strict=True):
        assert (one is None) == (other is None)
        if one is not None and other is not None:
            assert np.array_equal(one, other)


def test_a_state_that_is_out_of_range_is_refused() -> None:
    buffer = JitterBuffer(decode, clock=lambda: 0.0)
    handed = buffer.handed()
    for wrong in (
        replace(handed, step=0),
        replace(handed, reserve=10**6),
        replace(handed, past=b"1234"),
        replace(handed, made=b"123"),
    ):
        with pytest.raises(ValueError, match=r"range|length|buffer size"):
            JitterBuffer(decode, clock=lambda: 0.0).resume(wrong)
