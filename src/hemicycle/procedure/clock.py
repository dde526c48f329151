"""Time used and left, the phase of the clock, and when the core needs the next `Tick`.

The process that holds the record keeps the one clock: every function takes `now` (ms since the Unix
epoch) and none reads the time itself. A `now` before the record's last entry counts as the time of
that entry, so a machine whose clock steps back never gives a speaker time or takes it away twice.

The rules. The burnt-in picture calls this module, and the browser implements the same rules in
`clock-state.js` (`tests/procedure/clock_vectors.json` holds all three to the same answers):

* `time` from the moment at which nothing is left, whether the clock runs or stands still.
* `ready` while the clock stands still and has counted nothing; `stopped` when it stands still
  later.
* `warning` while the clock runs and no more than `warning_ms` is left, but only where the limit is
  longer than the warning. A limit of 20 seconds with a warning of 30 has no warning phase: it would
  begin inside it, and "30 seconds left" would be untrue from the first second. An extension makes
  a new limit, so the same speaker extended to 50 seconds is warned when 30 are left.
* `speaking` in all other cases while somebody has the floor, and `free` when nobody has.
* Where the rules cut, the microphone closes `grace_ms` after the limit, and nothing counts from
  then on. While the clock stands still, no microphone is cut.
* A screen rounds time left up and time over the limit down, so 0:00 appears at the limit itself.
* A clock without a limit (`UNLIMITED_MS`) shows the time used, rounded down. It is never in the
  phases `warning` and `time`, and no microphone is cut.

The phase is also the code of the label beside the clock. No label contains a number, because a
screen may open, or a clock start again, at any moment of a phase.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from hemicycle.procedure.state import CHAIR, PRESENTING, Floor, Holding
from hemicycle.procedure.terms import AtLimit, Listed, Rules

type Signal = Literal["warned", "expired", "cut"]
type RunningPhase = Literal["ready", "speaking", "warning", "time", "stopped"]
type ClockPhase = Literal["free"] | RunningPhase

LONGEST_S = 999 * 60 + 59
"""The most that a clock shows, in seconds."""

READY_KEPT_MS = 15_000
"""How long a speaker whose connection ended stays ready, or their hand up: a page that is loaded
again is back in a few seconds, a telephone that changes its network in some more."""

UNLIMITED_MS = 10**12
"""The limit, in ms, that stands for none: more than thirty years, which no speaker reaches."""


@dataclass(frozen=True, slots=True)
class HolderClock:
    """The holder's clock as a value: all that a screen needs to count without asking again.

    Durations are in ms, `running_since_ms` in ms since the Unix epoch, or None while the clock
    stands still.
    """

    limit_ms: int
    used_before_ms: int = 0
    running_since_ms: int | None = None
    warning_ms: int = 30_000
    at_limit: AtLimit = "signal"
    grace_ms: int = 0

    @property
    def counts_up(self) -> bool:
        """Whether there is no limit, so that the clock shows the time used."""
        return self.limit_ms >= UNLIMITED_MS

    @property
    def cuts(self) -> bool:
        """Whether the rules close the microphone after the limit."""
        return self.at_limit == "cut" and not self.counts_up

    @property
    def warns(self) -> bool:
        """Whether this limit has a warning."""
        return 0 < self.warning_ms < self.limit_ms and not self.counts_up

    @property
    def cut_at(self) -> int | None:
        """When the rules close the microphone; None where they do not, or the clock stands."""
        if not self.cuts or self.running_since_ms is None:
            return None
        return self.running_since_ms - self.used_before_ms + self.limit_ms + self.grace_ms

    def counted_ms(self, now: int) -> int:
        """The time counted, zero or more, whether the microphone was cut or not."""
        if self.running_since_ms is None:
            return self.used_before_ms
        return self.used_before_ms + max(0, now - self.running_since_ms)

    def used_ms(self, now: int) -> int:
        """The time used, zero or more; it ends with the cut where the rules cut."""
        counted = self.counted_ms(now)
        return min(counted, self.limit_ms + self.grace_ms) if self.cuts else counted

    def left_ms(self, now: int) -> int:
        """The time left; negative over the limit."""
        return self.limit_ms - self.used_ms(now)

    def phase(self, now: int) -> RunningPhase:
        """What the clock says at `now`."""
        left = self.left_ms(now)
        if left <= 0:
            return "time"
        if self.running_since_ms is None:
            return "stopped" if self.used_before_ms > 0 else "ready"
        return "warning" if self.warns and left <= self.warning_ms else "speaking"

    def word(self, now: int) -> str:
        """The code of the words that stand beside the clock at `now`."""
        return word_of(self.phase(now))

    def figures(self, now: int) -> str:
        """What the clock shows at `now`: "2:14", "0:00", "+0:12"."""
        if self.counts_up:
            return m_ss(min(self.used_ms(now) // 1000, LONGEST_S))
        return figures(self.left_ms(now))

    def signals(self) -> Iterator[tuple[Signal, int]]:
        """The signals of this limit in their order, each with the time used when it is due."""
        if self.counts_up:
            return
        if self.warns:
            yield "warned", self.limit_ms - self.warning_ms
        yield "expired", self.limit_ms
        if self.cuts:
            yield "cut", self.limit_ms + self.grace_ms


def holder_clock(floor: Floor) -> HolderClock | None:
    """Return the clock of the slot that has the floor; None while the floor is free."""
    holder, rules = floor.holder, floor.rules
    if holder is None:
        return None
    return HolderClock(
        limit_ms=holder.limit_ms,
        used_before_ms=holder.used_before_ms,
        running_since_ms=holder.running_since,
        warning_ms=rules.warning_ms,
        at_limit=rules.at_limit,
        grace_ms=rules.grace_ms,
    )


def shown_clock(floor: Floor) -> HolderClock | None:
    """Return the clock that screens show: the holder's or, in a discussion, the segment's.

    A discussion has no limit of its own: its clock counts down to the planned end of the segment,
    and shows the time over after it. It gives no signals. None while nobody speaks.
    """
    discussion, segment = floor.discussion, floor.segment
    if discussion is None or segment is None:
        return holder_clock(floor)
    return HolderClock(
        limit_ms=segment.ends_at - discussion.opened_at,
        running_since_ms=discussion.opened_at,
        warning_ms=floor.rules.warning_ms,
    )


def word_of(phase: ClockPhase) -> str:
    """Return the code of the label for a phase, by which pages and the picture look the text up."""
    return f"clock.{phase}"


def figures(left_ms: float) -> str:
    """Time left, or over where it is negative, as a clock shows it: "2:14", "0:00", "+0:12"."""
    seconds = int(-(-left_ms // 1000) if left_ms >= 0 else -left_ms // 1000)
    return f"{'+' if left_ms <= -1000 else ''}{m_ss(min(seconds, LONGEST_S))}"


def m_ss(seconds: int) -> str:
    """Whole seconds as m:ss, without hours: "2:14", "75:00"."""
    return f"{seconds // 60}:{seconds % 60:02}"


def limit_ms(slot: Listed, rules: Rules) -> int:
    """The time that `slot` may speak, in ms: its own limit, or the one of its role."""
    if slot.limit_ms is not None:
        return slot.limit_ms
    if slot.role == CHAIR:
        return UNLIMITED_MS
    return rules.presentation_limit_ms if slot.role in PRESENTING else rules.time_limit_ms


def used_ms(floor: Floor, now: int) -> int:
    """The time that the holder has used, in ms, zero or more; 0 when the floor is free.

    Where the rules cut at the limit, nothing counts after the microphone is closed.
    """
    clock = holder_clock(floor)
    return 0 if clock is None else clock.used_ms(max(now, floor.at))


def counted_ms(holder: Holding, now: int) -> int:
    """The time on the holder's clock in ms, whether the microphone was cut or not."""
    clock = HolderClock(holder.limit_ms, holder.used_before_ms, holder.running_since)
    return clock.counted_ms(now)


