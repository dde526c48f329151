"""Sets the clock of a process wrong by `WRONG_CLOCK_MS`, as on a machine that nobody sets by NTP.

Python imports this first where the folder is in PYTHONPATH. `datetime.now` stays right: nothing
that is tested with it reads that.
"""

import os
import time

OFF_MS = int(os.environ.get("WRONG_CLOCK_MS", "0"))
_right_time, _right_time_ns = time.time, time.time_ns


def wrong_time() -> float:
    """The seconds since the epoch, by the wrong clock."""
    return _right_time() + OFF_MS / 1000


def wrong_time_ns() -> int:
    """The same in nanoseconds."""
    return _right_time_ns() + OFF_MS * 1_000_000


time.time, time.time_ns = wrong_time, wrong_time_ns
