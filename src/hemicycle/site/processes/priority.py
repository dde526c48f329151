"""How preparations step back behind a meeting, so that its sound comes first.

Priorities count among the processes of one session alone where Linux shares the processors among
sessions (autogroup). So all processes of a site stay in the session of their supervisor, each in a
process group of its own: the terminal's Ctrl-C reaches the supervisor alone.
"""

import contextlib
import os
from threading import get_native_id
from typing import Final

BEHIND_ALL: Final = 10
"""How far preparations step back, as `nice` counts, behind a meeting that goes on meanwhile."""


def step_back() -> None:
    """Give this thread a lower priority than those who serve; what it starts has it too."""
    with contextlib.suppress(OSError):
        nice = max(BEHIND_ALL, os.getpriority(os.PRIO_PROCESS, 0))
        os.setpriority(os.PRIO_PROCESS, get_native_id(), nice)
