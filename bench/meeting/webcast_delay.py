"""The delay from the program's clock to the screen of a viewer of the webcast.

A hearing is on air with six languages, and Hemicycle's player plays it in a real Chromium. The time
of a picture in the webcast tells when it was due in the program; its delay is the time from then
until it is shown.
"""

import asyncio
import json
import shutil
import tempfile
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import aiohttp
from aiohttp import web
from playwright.async_api import Page, async_playwright

from bench.sizes import size
from hemicycle.procedure import Listed, Rules
from hemicycle.procedure import commands as c
from tests.engine.aired import HEARING, MEETING, on_air
from tests.support.browser import FLAGS, NAMES

FIGURES = ("p50_ms", "p95_ms", "stalls", "pictures")
LANGUAGES = ["ar", "zh", "en", "fr", "ru", "es"]
SETTLE_S = size(10.0, 1.0)
SECONDS = size(30.0, 2.0, "WEBCAST_SECONDS")
PACKAGE = Path(__file__).parents[2] / "src" / "hemicycle"
STATIC = ("ui", "meeting/state", "meeting/webcast")

PAGE = """<!doctype html><script type="module" src="/static/webcast/player/webcast.js"></script>
<hc-webcast data-live data-phase="open" data-source="{source}"
data-hls="/static/vendor/hls/hls.min.js">
<video playsinline muted></video><button data-start>play</button>
<select data-channels><option value="en">en</option></select></hc-webcast>"""

LOOK = """(begin) => new Promise((resolve) => {
  const video = document.querySelector("video");
  const delays = [];
  let stalls = 0;
  video.addEventListener("waiting", () => (stalls += 1));
  const look = (now, { expectedDisplayTime, mediaTime }) => {
    delays.push(performance.timeOrigin + expectedDisplayTime - (begin + mediaTime * 1000));
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
  setTimeout(() => resolve({ delays, stalls }), SECONDS * 1000);
})"""


def run() -> dict[str, Any]:
    """Return the delays `p50_ms` and `p95_ms`, and how often the player had to wait (`stalls`)."""
    seen = asyncio.run(_watched())
    delays = seen["delays"]
    return {
        "p50_ms": round(median(delays)),
        "p95_ms": round(quantiles(delays, n=20)[-1]),
        "stalls": seen["stalls"],
        "pictures": len(delays),
    }


async def _watched() -> dict[str, Any]:
    folder = Path(tempfile.mkdtemp(prefix="hemicycle-webcast-"))
    try:
        async with on_air(folder, languages=LANGUAGES) as engine:
            rules = Rules(time_limit_ms=3_600_000, warning_ms=5_000, at_limit="cut")
            listed = (Listed("s0", "floor", "person-s0", languages=("en",)),)
            ends_at = engine.script.now_ms() + 7_200_000
            engine.script.do(
                c.OpenMeeting(MEETING),
                c.OpenSegment("panel", "panel", ends_at, rules, listed),
                c.GiveFloor("s0"),
            )
            base = f"{engine.base}/media/hls/{HEARING}/{MEETING}"
            return await _watch(base, await _begun(f"{base}/meeting.json", f"{base}/master.m3u8"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _begun(facts: str, master: str) -> int:
    """Wait until the webcast can be played; return when its time was 0 (ms, Unix epoch).

    Raises TimeoutError.
    """
    async with aiohttp.ClientSession() as asks:
        for _ in range(300):
            async with asks.get(master) as answer:
                if answer.status == 200:
                    break
            await asyncio.sleep(0.1)
        else:
            raise TimeoutError("the webcast does not begin")
        async with asks.get(facts) as answer:
            begun: int = json.loads(await answer.read())["spans"][0]["wall_ms"]
            return begun


async def _watch(base: str, begun: int) -> dict[str, Any]:
    async def page(request: web.Request) -> web.Response:
        return web.Response(
            text=PAGE.format(source=f"{base}/master.m3u8"), content_type="text/html"
        )

    async def static(request: web.Request) -> web.FileResponse:
        name = request.match_info["name"]
        return web.FileResponse(
            next(
                path for folder in STATIC if (path := PACKAGE / folder / "static" / name).is_file()
            )
        )

    app = web.Application()
    app.add_routes([web.get("/", page), web.get("/static/{name:.+}", static)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        return await _looked(f"http://127.0.0.1:{runner.addresses[0][1]}/", begun)
    finally:
        await runner.cleanup()


async def _looked(address: str, begun: int) -> dict[str, Any]:
    program = next(filter(None, map(shutil.which, NAMES)))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=FLAGS)
        page: Page = await browser.new_page()
        await page.goto(address)
        await page.click("[data-start]")
        await page.wait_for_selector("hc-webcast[data-state=playing]")
        await asyncio.sleep(SETTLE_S)
        seen: dict[str, Any] = await page.evaluate(LOOK.replace("SECONDS", str(SECONDS)), begun)
        await browser.close()
        return seen
