"""The rung that a listener gets, chosen from loss reports and round trips."""

from itertools import pairwise

from hemicycle.engine.rtc.link_estimate import (
    LOSSY_S,
    MOST_PAUSE_S,
    MOST_TRAIN_BITS,
    LinkEstimate,
    LossCount,
    Train,
)

NEEDS = [1_000_000, 450_000, 180_000, 90_000]
SOUND, PICTURE = 1, 2


class Link:
    """A link with a capacity in bits per second, and the rungs that the estimate chooses."""

    def __init__(self, bears: int, rung: int = 0) -> None:
        self.bears = bears
        self.now = 100.0
        self.estimate = LinkEstimate(len(NEEDS), self.now, rung)
        self._expected = self._lost = 0
        self.seen: list[int] = []

    def run(self, seconds: int, *, lost: float = 0.0) -> list[int]:
        """Report every second, measure when due, and return the rung of each second."""
        for _ in range(seconds):
            self.now += 1
            needs = NEEDS[self.estimate.rung]
            share = max(lost, 1 - self.bears / needs)
            self._expected += 100
            self._lost += round(100 * share)
            count = LossCount(self.now, self._expected, self._lost)
            self.estimate.reported(PICTURE, count, NEEDS)
            self.estimate.settled(self.now)
            trains = self.estimate.trains(self.now, NEEDS)
            if trains and all(self._passes(train) for train in trains):
                self.estimate.up(self.now)
            self.seen.append(self.estimate.rung)
        return self.seen[-seconds:]

    def _passes(self, train: Train) -> bool:
        behind_s = 0.3 + train.bits / self.bears
        return self.estimate.measured(train, 0.3, behind_s, self.now, NEEDS)


def test_a_wide_link_always_gets_all() -> None:
    assert set(Link(5_000_000).run(60)) == {0}


def test_a_narrow_link_falls_to_what_it_bears_within_three_seconds_and_stays() -> None:
    seen = Link(256_000).run(60)
    assert seen[2] == 2
    assert set(seen[2:]) == {2}


def test_what_still_arrived_says_how_far_to_fall() -> None:
    assert Link(100_000).run(8)[-1] == 3


def test_the_best_comes_back_within_ten_seconds_after_the_link() -> None:
    link = Link(95_000)
    link.run(90)
    assert link.estimate.rung == 3
    link.bears = 10_000_000
    assert link.run(10)[-1] == 0


def test_short_holes_are_no_narrow_link_but_make_the_sound_redundant() -> None:
    link = Link(5_000_000)
    link.run(5)
    assert not link.estimate.lossy(link.now)
    for _ in range(10):
        link.run(2)
        link.run(1, lost=0.1)
    assert set(link.seen) == {0}
    assert link.estimate.lossy(link.now)
    link.run(int(LOSSY_S) + 4)
    assert not link.estimate.lossy(link.now)


def test_a_queue_leads_down_although_nothing_is_lost() -> None:
    estimate = LinkEstimate(len(NEEDS), 0.0)
    assert not estimate.trip(0.1, 10, NEEDS)
    assert not estimate.trip(0.3, 11, NEEDS)
    assert not estimate.trip(0.6, 12, NEEDS)
    assert not estimate.trip(0.2, 13, NEEDS)
    assert not estimate.trip(0.6, 14, NEEDS)
    assert estimate.trip(0.6, 15, NEEDS)
    assert estimate.rung == 1


def test_many_requests_for_lost_packets_lead_down_before_a_report_comes() -> None:
    estimate = LinkEstimate(len(NEEDS), 0.0)
    assert not estimate.asked_again(10, 100, 5.0, NEEDS)
    assert estimate.asked_again(60, 100, 5.2, NEEDS)
    assert estimate.rung == 2


def test_signs_right_after_a_change_are_of_what_was_sent_before() -> None:
    estimate = LinkEstimate(len(NEEDS), 0.0)
    estimate.asked_again(50, 100, 5.0, NEEDS)
    rung = estimate.rung
    assert not estimate.asked_again(80, 100, 5.5, NEEDS)
    assert estimate.rung == rung


def test_a_rung_that_fails_is_tried_less_often_but_never_less_than_it_may() -> None:
    estimate = LinkEstimate(len(NEEDS), 0.0, rung=3)
    tried: list[float] = []
    now = 0.0
    while len(tried) < 8:
        now += 0.5
        if trains := estimate.trains(now, NEEDS):
            tried.append(now)
            estimate.measured(trains[0], 0.1, 1.1, now, NEEDS)
    pauses = [after - before for before, after in pairwise(tried)]
    assert pauses == sorted(pauses)
    assert MOST_PAUSE_S <= pauses[-1] < MOST_PAUSE_S + 0.5


def test_a_queue_before_a_measurement_does_not_make_a_narrow_link_wide() -> None:
    estimate = LinkEstimate(len(NEEDS), 0.0, rung=2)
    estimate.trip(0.3, 50, NEEDS)
    whole = estimate.trains(60, NEEDS)[-1]
    assert estimate.measured(whole, 0.3, 0.31, 60, NEEDS)
    assert not estimate.measured(whole, 0.4, 0.41, 60, NEEDS)


def test_a_measurement_is_as_large_as_the_next_rung_asks_and_has_a_limit() -> None:
    small = LinkEstimate(len(NEEDS), 0.0, rung=3).trains(60, NEEDS)[-1]
    larger = LinkEstimate(len(NEEDS), 0.0, rung=1).trains(60, NEEDS)[-1]
    assert small.bits < larger.bits < MOST_TRAIN_BITS
    assert LinkEstimate(len(NEEDS), 0.0).trains(60, NEEDS) == ()


def test_trains_grow_while_the_link_bears_them() -> None:
    link = Link(256_000, rung=1)
    trains = link.estimate.trains(200.0, NEEDS)
    assert [train.bits for train in trains] == sorted(train.bits for train in trains)
    assert not link._passes(trains[0])
    link.bears = 500_000
    assert [link._passes(train) for train in trains[:2]] == [True, False]
    link.bears = 1_200_000
    assert all(link._passes(train) for train in trains)


def test_a_new_count_of_a_source_is_not_compared_with_the_one_before() -> None:
    estimate = LinkEstimate(len(NEEDS), 0.0)
    for at in range(5):
        estimate.reported(PICTURE, LossCount(10.0 + at, 10_000 + 100 * at, 5_000), NEEDS)
    for at in range(5):
        estimate.reported(PICTURE, LossCount(15.0 + at, 100 * at, 0), NEEDS)
    assert estimate.rung == 0


def test_one_hole_in_a_small_picture_is_seen_beside_the_sound() -> None:
    estimate = LinkEstimate(len(NEEDS), 0.0, rung=2)
    for at in range(4):
        now = 10.0 + at
        estimate.reported(SOUND, LossCount(now, 50 * at, 0), NEEDS)
        estimate.reported(PICTURE, LossCount(now + 0.1, 15 * at, 5 if at else 0), NEEDS)
    assert estimate.rung == 2
