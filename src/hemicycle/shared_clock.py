"""The common clock of a site's machines: each machine's own, corrected by the database's.

A machine's own clock may be wrong by a minute. If each process used its own clock, one machine
would end a speaking time that another one gave, and the record would contain wrong times. So
processes compare their clock with PostgreSQL's (`record.database_clock`), the media engine compares
its clock with `web`'s (`engine.control.web_client`), and all use the result.

A comparison takes some time, so it gives only bounds for the difference. The correction changes no
more than the bounds require: a clock that is right within the bounds stays as it is, and a slow
answer changes nothing.

Between comparisons the site's time follows a kernel clock that no one can set. So a jump of this
machine's own clock in the middle of a speech has no effect.
"""

import logging
import time
from typing import Final

log = logging.getLogger(__name__)

MOST_OFF_MS: Final = 2_000
"""The difference between two machines' clocks from which an operator should act."""

_STEADY: Final[int] = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
_from_steady_ms: float | None = None
"""The site's time minus `steady_ms`; None until the first comparison."""
_was_off = False


def own_ms() -> float:
    """Return this machine's own clock, in milliseconds since the Unix epoch, uncorrected."""
    return time.time_ns() / 1_000_000


def steady_ms() -> float:
    """Return the milliseconds since this machine was started, on a clock that cannot be set.

    On Linux this includes the time in which the machine was suspended.
    """
    return time.clock_gettime(_STEADY) * 1000


def ahead_ms() -> int:
    """Return how many ms this machine's own clock is ahead of the site's time; 0 if unknown."""
    return 0 if _from_steady_ms is None else round(own_ms() - steady_ms() - _from_steady_ms)


def now_ms() -> int:
    """Return the site's time, in milliseconds since the Unix epoch."""
    return int(_now_ms())


def now_s() -> float:
    """Return the site's time, in seconds since the Unix epoch."""
    return _now_ms() / 1000


def _now_ms() -> float:
    return own_ms() if _from_steady_ms is None else steady_ms() + _from_steady_ms


def compare(before_ms: float, told_ms: int, after_ms: float) -> None:
    """Correct the site's time by another clock, which showed `told_ms`, in whole milliseconds.

    The other clock was asked at `before_ms` and had answered at `after_ms`, both by `steady_ms`.
    """
    global _from_steady_ms, _was_off  # noqa: PLW0603 - one for each process
    least, most = told_ms - after_ms, told_ms + 1 - before_ms
    known = own_ms() - steady_ms() if _from_steady_ms is None else _from_steady_ms
    _from_steady_ms = min(max(known, least), most)
    if is_off(ahead_ms()) and not _was_off:
        log.warning(
            "this machine's clock differs from the database's by %.1f s (positive: it is ahead). "
            "Set it by NTP. Until then, Hemicycle goes by the database's",
            ahead_ms() / 1000,
        )
    _was_off = is_off(ahead_ms())


def is_off(ahead_ms: float) -> bool:
    """Whether a clock that is ahead by `ahead_ms` is wrong enough to warn an operator."""
    return abs(ahead_ms) > MOST_OFF_MS
