"""Time used and left, and when the core wants to be woken.

One clock, kept by whoever holds the record: every function takes `now` (ms since the Unix epoch)
and none reads it anywhere. A `now` before the record's last entry counts as that entry's time, so
a machine whose clock steps back never gives a speaker time or takes it away twice.
"""

from collections.abc import Iterator
from typing import Literal

from hemicycle.procedure.state import Floor, Holding
from hemicycle.procedure.terms import Listed, Rules

type Signal = Literal["warned", "expired", "cut"]
type Word = Literal["free", "speaking", "warning", "time", "stopped"]

PRESENTING = frozenset({"panellist", "moderator", "chair"})
"""Roles that speak under the limit for presentations."""


def limit_ms(slot: Listed, rules: Rules) -> int:
    """The time that `slot` may speak, in ms: its own limit, or the one of its role."""
    if slot.limit_ms is not None:
        return slot.limit_ms
    return rules.presentation_limit_ms if slot.role in PRESENTING else rules.time_limit_ms


def used_ms(floor: Floor, now: int) -> int:
    """The time that the holder has used, in ms, zero or more; 0 when the floor is free.

    Where the rules cut at the limit, nothing counts after the microphone is closed.
    """
    holder = floor.holder
    if holder is None:
        return 0
    counted = counted_ms(holder, max(now, floor.at))
    if floor.rules.at_limit == "cut":
        return min(counted, holder.limit_ms + floor.rules.grace_ms)
    return counted


def counted_ms(holder: Holding, now: int) -> int:
    """The time on the holder's clock in ms, whether the microphone was cut or not."""
    if holder.running_since is None:
        return holder.used_before_ms
    return holder.used_before_ms + max(0, now - holder.running_since)


def left_ms(floor: Floor, now: int) -> int:
    """The time that the holder has left, in ms, zero or more; 0 when the floor is free."""
    holder = floor.holder
    return 0 if holder is None else max(0, holder.limit_ms - used_ms(floor, now))


def over_ms(floor: Floor, now: int) -> int:
    """The time that the holder has spoken beyond the limit, in ms, zero or more."""
    holder = floor.holder
    return 0 if holder is None else max(0, used_ms(floor, now) - holder.limit_ms)


def word(floor: Floor, now: int) -> Word:
    """What a screen says beside the clock: its state is told by a word, not by colour alone."""
    holder = floor.holder
    if holder is None:
        return "free"
    left = left_ms(floor, now)
    if left == 0:
        return "time"
    if holder.running_since is None:
        return "stopped"
    return "warning" if left <= floor.rules.warning_ms < holder.limit_ms else "speaking"


def wake_at(floor: Floor) -> int | None:
    """When the core wants a `Tick`, in ms since the Unix epoch; None when nothing is to come.

    The time may have passed already: then a tick is due at once.
    """
    return next((at for _, at in _to_come(floor)), None)


def due(floor: Floor, now: int) -> tuple[Signal, ...]:
    """The signals that the clock owes at `now`, in their order; each is given once for a limit."""
    return tuple(signal for signal, at in _to_come(floor) if at <= max(now, floor.at))


def _to_come(floor: Floor) -> Iterator[tuple[Signal, int]]:
    holder = floor.holder
    if holder is None or holder.running_since is None:
        return
    zero = holder.running_since - holder.used_before_ms
    for signal, used in _signals(holder.limit_ms, floor.rules):
        if not floor.signalled(signal):
            yield signal, zero + used


def _signals(limit: int, rules: Rules) -> Iterator[tuple[Signal, int]]:
    # A limit no longer than the warning would begin with one, which tells nobody anything.
    if 0 < rules.warning_ms < limit:
        yield "warned", limit - rules.warning_ms
    yield "expired", limit
    if rules.at_limit == "cut":
        yield "cut", limit + rules.grace_ms
