"""Estimates what a listener's link can carry: which rung of the ladder it gets, by loss and delay.

Every client sends receiver reports and answers STUN requests; nothing else is needed here. Three
signs show that a link carries less than is sent: many packets are lost, many are requested again,
or the round trip grows, because a queue fills. At each sign the listener falls at once to a rung
that needs no more than what still arrived.

Before a step up, the link is measured: a train of packets is sent at once, with a request behind
it. The time by which the answer is later than usual is the time that the packets took on the
narrowest stretch. The first train is small, since sound waits behind it; a larger one is sent only
if the previous one passed. Where the link cannot be measured, the next rung is tried. The pause
before each attempt on a rung grows while attempts fail, up to `MOST_PAUSE_S`, so that a link that
recovers has the best rung within ten seconds.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

QUEUE_S = 0.25
"""A round trip longer by this many seconds than the shortest recent one means a queue."""

LATE = 2
"""How many round trips in a row must be late to be a sign."""

RECENT_S = 15.0
"""Seconds for which round trips are kept, to know how long one usually takes."""

FORGETS = 1.01
"""The factor by which the shortest round trip grows each second, because network paths change."""

WINDOW_S = 3.0
"""Seconds over which losses are counted, so that one short hole is no sign of a narrow link."""
LEAST_WINDOW_S = 1.8
LOST = 0.2
"""The share of lost packets in a window that is a sign; a smaller one leads to redundancy only."""
LEAST_COUNTED = 60

ASKED_AGAIN = 0.4
"""The share of the packets requested again within a second that is a sign."""
LEAST_ASKED = 15
LEAST_SENT = 40

LOSSY = 0.004
"""The share of lost packets in a window from which on sound is redundant, for `LOSSY_S`."""
LOSSY_S = 30.0

SETTLES_S = 1.5
"""Seconds after a change in which signs still concern what was sent before."""
TRIAL_S = 4.0
"""Seconds after a step up in which a sign means that the step was too large."""

PAUSE_S, MOST_PAUSE_S = 1.5, 3.8
BEARS = 1.15
"""How much more than a rung needs the link must carry before it is tried, as a factor."""
ARRIVES = 0.9
"""How much of what still arrived the lower rung may need, as a factor."""

TRAIN_S = 0.04
"""Seconds that a measurement's packets take on a link that can carry the next rung and no more."""
LEAST_TRAIN_BITS, MOST_TRAIN_BITS = 19_200, 115_200
TRAINS = ((0.25, 0.4), (0.5, 0.6), (1.0, 1.0), (1.0, 1.0))
"""The trains of a measurement: the share of the bits that each has, and the share of the next
rung's bit rate that must pass. On a link of 256 kb/s, a whole train makes sound wait for longer
than redundancy bridges, if a hole follows."""
LEAST_DELAY_S = 0.001


@dataclass(frozen=True, slots=True)
class Train:
    """Packets for a measurement: how many bits, and which share of the next rung must pass."""

    bits: int
    share: float


@dataclass(frozen=True, slots=True)
class LossCount:
    """The packets of a source that a receiver had expected, and lost, until `at` (s)."""

    at: float
    expected: int
    lost: int


