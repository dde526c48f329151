"""A server for comparison with the curve of seats: aiortc's own sender for each seat."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from av import Packet

from bench.engine.crowd import Canned, Look, canned_picture, canned_tone

PICTURE = Look(640, 360, 25, 770_000, noise=60)


class Shared(MediaStreamTrack):
    """A seat's track of frames that are read once for all seats."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.queue: asyncio.Queue[Packet[Any]] = asyncio.Queue(50)

    async def recv(self) -> Any:
        """Return the next frame. Raises MediaStreamError if the track has ended."""
        if self.readyState != "live":
            raise MediaStreamError
        return await self.queue.get()


class Stock:
    """A WHEP server like those in aiortc's examples."""

    def __init__(self) -> None:
        self._seats: list[Shared] = []
        self._peers: list[RTCPeerConnection] = []

    async def listen(self, request: web.Request) -> web.Response:
        """Answer an offer."""
        pc = RTCPeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        self._peers.append(pc)
        await pc.setRemoteDescription(RTCSessionDescription(await request.text(), "offer"))
        for transceiver in pc.getTransceivers():
            track = Shared(transceiver.kind)
            transceiver.direction = "sendonly"
            transceiver.sender.replaceTrack(track)
            if track.kind == "video":
                codecs = [codec for codec in transceiver._codecs if codec.mimeType == "video/H264"]  # noqa: SLF001
                transceiver._codecs = codecs  # noqa: SLF001
            self._seats.append(track)
        await pc.setLocalDescription(await pc.createAnswer())
        return web.Response(
            status=201, text=pc.localDescription.sdp, headers={"Location": "/session"}
        )

    async def feed(self, source: Canned) -> None:
        """Pass each frame to all seats until cancelled; a slow seat misses frames."""
        while True:
            frame = await source.recv()
            for seat in self._seats:
                if seat.kind == source.kind and not seat.queue.full():
                    seat.queue.put_nowait(frame)

    async def close(self) -> None:
        """Close the connections of all seats."""
        await asyncio.gather(*(pc.close() for pc in self._peers))


@asynccontextmanager
async def stock_on_air() -> AsyncIterator[str]:
    """Run the server on loopback with a tone and a picture; yield its address."""
    stock = Stock()
    app = web.Application()
    app.add_routes([web.post("/media/whep/{hearing}", stock.listen)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sources = (Canned("audio", canned_tone(600), 50), Canned("video", canned_picture(PICTURE), 25))
    feeding = [asyncio.create_task(stock.feed(source)) for source in sources]
    host, port = runner.addresses[0][:2]
    try:
        yield f"http://{host}:{port}"
    finally:
        for task in feeding:
            task.cancel()
        await stock.close()
        await runner.cleanup()
