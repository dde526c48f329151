"""The forecast: its arithmetic, its learning, and how often its range is right."""

from dataclasses import replace
from math import sqrt
from random import Random
from statistics import NormalDist, fmean, pvariance, quantiles

import pytest

from bench.procedure.forecast import coverage
from hemicycle.procedure import Rules
from hemicycle.procedure import commands as c
from hemicycle.procedure.forecast import (
    LATE_START_MS,
    PRIOR,
    Belief,
    Habits,
    Outlook,
    Span,
    capacity,
    forecast,
    foresee,
    remaining,
)
from tests.procedure.meeting import NINE, Meeting, opened, speaker

MINUTE = 60_000


@pytest.mark.parametrize(
    ("minutes", "changeover_s", "speakers"),
    [(64, 30, 18), (64, 10, 20), (84, 30, 24), (84, 10, 26), (60, 30, 17), (3, 30, 1), (2, 30, 0)],
)
def test_how_many_fit(minutes: int, changeover_s: int, speakers: int) -> None:
    assert capacity(minutes * MINUTE, 180_000, changeover_s * 1000) == speakers


def test_a_belief_moves_towards_what_is_seen_and_becomes_surer() -> None:
    belief = Belief.of(20.0, doubt=10.0, scatter=5.0)
    assert (belief.scatter2, belief.doubt2) == (25.0, 100.0)
    after = belief.after([40.0, 42.0, 38.0, 40.0])
    assert 38.0 < after.mean < 40.0
    assert after.doubt2 < belief.doubt2 / 10
    assert belief.after([]) == belief
    one_by_one = belief
    for seen in (40.0, 42.0, 38.0, 40.0):
        one_by_one = one_by_one.after([seen])
    assert one_by_one.mean == pytest.approx(after.mean)
    assert one_by_one.scatter2 == pytest.approx(after.scatter2)


@pytest.mark.parametrize("passed", [-50, 0, 100, 160, 240, 330])
def test_what_remains_is_the_truncated_normal(passed: int) -> None:
    whole = NormalDist(170, 30)
    random = Random(7)
    beyond = whole.cdf(340 - passed)  # by symmetry: exact where 1 - cdf is not
    tail = [340 - passed - whole.inv_cdf(beyond * (1 - random.random())) for _ in range(20_000)]
    rest = remaining(Span(170, 900), passed)
    assert rest.mean == pytest.approx(fmean(tail), rel=0.02)
    assert rest.variance == pytest.approx(pvariance(tail), rel=0.05)


def panel(speakers: int) -> Meeting:
    return opened(*(f"s{n}" for n in range(speakers)))


def run(meeting: Meeting, times: int, speaking_s: float, changeover_s: float) -> None:
    for _ in range(times):
        meeting.after(changeover_s).do(c.GiveFloor())
        meeting.after(speaking_s).do(c.EndFloor())


def look(meeting: Meeting) -> Outlook:
    return forecast(meeting.floor, meeting.now)


def test_the_range_opens_with_distance_and_nobody_is_foreseen_in_the_past() -> None:
    meeting = panel(30)
    meeting.do(c.GiveFloor())
    expectations = look(meeting).expectations
    assert [expectation.slot for expectation in expectations] == [f"s{n}" for n in range(1, 30)]
    widths = [expectation.latest - expectation.earliest for expectation in expectations]
    assert widths == sorted(widths)
    for expectation in expectations:
        assert meeting.now <= expectation.earliest <= expectation.expected <= expectation.latest


def test_what_the_room_shows_is_learnt() -> None:
    meeting = panel(40)
    before = look(meeting)
    run(meeting, 15, speaking_s=120, changeover_s=8)
    after = look(meeting)
    assert (before.changeovers_seen, after.changeovers_seen) == (0, 14)
    assert before.changeover_ms == 22_000
    assert 8_000 <= after.changeover_ms < 9_500
    assert before.share == 95
    assert 66 <= after.share <= 69
    last = after.expectations[-1]
    assert last.expected == pytest.approx(meeting.now + 24 * 128_000 + 8_000, rel=0.0001)
    assert last.latest - last.earliest < 15 * MINUTE


def test_one_long_pause_is_an_incident_and_not_the_pace() -> None:
    meeting = panel(40)
    run(meeting, 5, speaking_s=180, changeover_s=10)
    meeting.after(1_800)
    run(meeting, 5, speaking_s=180, changeover_s=10)
    assert look(meeting).changeover_ms < 30_000


def test_absences_bring_everybody_forward() -> None:
    meeting = panel(40)
    run(meeting, 6, speaking_s=170, changeover_s=20)
    expected = look(meeting).expectations[-1].expected - meeting.now
    for _ in range(4):
        meeting.after(10).do(c.MarkAbsent())
    later = look(meeting)
    assert later.absence == 25
    assert later.expectations[-1].expected - meeting.now < expected - 4 * 180_000


