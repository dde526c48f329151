"""Sets the clock of a process wrong by `WRONG_CLOCK_MS`, as on a machine without NTP.

Python imports this module at the start if its folder is in PYTHONPATH. `datetime.now` stays right,
since no code under test reads it.
"""

import os
import time

OFF_MS = int(os.environ.get("WRONG_CLOCK_MS", "0"))
_right_time, _right_time_ns = time.time, time.time_ns


def wrong_time() -> float:
    """Return the seconds since the Unix epoch by the wrong clock."""
    return _right_time() + OFF_MS / 1000


def wrong_time_ns() -> int:
    """Return the nanoseconds since the Unix epoch by the wrong clock."""
    return _right_time_ns() + OFF_MS * 1_000_000


time.time, time.time_ns = wrong_time, wrong_time_ns
