"""Which speakers will be reached, and when: the forecast time of each slot, with its range.

The theory. Before each speaker there is a *changeover*. Then the slot speaks for a *share* of its
time limit, or it is called in vain and the meeting loses some time. Nobody knows beforehand how a
given room behaves. So each of these quantities starts from a wide prior (`PRIOR`, from the course
of such meetings) and is learnt from the meeting itself: a normal quantity with unknown mean and
spread has the conjugate normal-inverse-gamma belief, and an absence has the beta belief.

The time until a slot is the sum over all slots before it. Its variance has two parts: the scatter
of each speaker, which grows with their number, and the uncertainty about the habits of the room,
which grows with the square of their number. The second part keeps the range of a distant slot
honest. The range contains 80 of 100 outcomes: from the 10th to the 90th percentile of the normal
distribution with that mean and variance. The rest of the present intervention, or of the present
changeover, has the truncated normal distribution: the longer somebody has spoken, the less the
habit predicts.

The solution is analytic, so that the forecast for two hundred slots takes about a millisecond.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import erfc, sqrt
from statistics import NormalDist
from typing import Literal

from hemicycle.procedure.clock import UNLIMITED_MS, limit_ms, used_ms
from hemicycle.procedure.effects import DELIVERING
from hemicycle.procedure.state import CHAIR, PRESENTING, Floor, Intervention, PassedOver
from hemicycle.procedure.terms import Listed, Rules

type Status = Literal["likely", "at_risk", "will_not_be_reached"]

LIKELY = 0.8
UNLIKELY = 0.2
"""A slot whose chance is at least `LIKELY` is *likely* to be reached; with a chance below
`UNLIKELY`, it *will not be reached*.
"""

LONGEST_MS = 120_000
"""The maximum length of a changeover, or of a call in vain, when habits are learnt, in ms."""

NORMAL = NormalDist()
FAR = 30.0
EDGE = NORMAL.inv_cdf(0.9)


@dataclass(frozen=True, slots=True)
class Belief:
    """A normal-inverse-gamma belief about a quantity, as four numbers.

    `mean` is the expected mean, and `weight` the number of observations that it is worth. The
    expected variance is `scale / (shape - 1)`.
    """

    mean: float
    weight: float
    shape: float
    scale: float

    @staticmethod
    def of(mean: float, doubt: float, scatter: float, shape: float = 3.0) -> "Belief":
        """Return the belief in a mean of `mean` ± `doubt` and a deviation of `scatter`."""
        return Belief(mean, (scatter / doubt) ** 2, shape, scatter**2 * (shape - 1))

    @property
    def scatter2(self) -> float:
        """The expected variance of one observation."""
        return self.scale / (self.shape - 1)

    @property
    def doubt2(self) -> float:
        """The variance of the mean, which is the uncertainty about it."""
        return self.scatter2 / self.weight

    def after(self, seen: Sequence[float]) -> "Belief":
        """Return the belief after the observations `seen`."""
        count = len(seen)
        if count == 0:
            return self
        average = sum(seen) / count
        weight = self.weight + count
        spread = sum((value - average) ** 2 for value in seen)
        shift = self.weight * count / weight * (average - self.mean) ** 2
        return Belief(
            mean=(self.weight * self.mean + count * average) / weight,
            weight=weight,
            shape=self.shape + count / 2,
            scale=self.scale + (spread + shift) / 2,
        )


@dataclass(frozen=True, slots=True)
class Habits:
    """The believed habits of a room. Shares are parts of the time limit; times are in ms.

    `missing` and `present` are the two counts of the beta belief about absences.
    """

    share: Belief
    presenting: Belief
    changeover: Belief
    lost: Belief
    missing: float
    present: float
    changeovers_seen: int = 0

    @property
    def absence(self) -> float:
        """The probability that a slot is called in vain."""
        return self.missing / (self.missing + self.present)

    @property
    def absence_doubt2(self) -> float:
        """The variance of that probability, which is the uncertainty about it."""
        total = self.missing + self.present
        return self.absence * (1 - self.absence) / (total + 1)

    def after(
        self, history: Iterable[Intervention], passed_over: Iterable[PassedOver] = ()
    ) -> "Habits":
        """Return the habits after the observations of a meeting.

        Answers to questions and interventions of a chair do not count, because no list foresees
        them.
        """
        held = [past for past in history if _shows_habits(past)]
        changeovers = _usual(past.changeover_ms for past in held)
        vain = list(passed_over)
        return replace(
            self,
            share=self.share.after(_shares(held, presenting=False)),
            presenting=self.presenting.after(_shares(held, presenting=True)),
            changeover=self.changeover.after(changeovers),
            lost=self.lost.after(_usual(missed.lost_ms for missed in vain)),
            missing=self.missing + len(vain),
            present=self.present + len(held),
            changeovers_seen=self.changeovers_seen + len(changeovers),
        )


def _shows_habits(past: Intervention) -> bool:
    return past.reason in DELIVERING and not past.question and past.role != CHAIR


def _shares(held: Iterable[Intervention], *, presenting: bool) -> list[float]:
    chosen = (past for past in held if (past.role in PRESENTING) == presenting)
    return [past.used_ms / past.limit_ms for past in chosen]


def _usual(times: Iterable[int | None]) -> list[float]:
    """Return known times, at most `LONGEST_MS` each: a long pause is an incident, not a habit."""
    return [min(time, LONGEST_MS) for time in times if time is not None]


PRIOR = Habits(
    share=Belief.of(0.95, doubt=0.19, scatter=0.16),
    presenting=Belief.of(1.0, doubt=0.22, scatter=0.2),
    changeover=Belief.of(22_000, doubt=12_000, scatter=9_000),
    lost=Belief.of(20_000, doubt=10_000, scatter=10_000),
    missing=1.0,
    present=9.0,
)
"""The habits before any observation: most speakers use nearly all their time, 1 in 10 is absent."""

CHAIR_MS = 60_000
"""The expected time of a chair without a limit, in ms; also its standard deviation."""

HALT_MS = 20_000
"""The expected rest of an interruption, in ms; also its standard deviation."""

LATE_START_MS = 120_000
"""The standard deviation of the start of a segment from the programme, in ms."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """When a slot will have the floor: 10th, 50th and 90th percentile, in ms since the Unix epoch.

    `chance` is the probability, in whole percent, that this is before the planned end of the
    segment.
    """

    slot: str
    earliest: int
    expected: int
    latest: int
    chance: int
    status: Status


@dataclass(frozen=True, slots=True)
class Outlook:
    """The forecast for a list, in its order, and the figures of the room.

    `changeover_ms` is the expected time between two speakers, learnt from `changeovers_seen`
    changeovers. `share` is the part of their limit that speakers are expected to use, and `absence`
    the part of them expected to be absent, both in whole percent.
    """

    expectations: tuple[Expectation, ...]
    changeover_ms: int
    changeovers_seen: int
    share: int
    absence: int

    def count(self, status: Status) -> int:
        """Return how many slots have this status."""
        return sum(expectation.status == status for expectation in self.expectations)


@dataclass(frozen=True, slots=True)
class Span:
    """An uncertain time: its mean in ms, its variance in ms²."""

    mean: float
    variance: float


def forecast(floor: Floor, now: int, habits: Habits = PRIOR) -> Outlook:
    """Return the forecast at `now` (ms since the Unix epoch) for all waiting slots.

    `habits` are those known before this meeting. Between segments, the outlook has no slots. The
    end of a suspension is not forecast: while it lasts, the expected times move on with `now`.
    """
    habits = habits.after(floor.history, floor.passed_over)
    if floor.segment is None or not floor.segment_open:
        return _outlook((), habits)
    now = max(now, floor.at)
    rest = _rest(floor, now, habits)
    begun = Span(now + rest.mean, rest.variance)
    path = _Path(habits, floor.rules, begun, changing=floor.holder is None)
    return _outlook(path.along(floor.waiting(), now, floor.segment.ends_at), habits)


def foresee(
    slots: Iterable[Listed], rules: Rules, starts_at: int, ends_at: int, habits: Habits = PRIOR
) -> Outlook:
    """Return the forecast for a list whose segment has not begun; times in ms since the epoch."""
    begun = Span(starts_at, LATE_START_MS**2)
    path = _Path(habits, rules, begun, changing=False)
    listed = (slot for slot in slots if slot.role != CHAIR)
    return _outlook(path.along(listed, starts_at, ends_at), habits)


def capacity(available_ms: int, limit: int, changeover_ms: int) -> int:
    """Return how many speakers of `limit` ms fit into `available_ms`, including changeovers."""
    return max(0, (available_ms + changeover_ms) // (limit + changeover_ms))


def _outlook(expectations: tuple[Expectation, ...], habits: Habits) -> Outlook:
    return Outlook(
        expectations=expectations,
        changeover_ms=round(habits.changeover.mean),
        changeovers_seen=habits.changeovers_seen,
        share=round(100 * habits.share.mean),
        absence=round(100 * habits.absence),
    )


def _rest(floor: Floor, now: int, habits: Habits) -> Span:
    """Return the rest of the present speaker's time, or of the present changeover."""
    holder = floor.holder
    if holder is None:
        changeover = habits.changeover
        begun = floor.free_since or (floor.segment.opened_at if floor.segment else now)
        variance = changeover.scatter2 + changeover.doubt2
        return remaining(Span(changeover.mean, variance), now - begun)
    presenting = floor.slots[holder.slot].role in PRESENTING
    share = habits.presenting if presenting else habits.share
    limit = holder.limit_ms
    whole = Span(share.mean * limit, (share.scatter2 + share.doubt2) * limit**2)
    if limit >= UNLIMITED_MS:
        whole = Span(CHAIR_MS, CHAIR_MS**2)
    rest = remaining(whole, used_ms(floor, now))
    if holder.running_since is None:
        return Span(rest.mean + HALT_MS, rest.variance + HALT_MS**2)
    return rest


