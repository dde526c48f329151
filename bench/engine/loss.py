"""A network that loses packets: the gaps in a speaker's sound, and the freezes in a browser.

`LOSS_SECONDS=60 make bench ONLY=loss` measures for longer.
"""

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Any

import aiohttp
import av
import numpy as np
from playwright.async_api import Page, async_playwright

from bench.engine.crowd import Door, Look, Mouth, stay_here
from bench.engine.lossy import Lossy
from bench.sizes import size
from hemicycle.engine.streams import Packet, Samples
from hemicycle.procedure import Listed, Rules
from hemicycle.procedure import commands as c
from tests.engine.aired import HEARING, SECRET, Aired, on_air
from tests.engine.test_chromium import CONNECT
from tests.support import browser

FIGURES = (
    *("up_worst_gap_ms", "up_worst_gap_without_loss_ms", "up_lost", "up_seconds"),
    *("down_freezes", "down_freezes_ms", "down_freezes_without_loss", "down_frames_per_s"),
    *("down_asked_again", "down_sound_concealed_percent", "down_lost"),
)
SECONDS = size(20.0, 2.0, "LOSS_SECONDS")
UP, DOWN = 0.03, 0.05
SETTLE_S = size(4.0, 1.0)
TONE_HZ = 600
WINDOW = 120
"""The window for measuring the loudness, in samples (2.5 ms)."""

GAP = 0.1
"""The fraction of the tone's usual strength below which there is a gap."""

AUDIBLE = 0.01

CAMERA = Look(640, 360, 25, 1_000_000, noise=40)

STATS = """
async () => {
  const told = {};
  for (const report of (await pc.getStats()).values())
    if (report.type === "inbound-rtp") told[report.kind] = report;
  return told;
}
"""
SHOW = """
async () => {
  const video = Object.assign(document.createElement("video"), { srcObject: stream, muted: true });
  document.body.append(video);
  await video.play();
}
"""


def run() -> dict[str, Any]:
    """Return `up_…` with 3 % lost on the way to the engine, `down_…` with 5 % on the way back."""
    stay_here()
    folder = Path(tempfile.mkdtemp(prefix="hemicycle-loss-"))
    try:
        return asyncio.run(_lose(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _lose(folder: Path) -> dict[str, Any]:
    async with on_air(folder, languages=["en", "fr"]) as engine, aiohttp.ClientSession() as http:
        ends_at = engine.script.now_ms() + 7_200_000
        rules = Rules(time_limit_ms=3_600_000, warning_ms=5_000, at_limit="cut")
        listed = (Listed("s0", "floor", "person-s0", languages=("en",)),)
        engine.script.do(
            c.OpenMeeting("0" * 31 + "2"),
            c.OpenSegment("panel", "panel", ends_at, rules, listed),
            c.GiveFloor("s0"),
        )
        network = Lossy()
        speaker = Speaker(http, engine, network)
        await speaker.start()
        await asyncio.sleep(SETTLE_S)
        up = await _up(engine, network)
        down = await _down(engine)
        await speaker.leave()
        network.close()
        return {**up, **down}


class Speaker(Mouth):
    """The speaker with the floor, who sends a tone through a network that loses packets."""

    def __init__(self, http: aiohttp.ClientSession, engine: Aired, network: Lossy) -> None:
        door = Door(engine.base, HEARING, SECRET)
        token = door.token("publish", "speaker", "s0", person="person-s0", slot="s0")
        super().__init__(http, door, token, TONE_HZ, CAMERA)
        self._network = network

    async def _post(self, offer: str) -> str:
        return await self._network.through(await super()._post(offer))


async def _up(engine: Aired, network: Lossy) -> dict[str, Any]:
    """Return the longest gap in the floor's channel at the engine, without loss and with it."""
    before = await _floor(engine, SECONDS / 4)
    network.up, network.lost, network.passed = UP, 0, 0
    await asyncio.sleep(SETTLE_S)
    sound = await _floor(engine, SECONDS)
    network.up = 0.0
    return {
        "up_worst_gap_ms": worst_gap_ms(sound),
        "up_worst_gap_without_loss_ms": worst_gap_ms(before),
        "up_lost": network.lost,
        "up_seconds": round(len(sound) / 48_000, 1),
    }


async def _floor(engine: Aired, seconds: float) -> Samples:
    packets: list[Packet] = []
    floor = engine.hearing.outputs["floor"]
    floor.add(packets.append)
    await asyncio.sleep(seconds)
    floor.remove(packets.append)
    decoder: Any = av.CodecContext.create("opus", "r")
    decoder.sample_rate, decoder.layout = 48_000, "mono"
    heard = [frame.to_ndarray().reshape(-1) for packet in packets
             for frame in decoder.decode(av.Packet(packet.data))]  # fmt: skip
    sound: Samples = np.concatenate(heard).astype(np.float32)
    return sound[4_800:]  # a decoder fades in


def worst_gap_ms(sound: Samples) -> float:
    """Return the longest time for which a tone is below `GAP` of its usual strength, in ms.

    Raises AssertionError if there is no tone.
    """
    pieces = sound[: len(sound) // WINDOW * WINDOW].reshape(-1, WINDOW)
    strength = np.sqrt((pieces.astype(np.float64) ** 2).mean(axis=1))
    usual = float(np.median(strength))
    assert usual > AUDIBLE, "the speaker was lost: this machine has no time for a measurement"
    longest = now = 0
    for quiet in strength < GAP * usual:
        now = now + 1 if quiet else 0
        longest = max(longest, now)
    return longest * WINDOW / 48


async def _down(engine: Aired) -> dict[str, Any]:
    """Return the freezes of the picture that a browser counts, without loss and with it."""
    network = Lossy()
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=browser.program(),
            args=browser.FLAGS,
        )
        page = await chromium.new_page()
        await page.expose_function("through", network.through)
        await page.goto(f"{engine.base}/media/health")
        token = engine.token("listen", "listener", "browser")
        told = [f"{engine.base}/media/whep/{HEARING}?channel=floor", token, "listen"]
        await page.evaluate(LOSSY_CONNECT, told)
        await page.evaluate(SHOW)
        await asyncio.sleep(SETTLE_S)
        calm = await _watch(page, SECONDS / 2)
        network.down = DOWN
        stormy = await _watch(page, SECONDS)
        await chromium.close()
    network.close()
    return {
        "down_freezes": stormy["freezeCount"],
        "down_freezes_ms": round(1000 * stormy["totalFreezesDuration"]),
        "down_freezes_without_loss": calm["freezeCount"],
        "down_frames_per_s": round(stormy["framesDecoded"] / SECONDS, 1),
        "down_asked_again": stormy["nackCount"],
        "down_sound_concealed_percent": stormy["concealed"],
        "down_lost": network.lost,
    }


LOSSY_CONNECT = CONNECT.replace(
    "sdp: await answer.text() }", "sdp: await through(await answer.text()) }"
)


async def _watch(page: Page, seconds: float) -> dict[str, float]:
    """Return the differences of the browser's counts over this time."""
    before = await page.evaluate(STATS)
    await asyncio.sleep(seconds)
    after = await page.evaluate(STATS)

    def more(kind: str, name: str) -> float:
        return float(after[kind].get(name, 0) - before[kind].get(name, 0))

    named = ("freezeCount", "totalFreezesDuration", "framesDecoded", "nackCount")
    share = more("audio", "concealedSamples") / max(1.0, more("audio", "totalSamplesReceived"))
    return {name: more("video", name) for name in named} | {"concealed": round(100 * share, 1)}
