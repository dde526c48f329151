"""Ends webcasts that a killed engine left open and that no engine has continued."""

import asyncio
import logging
import time
from collections.abc import Iterator
from pathlib import Path

from hemicycle.engine.hls.metadata import FILE
from hemicycle.engine.hls.packager import finish
from hemicycle.engine.hls.segmenter import PICTURE

log = logging.getLogger(__name__)

QUIET_S = 60.0
"""A webcast that has not grown for this many seconds, and that no engine continues, is over."""
LOOK_S = 30.0


async def keep_ended(segments: Path) -> None:
    """End abandoned webcasts, repeatedly, until cancelled.

    If the meeting continues later, its webcast continues as after any restart.
    """
    while True:
        await asyncio.to_thread(end_leftovers, segments, time.time())
        await asyncio.sleep(LOOK_S)


def end_leftovers(segments: Path, now: float) -> None:
    """End webcasts that have been quiet for `QUIET_S`; `now` is in seconds since the Unix epoch."""
    for folder in _quiet(segments, now):
        try:
            if finish(folder):
                log.info("the webcast in %s was left open and is ended", folder)
        except OSError as error:
            log.warning("the webcast in %s cannot be ended: %s", folder, error)


def _quiet(segments: Path, now: float) -> Iterator[Path]:
    for facts in segments.glob(f"*/*/{FILE}"):
        grown = facts.with_name(f"{PICTURE}.m3u8")
        if grown.exists() and now - grown.stat().st_mtime > QUIET_S:
            yield facts.parent
