"""A seat on a poor connection: 256 kb/s, a round trip of 300 ms, and 3 % lost in gaps of 100 ms.

`POOR_LINK_SECONDS=60 make bench ONLY=poor_link` measures for longer.
"""

import asyncio
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import aiohttp

from bench.engine.crowd import Door, Look, Mouth, stay_here
from bench.sizes import size
from hemicycle.procedure import Listed, Rules
from hemicycle.procedure import commands as c
from tests.engine.aired import HEARING, SECRET, Aired, on_air
from tests.engine.rtc.narrow_link import POOR, WIDE, NarrowLink
from tests.engine.rtc.poor_listener import PoorListener

FIGURES = (
    *("speech_gap_ms", "speech_missing_percent", "pictures_per_s", "pictures_in_the_worst_second"),
    "recover_s",
)
SECONDS = size(30.0, 3.0, "POOR_LINK_SECONDS")
SETTLE_S = size(15.0, 2.0)
MOST_RECOVER_S = 30.0
TONE_HZ = 600
WHOLE_KBPS = 600
"""The bit rate that only the whole picture reaches: it has 800 kb/s, the reduced one has 350."""
CAMERA = Look(640, 360, 25, 1_000_000, noise=40)


def run() -> dict[str, Any]:
    """Return the gaps in the speech, the pictures per second, and the time to recover.

    `recover_s` is the time from a good connection until the whole picture is back, or None.
    """
    stay_here()
    folder = Path(tempfile.mkdtemp(prefix="hemicycle-poor-link-"))
    try:
        return asyncio.run(_measure(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _measure(folder: Path) -> dict[str, Any]:
    async with on_air(folder, languages=["en"]) as engine, aiohttp.ClientSession() as http:
        await speak(engine, http)
        link = NarrowLink(POOR.clear(), POOR)
        token = engine.token("listen", "listener", "poor")
        seat = await PoorListener(http, Door(engine.base, HEARING, SECRET), token, link).start()
        await asyncio.sleep(SETTLE_S)
        seen = seat.observe()
        await asyncio.sleep(SECONDS)
        figures: dict[str, float | None] = {
            "speech_gap_ms": seen.longest_gap_ms,
            "speech_missing_percent": round(100 * len(seen.gaps) / seen.pieces, 2),
            "pictures_per_s": seen.pictures_per_s,
            "pictures_in_the_worst_second": seen.fewest_pictures,
        }
        link.reshape(WIDE, WIDE)
        figures["recover_s"] = await recovered(seat)
        await seat.leave()
        link.close()
        return figures


async def speak(engine: Aired, http: aiohttp.ClientSession) -> Mouth:
    """Give the floor to a speaker with a camera; return the speaker's connection."""
    ends_at = engine.script.now_ms() + 7_200_000
    rules = Rules(time_limit_ms=3_600_000, warning_ms=5_000, at_limit="cut")
    listed = (Listed("s0", "floor", "person-s0", languages=("en",)),)
    engine.script.do(
        c.OpenMeeting("0" * 31 + "2"),
        c.OpenSegment("panel", "panel", ends_at, rules, listed),
        c.GiveFloor("s0"),
    )
    door = Door(engine.base, HEARING, SECRET)
    token = door.token("publish", "speaker", "s0", person="person-s0", slot="s0")
    mouth = Mouth(http, door, token, TONE_HZ, CAMERA)
    await mouth.start()
    return mouth


async def recovered(seat: PoorListener) -> float | None:
    """Return the seconds until half a second of whole pictures arrives, or None."""
    began = time.monotonic()
    while time.monotonic() - began < MOST_RECOVER_S:
        seen = seat.observe()
        await asyncio.sleep(0.5)
        if len(seen.pictures) >= 11 and seen.picture_kbps >= WHOLE_KBPS:
            return round(time.monotonic() - began, 1)
    return None