def test_the_longer_somebody_speaks_the_later_everybody_is() -> None:
    meeting = panel(5)
    meeting.do(c.GiveFloor())
    first = [forecast(meeting.floor, meeting.now + s * 1000).expectations[0] for s in (0, 170, 400)]
    assert [expectation.expected for expectation in first] == sorted(
        expectation.expected for expectation in first
    )
    assert first[2].expected > meeting.now + 400_000


def test_an_interruption_puts_everybody_off() -> None:
    meeting = panel(5)
    meeting.do(c.GiveFloor())
    before = look(meeting).expectations[0]
    meeting.do(c.Interrupt())
    after = look(meeting).expectations[0]
    assert after.expected > before.expected
    assert after.latest > before.latest


def test_the_status_tells_who_is_reached_before_the_end() -> None:
    meeting = opened(*(f"s{n}" for n in range(60)))
    outlook = look(meeting)
    statuses = [expectation.status for expectation in outlook.expectations]
    order = ["likely", "at_risk", "will_not_be_reached"]
    assert statuses == sorted(statuses, key=order.index)
    assert [outlook.count("likely"), outlook.count("at_risk")] == [
        statuses.count("likely"),
        statuses.count("at_risk"),
    ]
    for expectation in outlook.expectations:
        assert (expectation.status == "likely") == (expectation.chance >= 80)
    meeting.do(c.Reschedule(NINE + 1_800_000))
    assert look(meeting).count("likely") < outlook.count("likely")


def test_between_segments_nothing_is_foreseen() -> None:
    meeting = panel(3)
    meeting.do(c.CloseSegment())
    assert look(meeting).expectations == ()


def test_before_the_segment_the_list_is_enough() -> None:
    slots = [speaker(f"s{n}") for n in range(60)]
    outlook = foresee(slots, Rules(), NINE, NINE + 95 * MINUTE)
    assert [expected.slot for expected in outlook.expectations] == [slot.id for slot in slots]
    assert outlook.expectations[0].earliest == NINE
    assert outlook.expectations[-1].status == "will_not_be_reached"
    # The forecast for the afternoon uses the habits of the morning.
    morning = panel(30)
    run(morning, 25, speaking_s=90, changeover_s=5)
    learnt = PRIOR.after(morning.floor.history, morning.floor.passed_over)
    later = foresee(slots, Rules(), NINE, NINE + 95 * MINUTE, learnt)
    assert later.count("likely") > outlook.count("likely") + 10


def draw_times(random: Random, habits: Habits, slots: int) -> list[float]:
    """Draw a room from the beliefs; return when each slot has the floor, in ms after the start."""

    def mean(belief: Belief) -> float:
        return random.gauss(belief.mean, sqrt(belief.doubt2))

    def one(usual: float, belief: Belief) -> float:
        return random.gauss(usual, sqrt(belief.scatter2))

    share, changeover, lost = mean(habits.share), mean(habits.changeover), mean(habits.lost)
    absence = random.betavariate(habits.missing, habits.present)
    now, times = random.gauss(0, LATE_START_MS), []
    for _ in range(slots):
        between = one(changeover, habits.changeover)
        times.append(now + between)
        if random.random() < absence:
            now += one(lost, habits.lost)
        else:
            now += between + one(share, habits.share) * 180_000
    return times


@pytest.mark.parametrize(
    "habits",
    [
        PRIOR,
        replace(PRIOR, share=Belief.of(0.9, doubt=0.001, scatter=0.05), missing=1, present=999),
        replace(
            PRIOR, changeover=Belief.of(20_000, doubt=10, scatter=90), missing=200, present=800
        ),
        replace(PRIOR, share=Belief.of(0.9, doubt=0.001, scatter=0.05), missing=2, present=4),
    ],
    ids=["prior", "doubtful pace", "doubtful speakers", "doubtful presence"],
)
def test_the_formula_says_what_drawing_at_random_says(habits: Habits) -> None:
    random = Random(13)
    drawn = [draw_times(random, habits, 25) for _ in range(4_000)]
    outlook = foresee([speaker(f"s{n}") for n in range(25)], Rules(), NINE, NINE, habits)
    for place in (5, 24):
        expectation = outlook.expectations[place]
        at = quantiles([one[place] for one in drawn], n=10)
        width = at[8] - at[0]
        assert expectation.latest - expectation.earliest == pytest.approx(width, rel=0.08)
        assert abs(expectation.earliest - NINE - at[0]) < 0.06 * width
        assert abs(expectation.latest - NINE - at[8]) < 0.06 * width


def test_the_range_holds_what_happens_in_75_to_85_of_100_cases() -> None:
    held = coverage(panels=400, speakers=30, seed=5)
    assert set(held) == {"all", "before", "opening", "1/4", "2/4", "3/4"}
    assert 0.75 <= held["all"] <= 0.85
    # This also holds at each moment: a wide range at first must not make up for narrow ones later.
    for covered in held.values():
        assert 0.73 <= covered <= 0.87
