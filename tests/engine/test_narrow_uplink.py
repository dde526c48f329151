"""A speaker's browser behind a narrow link: it keeps to the link's rate, and the voice arrives."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

from hemicycle.engine.rtc.jitter_buffer import JitterBuffer
from hemicycle.engine.rtc.publisher import PublisherPeer
from tests.engine import narrow_network as narrow
from tests.engine.engine import HEARING, token
from tests.engine.rtc.narrow_link import POOR
from tests.engine.test_chromium import Thread

pytestmark = [
    pytest.mark.test_all("clients"),
    pytest.mark.alone,
    pytest.mark.browser,
    pytest.mark.skipif(not narrow.is_possible(), reason="it needs root, a tun device and tbf"),
]

SCRIPTS = Path(__file__).parents[2] / "src/hemicycle/ui/static"
SETTLES_S = 15.0
WATCHED_S = 10.0
LONGEST_GAP_MS = 60
KBPS = 256
AROUND = 28
"""The length of the headers of IP and UDP, in bytes."""

PUBLISH = """
async ([whip, token]) => {
  const { publish } = await import("/static/media/whip.js");
  const video = { width: 960, height: 540, frameRate: 25 };
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video });
  const peer = await publish({ whip, token, relays: [] }, stream);
  window.pc = peer.pc;
  await peer.ready();
}
"""
SENT = """
async () => {
  const told = {};
  for (const report of (await pc.getStats()).values()) {
    if (report.type !== "outbound-rtp") continue;
    const { bytesSent, headerBytesSent, packetsSent } = report;
    told[report.kind] = { bytes: bytesSent + headerBytesSent, packets: packetsSent };
  }
  return told;
}
"""


@pytest.fixture
def network() -> Iterator[narrow.NarrowNetwork]:
    with narrow.narrow_network() as network:
        yield network


@pytest.fixture
def running(network: narrow.NarrowNetwork) -> Iterator[Thread]:
    thread = Thread(narrow.NEAR)
    thread.start()
    yield thread
    thread.stop()


def scripts(page: Page) -> None:
    """Serve the product's own scripts to the page, which this engine does not do."""

    def give(route: Route) -> None:
        name = route.request.url.split("/static/")[1]
        route.fulfill(path=SCRIPTS / name, content_type="text/javascript")

    page.route("**/static/**", give)


async def mixed(sound: JitterBuffer, seconds: float) -> list[int]:
    """Read as a mixer does; return the lengths of all gaps in ms."""
    gaps, row, due = [], 0, time.monotonic()
    for _ in range(round(seconds * 50)):
        due += 0.02
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        before = sound.tally.concealed
        is_made_up = sound.read() is None or sound.tally.concealed > before
        if row and not is_made_up:
            gaps.append(row * 20)
        row = row + 1 if is_made_up else 0
    return [*gaps, row * 20] if row else gaps


def sent(page: Page) -> int:
    """Return how many bytes the browser has sent, including all headers."""
    told: dict[str, dict[str, int]] = page.evaluate(SENT)
    return sum(kind["bytes"] + AROUND * kind["packets"] for kind in told.values())


def test_a_browser_sends_what_its_link_bears_and_the_voice_has_no_gap(
    network: narrow.NarrowNetwork, running: Thread, browser: Browser
) -> None:
    port = int(running.url.rpartition(":")[2].strip("/"))
    with network.browser(browser.browser_type, port) as far, closing(far.new_page()) as page:
        page.context.set_default_timeout(60_000)
        scripts(page)
        page.goto(f"http://localhost:{port}/media/health")
        network.shape(POOR.clear(), POOR.clear())
        page.evaluate(PUBLISH, [f"/media/whip/{HEARING}", token("publish")])
        peer = running.engine.only().peer
        assert isinstance(peer, PublisherPeer)
        assert peer.sound is not None
        running.do(mixed(peer.sound, SETTLES_S))
        before, began = sent(page), time.monotonic()
        gaps = running.do(mixed(peer.sound, WATCHED_S))
        kbps = 8 * (sent(page) - before) / 1000 / (time.monotonic() - began)
        assert max(gaps, default=0) <= LONGEST_GAP_MS, gaps
        assert kbps < KBPS, kbps
