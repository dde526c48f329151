"""Properties of the forecast in every history: its bounds, its order, its growing certainty."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from hemicycle.procedure import Listed, Rules
from hemicycle.procedure import commands as c
from hemicycle.procedure.forecast import PRIOR, Expectation, Habits, forecast, foresee
from tests.procedure.histories import Run
from tests.procedure.meeting import NINE, Meeting, opened
from tests.support.examples import examples

MINUTE = 60_000
ROLES = ("speaker", "panellist", "moderator")
lists = st.lists(
    st.builds(
        Listed,
        st.just("slot"),
        st.just("track"),
        st.just("person"),
        st.sampled_from(ROLES),
        limit_ms=st.sampled_from((None, 30_000, 60_000, 600_000)),
    ),
    max_size=40,
)


def check(expectations: tuple[Expectation, ...], now: int, ends_at: int) -> None:
    """Check what must be true of any forecast for a list."""
    for slot in expectations:
        assert now <= slot.earliest <= slot.expected <= slot.latest
        assert 0 <= slot.chance <= (100 if now < ends_at else 0)
    for before, after in pairwise(expectations):
        assert before.expected <= after.expected
        assert before.latest <= after.latest
        assert before.chance >= after.chance, "nobody is reached but behind those before them"
    order = ("likely", "at_risk", "will_not_be_reached")
    ranks = [order.index(slot.status) for slot in expectations]
    assert ranks == sorted(ranks)


@given(st.integers(0, 2**32), st.integers(0, 60), st.integers(-20_000, 10_800_000))
def test_bounds_and_order_in_every_history(seed: int, length: int, later: int) -> None:
    run = Run(seed).play(length)
    floor, now = run.floor, run.floor.at + later
    outlook = forecast(floor, now)
    ends_at = floor.segment.ends_at if floor.segment else 0
    check(outlook.expectations, max(now, floor.at), ends_at)
    waits = [slot.id for slot in floor.waiting()] if floor.segment_open else []
    assert [slot.slot for slot in outlook.expectations] == waits


def learnt(seed: int, length: int) -> Habits:
    """Return the habits of a room after a random history."""
    floor = Run(seed).play(length).floor
    return PRIOR.after(floor.history, floor.passed_over)


@given(lists, st.integers(0, 2**32), st.integers(0, 60), st.integers(0, 180))
def test_bounds_and_order_of_a_list_before_its_segment(
    slots: list[Listed], seed: int, length: int, minutes: int
) -> None:
    ends_at = NINE + minutes * MINUTE
    outlook = foresee(slots, Rules(), NINE, ends_at, learnt(seed, length))
    check(outlook.expectations, NINE, ends_at)


ROUNDS = (5, 20, 60)
"""After how many speakers the forecast is read."""


@examples(25)
@given(st.integers(20, 240), st.integers(1, 60), st.integers(0, 9))
def test_a_room_that_goes_like_clockwork_becomes_certain(
    speaking_s: int, changeover_s: int, place: int
) -> None:
    meeting, heard, widths = opened(*(f"s{n}" for n in range(ROUNDS[-1] + 10))), 0, []
    for rounds in ROUNDS:
        _speak(meeting, rounds - heard, speaking_s, changeover_s)
        heard = rounds
        seen = forecast(meeting.floor, meeting.now).expectations[place]
        widths.append(seen.latest - seen.earliest)
    assert widths == sorted(widths, reverse=True)
    takes_ms = 1_000 * (changeover_s + place * (speaking_s + changeover_s))
    # One speaker in seventy is still expected to be absent, which is 4 s of a turn of 5 minutes.
    # What was believed before the first speaker still accounts for about as much.
    assert abs(seen.expected - meeting.now - takes_ms) <= 5_000 + 5_000 * place


def _speak(meeting: Meeting, times: int, speaking_s: int, changeover_s: int) -> None:
    for _ in range(times):
        meeting.after(changeover_s).do(c.GiveFloor())
        meeting.after(speaking_s).do(c.EndFloor())
