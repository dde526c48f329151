"""Moves the only clock of every process that has this folder in its PYTHONPATH.

The file that `SHIFTED_CLOCK` names has the shift in milliseconds. Walks change it, so that a site
goes through the weeks of a hearing in minutes. Nothing but `tools/` uses this.
"""

import os
from contextvars import ContextVar
from pathlib import Path

FILE = os.environ.get("SHIFTED_CLOCK", "")

if FILE:
    from hemicycle.record import clock

    def shifted() -> int:
        """The machine's clock, moved by what the file says now."""
        return clock.wall() + int(Path(FILE).read_text("ascii"))

    clock._clock = ContextVar("clock", default=shifted)  # noqa: SLF001 - there is no other way in
