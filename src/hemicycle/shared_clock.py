"""The clock on which the machines of a site agree: each one's own, corrected by the database's.

A machine's own clock may be wrong by a minute. If each process went by its own, one machine would
end a speaking time that another one gave, and the record would have times that never were. So
processes compare their clock with PostgreSQL's (`record.database_clock`), the media engine compares
with `web`'s (`engine.control.web_client`), and all go by the result.

A comparison takes a moment, so it only tells between which bounds the difference lies. The
correction changes no more than the bounds demand: a clock that is right as far as anybody can
measure stays as it is, and a slow answer changes nothing.

Between comparisons the site's time goes on by a clock of the kernel that nobody can set. So a jump
of this machine's own clock, in the middle of a speech, moves nothing.
"""

import logging
import time
from typing import Final

log = logging.getLogger(__name__)

MOST_OFF_MS: Final = 2_000
"""By how much the clocks of two machines may differ until an operator should do something."""

_STEADY: Final[int] = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
_from_steady_ms: float | None = None
"""How far the site's time is from `steady_ms`; None until something was compared."""
_was_off = False


def own_ms() -> float:
    """This machine's own clock, in milliseconds since the Unix epoch, uncorrected."""
    return time.time_ns() / 1_000_000


def steady_ms() -> float:
    """Milliseconds since this machine was started, on a clock that nobody sets.

    On Linux it counts the time in which the machine slept.
    """
    return time.clock_gettime(_STEADY) * 1000


def ahead_ms() -> int:
    """By how many milliseconds this machine's own clock is ahead of the site's; 0 if unknown."""
    return 0 if _from_steady_ms is None else round(own_ms() - steady_ms() - _from_steady_ms)


def now_ms() -> int:
    """The site's time, in milliseconds since the Unix epoch."""
    return int(_now_ms())


def now_s() -> float:
    """The site's time, in seconds since the Unix epoch."""
    return _now_ms() / 1000


def _now_ms() -> float:
    return own_ms() if _from_steady_ms is None else steady_ms() + _from_steady_ms


def compare(before_ms: float, told_ms: int, after_ms: float) -> None:
    """Correct the site's time by a clock that said `told_ms`, in whole milliseconds.

    It was asked at `before_ms` and had answered at `after_ms`, both by `steady_ms`.
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
    """Whether a clock that is ahead by so much is wrong enough to tell an operator."""
    return abs(ahead_ms) > MOST_OFF_MS