class LinkEstimate:
    """The estimate for one listener's link. All times are in seconds on one clock.

    `rung` is the index of the listener's rung; 0 is the best of `rungs`.
    """

    def __init__(self, rungs: int, now: float, rung: int = 0) -> None:
        self.rungs = rungs
        self.rung = min(rung, rungs - 1)
        self._changed = now - SETTLES_S
        self._signed = now
        self._pauses = [PAUSE_S] * rungs
        self._trial = False
        self._counts: dict[int, deque[LossCount]] = {}
        self._asked: deque[tuple[float, int]] = deque()
        self._shortest_s = self._trip_at = 0.0
        self._late = 0
        self._trips: deque[tuple[float, float]] = deque()
        self._lossy_until = now

    def lossy(self, now: float) -> bool:
        """Whether packets have been lost recently, so that sound is sent redundantly."""
        return now < self._lossy_until

    # -- signs; each returns whether the rung has changed

    def reported(self, source: int, count: LossCount, needs: Sequence[int]) -> bool:
        """Take a report on a source. `needs` are the bits per second of each rung."""
        counts = self._counts.setdefault(source, deque())
        if counts and count.expected < counts[-1].expected:
            counts.clear()  # the receiver counts from the beginning again
        counts.append(count)
        while counts[0].at < count.at - WINDOW_S:
            counts.popleft()
        # Count all sources together: a hole takes many of a small picture's few packets.
        spans = [(known[0], known[-1]) for known in self._counts.values()]
        expected = sum(last.expected - first.expected for first, last in spans)
        lost = sum(last.lost - first.lost for first, last in spans)
        if expected < LEAST_COUNTED or count.at - counts[0].at < LEAST_WINDOW_S:
            return False
        share = min(1.0, max(0, lost) / expected)
        if share >= LOSSY:
            self._lossy_until = count.at + LOSSY_S
        return share >= LOST and self._down(needs, (1 - share), count.at)

    def asked_again(
        self, packets: int, sent_per_s: float, now: float, needs: Sequence[int]
    ) -> bool:
        """Take a request to repeat `packets` of a source that sends `sent_per_s` (0: a new one)."""
        self._asked.append((now, packets))
        while self._asked[0][0] < now - 1:
            self._asked.popleft()
        asked = sum(count for _, count in self._asked)
        self._lossy_until = now + LOSSY_S
        sent = max(sent_per_s, LEAST_SENT)
        if asked < LEAST_ASKED or asked < ASKED_AGAIN * sent:
            return False
        return self._down(needs, max(0.0, 1 - asked / sent), now)

    def trip(self, seconds: float, now: float, needs: Sequence[int]) -> bool:
        """Take a round trip, in seconds, that was not measured behind a train."""
        passed = now - self._trip_at if self._trip_at else 0.0
        self._trip_at = now
        self._trips.append((now, seconds))
        while self._trips[0][0] < now - RECENT_S:
            self._trips.popleft()
        self._shortest_s = min(seconds, self._shortest_s * FORGETS**passed or seconds)
        excess = seconds - self._shortest_s
        # One round trip may be late because a process was busy; a queue delays the next one too.
        self._late = self._late + 1 if excess > QUEUE_S else 0
        # At the pace of the link, what was sent in a second arrived in `1 + excess` seconds.
        return self._late >= LATE and self._down(needs, 1 / (1 + excess), now)

    def _down(self, needs: Sequence[int], arrived: float, now: float) -> bool:
        self._signed = now
        if now - self._changed < SETTLES_S:
            return False
        if self._trial and now - self._changed < TRIAL_S:
            self._pauses[self.rung] = min(MOST_PAUSE_S, 1.5 * self._pauses[self.rung])
        bears = ARRIVES * arrived * needs[self.rung]
        lower = range(self.rung + 1, self.rungs)
        return self._to(next((one for one in lower if needs[one] <= bears), self.rungs - 1), now)

    # -- the way up

    def trains(self, now: float, needs: Sequence[int]) -> tuple[Train, ...]:
        """Return the trains to measure the link with now; none if it is too early for a step up.

        Send one after the other, as long as each passes.
        """
        if not self.rung or now - max(self._signed, self._changed) < self._pauses[self.rung - 1]:
            return ()
        wanted = round(TRAIN_S * BEARS * needs[self.rung - 1])
        whole = min(MOST_TRAIN_BITS, max(LEAST_TRAIN_BITS, wanted))
        return tuple(Train(round(part * whole), share) for part, share in TRAINS)

    def measured(
        self, train: Train, before_s: float, behind_s: float, now: float, needs: Sequence[int]
    ) -> bool:
        """Take the round trips before the trains and behind this one; return whether it passed."""
        # A queue from before the trains must not make the delay of this one look short.
        recent_s = min((trip_s for _, trip_s in self._trips), default=before_s)
        usual_s = min(before_s, recent_s)
        bears = train.bits / max(LEAST_DELAY_S, behind_s - usual_s)
        if bears >= train.share * BEARS * needs[self.rung - 1]:
            return True
        above = self.rung - 1
        self._signed = now
        self._pauses[above] = min(MOST_PAUSE_S, 1.5 * self._pauses[above])
        return False

    def up(self, now: float) -> bool:
        """Try the next rung; return whether there is one."""
        if not self.rung:
            return False
        self._trial = True
        return self._to(self.rung - 1, now)

    def settled(self, now: float) -> None:
        """Note that time passes: after a rung has held, the next attempt on it comes soon."""
        if self._trial and now - max(self._changed, self._signed) > TRIAL_S:
            self._trial = False
            self._pauses[self.rung] = PAUSE_S

    def _to(self, rung: int, now: float) -> bool:
        changed = rung != self.rung
        self._trial = self._trial and rung < self.rung
        self.rung, self._changed = rung, now
        self._counts.clear()
        self._asked.clear()
        return changed
