"""Lightweight players of a live webcast, which send the requests of hls.js, and their count.

A player follows some tracks. For each track, it asks for the list with the next part, which the
server delays until the part is available, and then for each new part. Every second player also asks
in advance for the announced part, as Safari does. Nothing is decoded, so one process can simulate a
thousand players.
"""

import asyncio
import logging
import re
import ssl
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import override

_PART = re.compile(rb'#EXT-X-PART:DURATION=[0-9.]+,URI="([^"]+)"(?:,INDEPENDENT=YES)?\n')
_HINT = re.compile(rb'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="([^"]+)"')
_SKIPPED = re.compile(rb"SKIPPED-SEGMENTS=(\d+)")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_AGAIN_S = 0.5
"""Seconds that a player waits after an answer that it cannot use."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where players send requests: `host` names the server, `path` is the meeting's folder."""

    port: int
    path: str
    host: str = "localhost"
    tls: ssl.SSLContext | None = None


@dataclass(slots=True)
class Tally:
    """What players received."""

    answers: int = 0
    failed: Counter[int] = field(default_factory=Counter)
    parts: dict[bytes, list[float]] = field(default_factory=dict)
    """By the name of a part, the monotonic times at which players received it."""

    def late_s(self) -> list[float]:
        """Return by how many seconds each player received each part later than the first player."""
        return [at - min(times) for times in self.parts.values() for at in times]


class Connection(asyncio.Protocol):
    """One connection of HTTP/1.1, for one request at a time."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._transport: asyncio.WriteTransport | None = None
        self._data = bytearray()
        self._whole = -1
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None

    async def get(self, name: str) -> tuple[int, bytes]:
        """Return status and body of a file of the meeting."""
        loop = asyncio.get_running_loop()
        if self._transport is None or self._transport.is_closing():
            server = self._server
            named = server.host if server.tls else None
            await loop.create_connection(
                lambda: self, "127.0.0.1", server.port, ssl=server.tls, server_hostname=named
            )
        assert self._transport is not None
        self._answer, self._whole = loop.create_future(), -1
        self._data.clear()
        asked = f"GET {self._server.path}/{name} HTTP/1.1\r\nHost: {self._server.host}\r\n\r\n"
        self._transport.write(asked.encode())
        return await self._answer

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.close()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    @override
    def data_received(self, data: bytes) -> None:
        self._data += data
        if self._whole < 0:
            head = self._data.find(b"\r\n\r\n")
            if head < 0:
                return
            length = _LENGTH.search(self._data, 0, head + 2)
            self._whole = head + 4 + (int(length[1]) if length else 0)
        if len(self._data) >= self._whole and self._answer and not self._answer.done():
            body = bytes(self._data[self._data.find(b"\r\n\r\n") + 4 :])
            self._answer.set_result((int(self._data[9:12]), body))

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError("closed"))


class _Follower:
    """A player's requests for one track."""

    def __init__(self, server: Server, track: str, tally: Tally, *, hints: bool) -> None:
        self._lists, self._parts, self._ahead = (Connection(server) for _ in range(3))
        self._track, self._tally, self._hints = track, tally, hints
        self._newest = b""

    async def follow(self) -> None:
        """Play until cancelled."""
        query = ""
        try:
            while True:
                status, text = await self._ask(self._lists, f"{self._track}.m3u8{query}")
                if status != 200:
                    query = ""
                    await asyncio.sleep(_AGAIN_S)
                    continue
                query = _next(text)
                await self._fetch(text)
        finally:
            for connection in (self._lists, self._parts, self._ahead):
                connection.close()

    async def _fetch(self, text: bytes) -> None:
        names = _PART.findall(text, max(text.find(self._newest), 0) if self._newest else 0)
        new = [name for name in names if name != self._newest]
        for name in new if self._newest else new[-1:]:
            status, _ = await self._ask(self._parts, name.decode())
            if status == 200:
                self._tally.parts.setdefault(name, []).append(time.monotonic())
        if names:
            self._newest = names[-1]
        if self._hints and (hint := _HINT.search(text)):
            await self._ask(self._ahead, hint[1].decode())

    async def _ask(self, connection: Connection, name: str) -> tuple[int, bytes]:
        try:
            status, body = await connection.get(name)
        except OSError:
            status, body = 0, b""
        self._tally.answers += 1
        if status != 200:
            self._tally.failed[status] += 1
        return status, body


def _next(text: bytes) -> str:
    """Return the query for the next part after a list."""
    skipped = _SKIPPED.search(text)
    whole = text.count(b"#EXTINF") + (int(skipped[1]) if skipped else 0)
    parts = text.count(b"#EXT-X-PART:", text.rfind(b"#EXTINF"))
    return f"?_HLS_msn={whole}&_HLS_part={parts}&_HLS_skip=YES"


async def play(server: Server, tracks: Sequence[str], players: int, seconds: float) -> Tally:
    """Start players over two seconds, and return what they receive in `seconds` after that."""
    tally = Tally()
    followers = [
        _Follower(server, track, tally, hints=bool(player % 2))
        for player in range(players)
        for track in tracks
    ]
    tasks = []
    for follower, number in zip(followers, count(1), strict=False):
        tasks.append(asyncio.create_task(follower.follow()))
        if number % max(len(followers) // 100, 1) == 0:
            await asyncio.sleep(0.02)
    await asyncio.sleep(3)
    tally.answers, tally.parts = 0, {}
    tally.failed.clear()
    await asyncio.sleep(seconds)
    ended = Tally(tally.answers, Counter(tally.failed), dict(tally.parts))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return ended


class OriginCount(logging.Handler):
    """Counts the requests that the engine's server has answered, by file name with query."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: Counter[str] = Counter()

    @override
    def emit(self, record: logging.LogRecord) -> None:
        line: str = vars(record)["first_request_line"]
        self.asked[line.split()[1].rpartition("/")[2]] += 1


@contextmanager
def counted() -> Iterator[OriginCount]:
    """Count the requests that servers of this process answer until the end of the block.

    A request is counted shortly after its answer was sent.
    """
    log, counting = logging.getLogger("aiohttp.access"), OriginCount()
    before, propagates = log.level, log.propagate
    log.setLevel(logging.INFO)
    log.propagate = False
    log.addHandler(counting)
    try:
        yield counting
    finally:
        log.removeHandler(counting)
        log.setLevel(before)
        log.propagate = propagates
