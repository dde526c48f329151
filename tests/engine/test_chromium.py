"""A real browser publishes through WHIP and plays through WHEP."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from hemicycle.engine.control.sessions import MediaSession
from hemicycle.engine.rtc.listener import ListenerPeer
from hemicycle.engine.rtc.publisher import PublisherPeer
from tests.engine import engine
from tests.engine.engine import HEARING, Engine, token
from tests.engine.rtc import clients
from tests.engine.rtc.test_handed_peers import give_listener, give_port, give_publisher
from tests.support.browser import Pages

pytestmark = pytest.mark.real_time

TONE_HZ = 1200

CONNECT = """
async ([endpoint, token, wanted]) => {
  const pc = new RTCPeerConnection({ iceServers: [], bundlePolicy: "max-bundle" });
  if (wanted === "publish") {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
    stream.getTracks().forEach((track) => pc.addTransceiver(track, { direction: "sendonly" }));
  } else {
    const places = ["audio", "video"].map((k) => pc.addTransceiver(k, { direction: "recvonly" }));
    window.stream = new MediaStream(places.map((place) => place.receiver.track));
  }
  await pc.setLocalDescription();
  const answer = await fetch(endpoint, {
    method: "POST",
    headers: { "Content-Type": "application/sdp", Authorization: `Bearer ${token}` },
    body: pc.localDescription.sdp,
  });
  if (answer.status !== 201) return await answer.text();
  await pc.setRemoteDescription({ type: "answer", sdp: await answer.text() });
  window.pc = pc;
  return answer.headers.get("Location");
}
"""

HEAR = """
async () => {
  const video = Object.assign(document.createElement("video"), { srcObject: stream });
  document.body.append(video);
  video.muted = true;  // a click would be wanted for its sound, which is heard below
  await video.play();
  const context = new AudioContext();
  await context.resume();
  const look = context.createAnalyser();
  look.fftSize = 8192;
  context.createMediaStreamSource(stream).connect(look);
  const bins = new Float32Array(look.frequencyBinCount);
  const strongest = () => {
    look.getFloatFrequencyData(bins);
    return (bins.indexOf(Math.max(...bins)) * context.sampleRate) / look.fftSize;
  };
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  for (let turn = 0; turn < 80 && Math.abs(strongest() - HERTZ) > 12; turn++) await wait(100);
  for (let turn = 0; turn < 80 && !video.videoWidth; turn++) await wait(100);
  const told = { hertz: strongest(), width: video.videoWidth, height: video.videoHeight };
  for (let turn = 0; turn < 50; turn++) {
    for (const report of (await pc.getStats()).values())
      if (report.type === "inbound-rtp") told[report.kind] = report;
    if (told.audio.estimatedPlayoutTimestamp && told.video.estimatedPlayoutTimestamp) break;
    await wait(200);
  }
  return told;
}
"""


class Thread:
    """An engine with feeds, in a separate thread, so that the test's thread can drive the
    browser.
    """

    def __init__(self, address: str = "127.0.0.1") -> None:
        self.engine: Engine
        self._address = address
        self.url = ""
        self._loop = asyncio.new_event_loop()
        self._ready, self._over = threading.Event(), asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=[self._run()])

    async def _run(self) -> None:
        async with engine.running(address=self._address) as self.engine:
            outputs = self.engine.air.outputs
            feed = clients.Feed({outputs["floor"]: TONE_HZ}, outputs["program"])
            feeding = asyncio.create_task(feed.run())
            self.url = str(self.engine.client.make_url(""))
            self._ready.set()
            await self._over.wait()
            feeding.cancel()

    def start(self) -> None:
        """Start the thread; return once the engine answers."""
        self._thread.start()
        assert self._ready.wait(10)

    def stop(self) -> None:
        """Stop the engine; return once it has ended."""
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()
        self._loop.close()

    def do(self, what: Any) -> Any:
        """Run a coroutine on the engine's loop and return its result."""
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(20)


@pytest.fixture
def running() -> Iterator[Thread]:
    thread = Thread()
    thread.start()
    yield thread
    thread.stop()


