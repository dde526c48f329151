"""How far a process steps back behind others, so that a meeting's sound comes first.

Priorities count among the processes of one session alone where Linux shares the processors among
sessions (autogroup). So all processes of a site stay in the session of their supervisor, each in a
process group of its own: the terminal's Ctrl-C reaches the supervisor alone.
"""

import contextlib
import os
from threading import get_native_id
from typing import Final

BEHIND_SOUND: Final = 5
"""How far pages, letters and tasks step back behind the engine, as `nice` counts: when all are
busy, the engine gets three times the share of each."""
BEHIND_ALL: Final = 10
"""How far preparations step back, behind a meeting that goes on meanwhile."""


def step_back(nice: int) -> None:
    """Give this thread a lower priority, at least `nice` (0 to 19); what it starts has it too."""
    with contextlib.suppress(OSError):
        nice = max(nice, os.getpriority(os.PRIO_PROCESS, 0))
        os.setpriority(os.PRIO_PROCESS, get_native_id(), nice)
