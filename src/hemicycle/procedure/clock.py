"""Time used and left, the phase of the clock, and the time of the next `Tick`.

The process that writes the record keeps the only clock: every function takes `now` (ms since the
Unix epoch) and none reads the time itself. A `now` before the record's last entry counts as the
time of that entry, so a machine whose clock steps back never gives a speaker time or takes it away
twice.

The rules. The picture with the burnt-in clock calls this module, and the browser implements the
same rules in `clock-state.js` (`tests/procedure/clock_vectors.json` checks that all give the same
answers):

* `time` from the moment at which no time is left, whether or not the clock runs.
* `ready` while the clock is stopped and has not counted anything; `stopped` if it is stopped
  later.
* `warning` while the clock runs and no more than `warning_ms` is left, but only if the limit is
  longer than the warning. A limit of 20 seconds with a warning of 30 has no warning phase: it would
  begin inside it, and "30 seconds left" would be untrue from the first second. An extension makes
  a new limit, so the same speaker extended to 50 seconds is warned when 30 are left.
* `speaking` in all other cases while somebody has the floor, and `free` when nobody has it.
* If the rules cut, the microphone closes `grace_ms` after the limit, and nothing counts from then
  on. While the clock is stopped, no microphone is cut.
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
"""The longest time that a clock shows, in seconds."""

READY_KEPT_MS = 15_000
"""How long a speaker whose connection has ended stays ready, or keeps a raised hand, in ms. A page
that is loaded again is back in a few seconds, and a phone that changes its network in some more.
"""

UNLIMITED_MS = 10**12
"""The limit, in ms, that stands for no limit: more than thirty years, which no speaker reaches."""


@dataclass(frozen=True, slots=True)
class HolderClock:
    """The holder's clock as a value: all that a screen needs to count without further requests.

    Durations are in ms. `running_since_ms` is in ms since the Unix epoch, or None while the clock
    is stopped.
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
        """When the rules close the microphone, in ms since the Unix epoch, or None.

        It is None if the rules do not cut, or if the clock is stopped.
        """
        if not self.cuts or self.running_since_ms is None:
            return None
        return self.running_since_ms - self.used_before_ms + self.limit_ms + self.grace_ms

    def counted_ms(self, now: int) -> int:
        """Return the time counted, zero or more, whether or not the microphone was cut."""
        if self.running_since_ms is None:
            return self.used_before_ms
        return self.used_before_ms + max(0, now - self.running_since_ms)

    def used_ms(self, now: int) -> int:
        """Return the time used, zero or more; if the rules cut, it ends with the cut."""
        counted = self.counted_ms(now)
        return min(counted, self.limit_ms + self.grace_ms) if self.cuts else counted

    def left_ms(self, now: int) -> int:
        """Return the time left, negative over the limit."""
        return self.limit_ms - self.used_ms(now)

    def phase(self, now: int) -> RunningPhase:
        """Return the phase of the clock at `now`."""
        left = self.left_ms(now)
        if left <= 0:
            return "time"
        if self.running_since_ms is None:
            return "stopped" if self.used_before_ms > 0 else "ready"
        return "warning" if self.warns and left <= self.warning_ms else "speaking"

    def word(self, now: int) -> str:
        """Return the code of the label beside the clock at `now`."""
        return word_of(self.phase(now))

    def figures(self, now: int) -> str:
        """Return the figures that the clock shows at `now`: "2:14", "0:00", "+0:12"."""
        if self.counts_up:
            return m_ss(min(self.used_ms(now) // 1000, LONGEST_S))
        return figures(self.left_ms(now))

    def signals(self) -> Iterator[tuple[Signal, int]]:
        """Yield the signals of this limit in order, each with the time used at which it is due."""
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
    shows the excess time after it, and gives no signals. Returns None while nobody speaks.
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
    """Return the code of the label for a phase, with which pages and the picture find its text."""
    return f"clock.{phase}"


def figures(left_ms: float) -> str:
    """Return `left_ms` as a clock shows it: "2:14", "0:00", or over the limit "+0:12"."""
    seconds = int(-(-left_ms // 1000) if left_ms >= 0 else -left_ms // 1000)
    return f"{'+' if left_ms <= -1000 else ''}{m_ss(min(seconds, LONGEST_S))}"


def m_ss(seconds: int) -> str:
    """Return whole seconds as m:ss, without hours: "2:14", "75:00"."""
    return f"{seconds // 60}:{seconds % 60:02}"


def limit_ms(slot: Listed, rules: Rules) -> int:
    """Return the time that `slot` may speak, in ms: its own limit, or the limit of its role."""
    if slot.limit_ms is not None:
        return slot.limit_ms
    if slot.role == CHAIR:
        return UNLIMITED_MS
    return rules.presentation_limit_ms if slot.role in PRESENTING else rules.time_limit_ms


def used_ms(floor: Floor, now: int) -> int:
    """Return the time that the holder has used, in ms, zero or more; 0 when the floor is free.

    If the rules cut at the limit, nothing counts after the microphone is closed.
    """
    clock = holder_clock(floor)
    return 0 if clock is None else clock.used_ms(max(now, floor.at))


def counted_ms(holder: Holding, now: int) -> int:
    """Return the time on the holder's clock in ms, whether or not the microphone was cut."""
    clock = HolderClock(holder.limit_ms, holder.used_before_ms, holder.running_since)
    return clock.counted_ms(now)


def left_ms(floor: Floor, now: int) -> int:
    """Return the time that the holder has left, in ms, zero or more; 0 when the floor is free."""
    clock = holder_clock(floor)
    return 0 if clock is None else max(0, clock.left_ms(max(now, floor.at)))


def phase(floor: Floor, now: int) -> ClockPhase:
    """Return the phase that a screen shows beside the clock, in words and not only in colour."""
    clock = shown_clock(floor)
    return "free" if clock is None else clock.phase(max(now, floor.at))


def cut_at(floor: Floor) -> int | None:
    """Return when the holder's microphone must be closed, in ms since the Unix epoch.

    Returns None if the rules only signal, the clock is stopped, or the cut is already on the
    record.
    """
    return next((at for signal, at in _to_come(floor) if signal == "cut"), None)


def wake_at(floor: Floor) -> int | None:
    """Return when the meeting needs a `Tick`, in ms since the Unix epoch; None if it needs none.

    The time may have passed already: a tick is then due at once.
    """
    signal = next((at for _, at in _to_come(floor)), None)
    moments = (signal, *_kept_until(floor).values())
    return min((at for at in moments if at is not None), default=None)


def unattended(floor: Floor, now: int) -> tuple[str, ...]:
    """Return the slots that are no longer ready at `now`, as nobody reconnected in time."""
    return tuple(slot for slot, at in _kept_until(floor).items() if at <= max(now, floor.at))


def _kept_until(floor: Floor) -> dict[str, int]:
    if floor.phase == "closed":
        return {}
    return {slot: at + READY_KEPT_MS for slot, at in floor.left_at.items()}


def due(floor: Floor, now: int) -> tuple[Signal, ...]:
    """Return the signals due at `now`, in order; each is given only once for each limit."""
    return tuple(signal for signal, at in _to_come(floor) if at <= max(now, floor.at))


def _to_come(floor: Floor) -> Iterator[tuple[Signal, int]]:
    clock = holder_clock(floor)
    if clock is None or clock.running_since_ms is None:
        return
    zero = clock.running_since_ms - clock.used_before_ms
    for signal, used in clock.signals():
        if not floor.signalled(signal):
            yield signal, zero + used
