"""Lowers the priority of preparations, so that the sound of a meeting comes first.

Where Linux shares the processors among sessions (autogroup), priorities count only among the
processes of one session. So all processes of a site stay in the session of their supervisor, each
in its own process group: Ctrl-C in the terminal reaches only the supervisor.
"""

import contextlib
import os
from threading import get_native_id
from typing import Final

BEHIND_ALL: Final = 10
"""The nice value of preparations, while a meeting may be under way."""


def step_back() -> None:
    """Lower the priority of this thread, and of the processes that it starts."""
    with contextlib.suppress(OSError):
        nice = max(BEHIND_ALL, os.getpriority(os.PRIO_PROCESS, 0))
        os.setpriority(os.PRIO_PROCESS, get_native_id(), nice)
