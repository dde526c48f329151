"""Shift Hemicycle's clock in every process that has this folder in its PYTHONPATH.

The file that `SHIFTED_CLOCK` names contains the shift in milliseconds. Walks change it, so that the
weeks of a hearing pass in minutes. Only `tools/` uses this.
"""

import os
from contextvars import ContextVar
from pathlib import Path

FILE = os.environ.get("SHIFTED_CLOCK", "")

if FILE:
    from hemicycle.record import clock

    def shifted() -> int:
        """Return the machine's time (ms, Unix epoch) plus the shift that the file has now."""
        return clock.wall() + int(Path(FILE).read_text("ascii"))

    clock._clock = ContextVar("clock", default=shifted)  # noqa: SLF001 - there is no public way
