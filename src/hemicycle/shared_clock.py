"""The clock on which the machines of a site agree: each one's own, corrected by the database's.

A machine's own clock may be wrong by a minute. If each process went by its own, one machine would
end a speaking time that another one gave, and the record would have times that never were. So
processes compare their clock with PostgreSQL's (`record.database_clock`), the media engine compares
with `web`'s (`engine.control.web_client`), and all go by the result.

A comparison takes a moment, so it only tells between which bounds the difference lies. The
correction changes no more than the bounds demand: a clock that is right as far as anybody can
measure stays as it is, and a slow answer changes nothing.
"""

import logging
import time
from typing import Final

log = logging.getLogger(__name__)

MOST_OFF_MS: Final = 2_000
"""By how much the clocks of two machines may differ until an operator should do something."""

_ahead_ms = 0.0


def own_ms() -> float:
    """This machine's own clock, in milliseconds since the Unix epoch, uncorrected."""
    return time.time_ns() / 1_000_000


def ahead_ms() -> int:
    """By how many milliseconds this machine's own clock is ahead of the site's; 0 if unknown."""
    return round(_ahead_ms)


def now_ms() -> int:
    """The site's time, in milliseconds since the Unix epoch."""
    return int(own_ms() - _ahead_ms)


def now_s() -> float:
    """The site's time, in seconds since the Unix epoch."""
    return (own_ms() - _ahead_ms) / 1000


def compare(before_ms: float, told_ms: int, after_ms: float) -> None:
    """Correct this machine's clock by one that said `told_ms`, in whole milliseconds.

    It was asked at `before_ms` and had answered at `after_ms`, both by `own_ms`.
    """
    global _ahead_ms  # noqa: PLW0603 - one for each process
    if after_ms < before_ms:  # this machine's clock was set meanwhile
        return
    least, most = before_ms - (told_ms + 1), after_ms - told_ms
    was_off = is_off(_ahead_ms)
    _ahead_ms = min(max(_ahead_ms, least), most)
    if is_off(_ahead_ms) and not was_off:
        log.warning(
            "this machine's clock differs from the database's by %.1f s (positive: it is ahead). "
            "Set it by NTP. Until then, Hemicycle goes by the database's",
            _ahead_ms / 1000,
        )


def is_off(ahead_ms: float) -> bool:
    """Whether a clock that is ahead by so much is wrong enough to tell an operator."""
    return abs(ahead_ms) > MOST_OFF_MS