def left_ms(floor: Floor, now: int) -> int:
    """The time that the holder has left, in ms, zero or more; 0 when the floor is free."""
    clock = holder_clock(floor)
    return 0 if clock is None else max(0, clock.left_ms(max(now, floor.at)))


def phase(floor: Floor, now: int) -> ClockPhase:
    """Return the phase that a screen shows in words beside the clock, not in colour alone."""
    clock = shown_clock(floor)
    return "free" if clock is None else clock.phase(max(now, floor.at))


def cut_at(floor: Floor) -> int | None:
    """When the holder's microphone must be closed, in ms since the Unix epoch.

    None where the rules only signal, the clock stands still, or the record has the cut already.
    """
    return next((at for signal, at in _to_come(floor) if signal == "cut"), None)


def wake_at(floor: Floor) -> int | None:
    """When the core wants a `Tick`, in ms since the Unix epoch; None when nothing is to come.

    The time may have passed already: then a tick is due at once.
    """
    signal = next((at for _, at in _to_come(floor)), None)
    moments = (signal, *_kept_until(floor).values())
    return min((at for at in moments if at is not None), default=None)


def unattended(floor: Floor, now: int) -> tuple[str, ...]:
    """Return the slots that stop being ready at `now`, since nobody came back to them in time."""
    return tuple(slot for slot, at in _kept_until(floor).items() if at <= max(now, floor.at))


def _kept_until(floor: Floor) -> dict[str, int]:
    if floor.phase == "closed":
        return {}
    return {slot: at + READY_KEPT_MS for slot, at in floor.left_at.items()}


def due(floor: Floor, now: int) -> tuple[Signal, ...]:
    """Return the signals due at `now`, in order; each is given once for each limit."""
    return tuple(signal for signal, at in _to_come(floor) if at <= max(now, floor.at))


def _to_come(floor: Floor) -> Iterator[tuple[Signal, int]]:
    clock = holder_clock(floor)
    if clock is None or clock.running_since_ms is None:
        return
    zero = clock.running_since_ms - clock.used_before_ms
    for signal, used in clock.signals():
        if not floor.signalled(signal):
            yield signal, zero + used
