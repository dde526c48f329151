"""Third-party clients instead of our pages: one with GStreamer, one in a browser.

`whip-client` is a publisher in C by Meetecho, from Debian's package `simple-whip-client`. The WHIP
and WHEP clients of the npm package `whip-whep` are Medooze's, by an author of both protocols.
"""

import asyncio
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from hemicycle.procedure import commands as c
from tests.engine import apart, gstreamer_scene
from tests.engine.aired import HEARING, Aired, on_air, until
from tests.procedure.meeting import segment, speaker
from tests.support.browser import Pages

pytestmark = pytest.mark.real_time

CLIENTS = Path(__file__).parents[2] / "node_modules/whip-whep"
HERTZ = 880

LOAD = """
async (sources) => {
  for (const [name, source] of Object.entries(sources))
    window[name] = await import(`data:text/javascript;charset=utf-8,${encodeURIComponent(source)}`);
}
"""

PUBLISH = """
async ([endpoint, token, hertz]) => {
  const context = new AudioContext();
  await context.resume();
  const tone = new OscillatorNode(context, { frequency: hertz });
  const out = new MediaStreamAudioDestinationNode(context);
  tone.connect(new GainNode(context, { gain: 0.1 })).connect(out);  // softer than a howl
  tone.start();
  const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 180 });
  const brush = canvas.getContext("2d");
  setInterval(() => {
    brush.fillStyle = `hsl(${(performance.now() / 10) % 360} 80% 50%)`;
    brush.fillRect(0, 0, 320, 180);
  }, 60);
  const pc = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  for (const track of [out.stream.getTracks()[0], canvas.captureStream(15).getTracks()[0]])
    pc.addTransceiver(track, { direction: "sendonly" });
  window.publisher = new whip.WHIPClient();
  await publisher.publish(pc, endpoint, token);
}
"""

VIEW = """
async ([endpoint, token, codec]) => {
  const pc = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  const direction = "recvonly";
  const places = ["audio", "video"].map((kind) => pc.addTransceiver(kind, { direction }));
  const known = RTCRtpReceiver.getCapabilities("video").codecs;
  places[1].setCodecPreferences(known.filter(({ mimeType }) => mimeType === `video/${codec}`));
  window.viewer = new whep.WHEPClient();
  await viewer.view(pc, endpoint, token);
  const tracks = places.map((place) => place.receiver.track);
  const stream = new MediaStream(tracks.filter(({ readyState }) => readyState === "live"));
  window.screen_ = document.createElement("video");
  Object.assign(screen_, { srcObject: stream, muted: true });
  document.body.append(screen_);
  await screen_.play();
  const context = new AudioContext();
  await context.resume();
  window.look = context.createAnalyser();
  look.fftSize = 8192;
  context.createMediaStreamSource(stream).connect(look);
}
"""

HEARD = """
() => {
  const bins = new Float32Array(look.frequencyBinCount);
  look.getFloatFrequencyData(bins);
  const loudest = Math.max(...bins);
  const hertz = (bins.indexOf(loudest) * look.context.sampleRate) / look.fftSize;
  return { hertz: loudest > -60 ? hertz : 0, width: screen_.videoWidth };
}
"""