def remaining(whole: Span, passed: float) -> Span:
    """Return the rest of a normally distributed time after `passed` ms: the truncated normal."""
    sigma = sqrt(whole.variance)
    z = (passed - whole.mean) / sigma
    if z > FAR:
        return Span(sigma / z, (sigma / z) ** 2)  # the tail, which is nearly exponential
    hazard = 2 * NORMAL.pdf(z) / erfc(z / sqrt(2))
    return Span(whole.mean + sigma * hazard - passed, whole.variance * (1 + z * hazard - hazard**2))


class _Path:
    """A walk down a list, with sums over all slots passed so far.

    The sums have the expected number, or ms, by which the mean of each belief is multiplied. The
    uncertainty of a mean therefore counts with the square of its sum.
    """

    def __init__(self, habits: Habits, rules: Rules, begun: Span, *, changing: bool) -> None:
        self.habits = habits
        self.rules = rules
        self.begun = begun
        self.scatter2 = 0.0
        # While the floor is free, the first changeover is in progress and included in `begun`.
        self.changeovers = 0.0 if changing else 1.0
        self.speaking_ms = 0.0
        self.presenting_ms = 0.0
        self.lost = 0.0
        self.if_absent_ms = 0.0

    def along(self, slots: Iterable[Listed], now: int, ends_at: int) -> tuple[Expectation, ...]:
        """Return what to expect for each of `slots`, no time earlier than `now`."""
        expectations: list[Expectation] = []
        for slot in slots:
            expectations.append(_expectation(slot.id, self.here(), now, ends_at))
            self.past(slot)
        return tuple(expectations)

    def here(self) -> Span:
        """Return the time at which the next slot has the floor."""
        habits = self.habits
        mean = (
            self.begun.mean
            + self.changeovers * habits.changeover.mean
            + self.speaking_ms * habits.share.mean
            + self.presenting_ms * habits.presenting.mean
            + self.lost * habits.lost.mean
        )
        doubt2 = (
            self.changeovers**2 * habits.changeover.doubt2
            + self.speaking_ms**2 * habits.share.doubt2
            + self.presenting_ms**2 * habits.presenting.doubt2
            + self.lost**2 * habits.lost.doubt2
            + self.if_absent_ms**2 * habits.absence_doubt2
        )
        own = habits.changeover.scatter2 if self.changeovers else 0.0
        return Span(mean, self.begun.variance + self.scatter2 + own + doubt2)

    def past(self, slot: Listed) -> None:
        """Add `slot` to the sums: it speaks, or is called in vain."""
        habits = self.habits
        limit, absence = limit_ms(slot, self.rules), habits.absence
        presenting = slot.role in PRESENTING
        share = habits.presenting if presenting else habits.share
        spared = habits.lost.mean - habits.changeover.mean - share.mean * limit
        self.scatter2 += (
            (1 - absence) * (habits.changeover.scatter2 + share.scatter2 * limit**2)
            + absence * habits.lost.scatter2
            + absence * (1 - absence) * spared**2
        )
        self.changeovers += 1 - absence
        if presenting:
            self.presenting_ms += (1 - absence) * limit
        else:
            self.speaking_ms += (1 - absence) * limit
        self.lost += absence
        self.if_absent_ms += spared


def _expectation(slot: str, at: Span, now: int, ends_at: int) -> Expectation:
    sigma = sqrt(at.variance)
    # The normal distribution extends to times before `now`, so it would leave a chance after the
    # end.
    chance = NORMAL.cdf((ends_at - at.mean) / sigma) if now < ends_at else 0.0
    return Expectation(
        slot=slot,
        earliest=max(now, round(at.mean - EDGE * sigma)),
        expected=max(now, round(at.mean)),
        latest=max(now, round(at.mean + EDGE * sigma)),
        chance=round(100 * chance),
        status=_status(chance),
    )


def _status(chance: float) -> Status:
    if chance >= LIKELY:
        return "likely"
    return "at_risk" if chance >= UNLIKELY else "will_not_be_reached"