@pytest.mark.browser
def test_a_browser_publishes_and_another_one_listens(pages: Pages, running: Thread) -> None:
    speaker, listener = pages.open(), pages.open()
    speaker.goto(f"{running.url}/media/health")
    at = speaker.evaluate(
        CONNECT, [f"{running.url}/media/whip/{HEARING}", token("publish"), "publish"]
    )
    session = running.engine.registry.get(at.rpartition("/")[2])
    assert session is not None
    running.do(_sounds_and_shows(session))

    elsewhere = running.url.replace("127.0.0.1", "localhost")  # a page of another origin
    listener.goto(f"{elsewhere}/media/health")
    listener.mouse.click(1, 1)
    endpoint = f"{running.url}/media/whep/{HEARING}"
    at = listener.evaluate(CONNECT, [endpoint, token("listen"), "hear"])
    assert at.startswith("/media/session/"), at
    told = listener.evaluate(HEAR.replace("HERTZ", str(TONE_HZ)))
    assert abs(told["hertz"] - TONE_HZ) <= 12
    assert (told["width"], told["height"]) == (320, 180)
    assert told["video"]["framesDecoded"] > 20
    assert told["audio"]["packetsLost"] == told["video"]["packetsLost"] == 0
    # Both are reported on one clock, so that the browser can synchronize them.
    playing = [told[kind]["estimatedPlayoutTimestamp"] for kind in ("audio", "video")]
    assert abs(playing[0] - playing[1]) < 500


async def _sounds_and_shows(session: MediaSession) -> None:
    """Check that the beeps of the fake microphone and the pictures of the fake camera arrive."""
    assert session.sound is not None
    assert session.picture is not None
    picture = session.picture
    await clients.until(lambda: session.state == "up")
    heard = await clients.read(session.sound, 80)
    assert abs(heard).max() > 0.1
    await clients.until(lambda: picture.latest() is not None)
    frame = picture.latest()
    assert frame is not None
    assert frame.width * 3 == frame.height * 4


STANDS = """
async () => {
  const told = { state: pc.connectionState };
  for (const report of (await pc.getStats()).values())
    if (report.type === "remote-outbound-rtp" && report.kind === "audio")
      told.reports = report.reportsSent;
    else if (report.type === "inbound-rtp" && report.kind === "audio")
      Object.assign(told, { lost: report.packetsLost, came: report.packetsReceived });
  return told;
}
"""


@pytest.mark.test_all("upgrades")
@pytest.mark.browser
def test_browsers_go_on_when_their_connections_are_handed_over(
    pages: Pages, running: Thread
) -> None:
    speaker, listener = pages.open(), pages.open()
    for page in (speaker, listener):
        page.goto(f"{running.url}/media/health")
    whip, whep = (f"{running.url}/media/{way}/{HEARING}" for way in ("whip", "whep"))
    assert speaker.evaluate(CONNECT, [whip, token("publish"), "publish"]).startswith("/media/")
    assert listener.evaluate(CONNECT, [whep, token("listen"), "listen"]).startswith("/media/")
    listener.evaluate(HEAR.replace("HERTZ", str(TONE_HZ)))
    before = listener.evaluate(STANDS)

    async def move() -> PublisherPeer:
        exchange = running.engine.exchange
        after = await give_port(exchange._port, exchange)
        peers = [session.peer for session in running.engine.registry.let_go()]
        (ours,) = (peer for peer in peers if isinstance(peer, PublisherPeer))
        (theirs,) = (peer for peer in peers if isinstance(peer, ListenerPeer))
        await give_listener(theirs, after)
        return await give_publisher(ours, after)

    moved = running.do(move())
    assert moved.sound is not None
    running.do(clients.read(moved.sound, 350))  # 7 s: after five, a silent peer is lost
    running.do(clients.until(lambda: moved.picture is not None and moved.picture.latest()))
    stands = listener.evaluate(STANDS)
    assert (stands["state"], speaker.evaluate("pc.connectionState")) == ("connected", "connected")
    assert stands["came"] - before["came"] > 300
    assert stands["lost"] <= 5
    assert stands["reports"] > before["reports"] + 3, "our reports are read"