class Station:
    """A running hearing in a separate thread, so that the test's thread can drive a browser."""

    def __init__(self, folder: Path) -> None:
        self.aired: Aired
        self._folder = folder
        self._loop = asyncio.new_event_loop()
        self._ready, self._over = threading.Event(), asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=[self._run()])

    async def _run(self) -> None:
        async with on_air(self._folder, languages=["en"]) as self.aired:
            self._ready.set()
            await self._over.wait()

    def start(self) -> None:
        """Start the thread; return once the engine answers."""
        self._thread.start()
        assert self._ready.wait(20)

    def stop(self) -> None:
        """Stop the engine; return once it has ended."""
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()
        self._loop.close()

    def floor(self, *commands: c.Command) -> None:
        """Execute commands, as entries of the record."""

        async def do() -> None:
            self.aired.script.do(*commands)

        self._wait(do())

    def until(self, true: Callable[[], bool], what: str) -> None:
        """Wait until a condition holds, checked on the engine's loop."""
        self._wait(until(true, what, 20))

    def _wait(self, what: Any) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(30)

    def seats(self) -> list[str]:
        """Return the slots that are connected, sorted."""
        return sorted(
            publisher.slot for publisher in self.aired.hearing.roster.publishers().values()
        )

    def whip(self, slot: str) -> tuple[str, str]:
        """Return the address at which a speaker publishes, and the pass."""
        token = self.aired.token("publish", "speaker", slot, slot=slot)
        return f"{self.aired.base}/media/whip/{HEARING}", token

    def whep(self, channel: str, seat: str = "viewer") -> tuple[str, str]:
        """Return the address at which a channel is played, and the pass."""
        token = self.aired.token("listen", "listener", seat)
        return f"{self.aired.base}/media/whep/{HEARING}?channel={channel}", token


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    station = Station(tmp_path)
    station.start()
    station.floor(c.OpenMeeting("meeting"), segment(speaker("a"), speaker("b")))
    yield station
    station.stop()


def open_page(pages: Pages, station: Station) -> Page:
    """Open a page of the engine's own origin with both of Medooze's clients."""
    page = pages.open()
    page.goto(f"{station.aired.base}/media/health")
    sources = {name: (CLIENTS / f"{name}.js").read_text() for name in ("whip", "whep")}
    page.evaluate(LOAD, sources)
    return page


def hears(page: Page, hertz: int, *, sees: bool = True) -> dict[str, float]:
    """Wait until a tone is heard, or with 0 until there is silence; return what is heard then."""
    found: dict[str, float] = {}
    for _turn in range(150):
        found = page.evaluate(HEARD)
        if abs(found["hertz"] - hertz) < 12 and (found["width"] or not (hertz and sees)):
            return found
        page.wait_for_timeout(100)
    raise AssertionError(f"{hertz} Hz should be heard, not {found}")


@pytest.mark.test_all("clients")
@pytest.mark.skipif(
    not shutil.which("whip-client"),
    reason="needs a WHIP client (Debian: apt-get install simple-whip-client)",
)
@pytest.mark.skipif(not apart.is_possible(), reason="needs network namespaces")
@pytest.mark.parametrize("picture", gstreamer_scene.PICTURES)
def test_a_gstreamer_client_speaks(tmp_path: Path, picture: str) -> None:
    said = json.loads(apart.run("tests.engine.gstreamer_scene", picture, str(tmp_path)))
    heard = said.pop("heard")
    assert said == {"before": 0, "size": [320, 180], "ended": 0}
    assert abs(heard - gstreamer_scene.HERTZ) < 5


@pytest.mark.test_all("clients")
@pytest.mark.browser
def test_published_browser_clients_speak_and_hear(pages: Pages, station: Station) -> None:
    pages.allow("405 PATCH")  # both clients offer to trickle candidates; the refusal is harmless
    publisher, viewer, blind = (open_page(pages, station) for _ in range(3))
    publisher.evaluate(PUBLISH, [*station.whip("a"), HERTZ])
    station.until(lambda: station.seats() == ["a"], "the speaker should be connected")
    viewer.evaluate(VIEW, [*station.whep("en"), "H264"])
    blind.evaluate(VIEW, [*station.whep("en", "blind"), "VP8"])
    hears(viewer, 0)
    station.floor(c.GiveFloor())
    assert hears(viewer, HERTZ)["width"] > 0
    assert hears(blind, HERTZ, sees=False)["width"] == 0
    station.floor(c.EndFloor())
    hears(viewer, 0)
    publisher.evaluate("publisher.stop()")
    station.until(lambda: station.seats() == [], "the speaker should have left")
    for page in (viewer, blind):
        page.evaluate("viewer.stop()")
    station.until(lambda: not station.aired.hearing.roster.sessions, "the players should have left")
