"""What a listener's link bears: which rung of the ladder it gets, by loss and delay.

Every client sends receiver reports and answers STUN requests; nothing else is needed here. Three
signs say that a link carries less than it gets: much of it is lost, much is asked for again, or the
round trip grows, because a queue fills. Each leads down at once, as far as what still arrived.

Before the way up, the link is measured: some packets are sent at once, and a request behind them.
By so much as its answer is later than usual, the packets took on the narrowest stretch. The first
packets are few, since sound waits behind them: more follow only where these pass well enough. Where
that cannot be done, the next rung is tried. The pause before each attempt on a rung grows while
attempts fail, up to `MOST_PAUSE_S`, so that a link that recovers has the best within ten seconds.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

QUEUE_S = 0.25
"""A round trip longer by this many seconds than the shortest recent one means a queue."""

LATE = 2
"""So many round trips in a row must be late."""

RECENT_S = 15.0
"""Round trips of this time say how long one usually takes."""

FORGETS = 1.01
"""The factor by which the shortest round trip grows each second, because network paths change."""

WINDOW_S = 3.0
"""Seconds over which losses are counted: one short hole in them is no sign of a narrow link."""
LEAST_WINDOW_S = 1.8
LOST = 0.2
"""Share of the packets of a window. Less is answered with redundancy alone."""
LEAST_COUNTED = 60

ASKED_AGAIN = 0.4
"""Share of a second's packets that are asked for again."""
LEAST_ASKED = 15
LEAST_SENT = 40

LOSSY = 0.004
"""Share of the packets of a window from which on sound is sent redundantly, for `LOSSY_S`."""
LOSSY_S = 30.0

SETTLES_S = 1.5
"""After a change, signs are about what was sent before for so long."""
TRIAL_S = 4.0
"""A sign within this time after a step up says that it was too much."""

PAUSE_S, MOST_PAUSE_S = 1.5, 3.8
BEARS = 1.15
"""How much more than it needs a link must bear before a rung is tried, as a factor."""
ARRIVES = 0.9
"""How much of what still arrived the next rung may need, as a factor."""

TRAIN_S = 0.04
"""How long the packets of a measurement take on a link that bears the next rung and no more."""
LEAST_TRAIN_BITS, MOST_TRAIN_BITS = 19_200, 115_200
TRAINS = ((0.25, 0.4), (0.5, 0.6), (1.0, 1.0), (1.0, 1.0))
"""The trains of a measurement: how much of the bits each has, and which share of what the next rung
needs must pass. A whole one on a link of 256 kb/s keeps sound waiting for longer than redundancy
bridges, if a hole follows."""
LEAST_DELAY_S = 0.001


@dataclass(frozen=True, slots=True)
class Train:
    """Packets for a measurement: how many bits, and which share of the next rung must pass."""

    bits: int
    share: float


@dataclass(frozen=True, slots=True)
class LossCount:
    """What a receiver has counted of a source until `at` (s): packets expected, and lost."""

    at: float
    expected: int
    lost: int


class LinkEstimate:
    """The link of one listener; all moments in seconds on one clock.

    `rung` is the index of what it gets, 0 the best of `rungs`.
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
            counts.clear()  # it counts from the beginning again
        counts.append(count)
        while counts[0].at < count.at - WINDOW_S:
            counts.popleft()
        # Of all sources together: of a small picture's few packets, one hole takes many.
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
        """Take a request for this many packets, of a source that sends `sent_per_s` (0: new)."""
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
        """Take a round trip that was measured with nothing else in its way."""
        passed = now - self._trip_at if self._trip_at else 0.0
        self._trip_at = now
        self._trips.append((now, seconds))
        while self._trips[0][0] < now - RECENT_S:
            self._trips.popleft()
        self._shortest_s = min(seconds, self._shortest_s * FORGETS**passed or seconds)
        excess = seconds - self._shortest_s
        # One may be late because a process was busy; a queue makes the next one late too.
        self._late = self._late + 1 if excess > QUEUE_S else 0
        # What took so long to arrive came in at the pace of the link, for so much longer than sent.
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
        """Return what to send to measure the link now, one train after the other while each
        passes; nothing if it is no time for that.
        """
        if not self.rung or now - max(self._signed, self._changed) < self._pauses[self.rung - 1]:
            return ()
        wanted = round(TRAIN_S * BEARS * needs[self.rung - 1])
        whole = min(MOST_TRAIN_BITS, max(LEAST_TRAIN_BITS, wanted))
        return tuple(Train(round(part * whole), share) for part, share in TRAINS)

    def measured(
        self, train: Train, before_s: float, behind_s: float, now: float, needs: Sequence[int]
    ) -> bool:
        """Take round trips before the trains and behind this one; return whether it passed."""
        # A queue that was there already is no reason to take the train for short.
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
        """Note that time passes: a rung that holds is worth a quick attempt next time."""
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
