"""Passes `/media/` on to the media engine: a bare ASGI application that streams both ways.

A request for a hearing goes to the machine that runs it (`media_machines.routes`). If that machine
does not answer, the table of machines is read again, since another one may have taken the hearing.
An offer of a connection waits for that machine: when a machine is lost, all its pages send an offer
at once, and they are answered as soon as another machine has the hearing, without asking
repeatedly.

Blocks of an answer are sent on as they come. When a visitor disconnects, the request to the engine
is cancelled. If no engine answers, the proxy refuses with a code, as the engine does. If there is
only one media machine, the production proxy in front can route `/media/` itself, and so keep the
webcast's traffic away from this process.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

import aiohttp
from django.db import close_old_connections
from yarl import URL

from hemicycle import logs
from hemicycle.engine.refusals import Refusal
from hemicycle.meeting.media_machines import routes
from hemicycle.meeting.media_machines.routes import MediaRoute
from hemicycle.site.http.asgi_types import Headers, Receive, Scope, Send

LARGEST_BODY = 2**20
"""The size limit of a request's body, in bytes; a caption line has a few hundred."""

LARGEST_OFFER = 2**16
"""The size limit of an offer, in bytes, as at the engine. An offer is kept in memory while it waits
for a machine, before its pass is verified.
"""

ENDLESS = "/media/captions/"
"""The addresses where a body may last a whole meeting; the engine limits its lines."""

CONNECT_S = 3.0
CONNECT_ONE_S = 1.0
"""The time to connect to one of several machines: a lost one must not delay a reconnection."""
SUCCESSOR_S = 4.0
"""How long an offer waits for a machine to take its hearing: longer than a lease lasts."""
LOOK_S = 0.25
"""The seconds between two looks for that machine."""
SILENT_S = 60.0
"""An engine that sends nothing for this many seconds is gone; its heartbeats are more frequent."""

HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
"""The headers of one connection only (RFC 9110 section 7.6.1)."""

OURS = frozenset({b"host", b"cookie", b"x-forwarded-for", b"x-forwarded-proto", b"x-request-id"})
"""Headers that are not passed on: the engine reads no cookies, and the proxy sends its own headers
with the visitor's address and the id of the request."""

REPLACED = frozenset({b"date", b"server"})
"""Headers of the engine's answer that this server writes itself."""

UNREACHABLE = Refusal("unreachable", "The media engine does not answer. Ask again in a moment.")
"""Pages recognize it by the status 503 and show it in the reader's language."""

_HEARING = re.compile(r"/media/[a-z]+/([0-9a-f]{32})(?:/|$)")
_OFFER = re.compile(r"/media/(?:whip|whep|attend)/[0-9a-f]{32}/?$")

_client: aiohttp.ClientSession | None = None
_reading = ThreadPoolExecutor(1, thread_name_prefix="media-routes")
_renewal: asyncio.Future[None] | None = None


async def startup() -> None:
    """Create this process's client (ASGI lifespan)."""
    global _client  # noqa: PLW0603 - one for each process
    _client = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
    )


async def shutdown() -> None:
    """Close the client (ASGI lifespan)."""
    global _client  # noqa: PLW0603
    if _client is not None:
        await _client.close()
        _client = None


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve `/media/…` with the engine's answer, or with a refusal that says why there is none."""
    request = _ProxiedRequest(scope, receive, send)
    tasks = [asyncio.create_task(work) for work in (request.run(), request.listen())]
    try:
        # `listen` returns when the visitor disconnects; cancelling `run` then closes the connection
        # to the engine.
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _ProxiedRequest:
    """A request that is passed to the engine, and its answer."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._blocks: asyncio.Queue[bytes | None] = asyncio.Queue(1)
        most = LARGEST_OFFER if self._is_offer else LARGEST_BODY
        self._too_long = Refusal("too_long", most_kb=most // 1024)
        self._left = float("inf") if scope["path"].startswith(ENDLESS) else most
        self._begun = False

    async def listen(self) -> None:
        """Read the request's body, and then wait for the visitor to disconnect."""
        while (message := await self._receive())["type"] == "http.request":
            if block := message.get("body"):
                await self._blocks.put(block)
            if not message.get("more_body"):
                await self._blocks.put(None)

    async def run(self) -> None:
        """Pass the request to the engine, and answer with its answer or with a refusal."""
        if self._announced() > self._left:
            await self._refuse(413, self._too_long)
            return
        try:
            await self._ask()
        except (aiohttp.ClientError, TimeoutError, OSError):
            if self._left < 0:
                await self._refuse(413, self._too_long)
            elif not self._begun:
                await self._refuse(503, UNREACHABLE)
            # An answer that has begun is cut off: the client notices, and asks again.

    async def _ask(self) -> None:
        found = _HEARING.match(self._scope["path"])
        hearing = found[1] if found else ""
        route = await _route_of(hearing)
        if route.is_one_of_many and self._is_offer:
            await self._offer(hearing)
            return
        try:
            await self._ask_at(route)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            if not route.is_one_of_many:
                raise
            routes.forget()
            other = await _route_of(hearing)
            if other == route:
                raise
            await self._ask_at(other)  # nothing of the body has been read yet

    @property
    def _is_offer(self) -> bool:
        return self._scope["method"] == "POST" and bool(_OFFER.match(self._scope["path"]))

    async def _offer(self, hearing: str) -> None:
        """Send an offer to the machine that has the hearing, even if that changes in the meantime.

        Raises TimeoutError if no machine answers within `SUCCESSOR_S`.
        """
        offer = b"".join([block async for block in self._body()])
        until = asyncio.get_running_loop().time() + SUCCESSOR_S
        while not await self._is_answered(hearing, offer):
            async with asyncio.timeout_at(until):
                await asyncio.sleep(LOOK_S)
                await _renewed()

    async def _is_answered(self, hearing: str, offer: bytes) -> bool:
        """Ask the machine that has the hearing now; return False if it cannot answer."""
        route = await _route_of(hearing)
        if not route.url:
            return False
        asking = asyncio.create_task(self._ask_at(route, offer))
        moving = asyncio.create_task(_moved(hearing, route))
        try:
            await asyncio.wait((asking, moving), return_when=asyncio.FIRST_COMPLETED)
            if not asking.done() and not self._begun:
                return False
            await asking
        except (aiohttp.ClientError, TimeoutError, OSError):
            if self._begun:
                raise
            return False
        finally:
            for task in (asking, moving):
                task.cancel()
            await asyncio.gather(asking, moving, return_exceptions=True)
        return True

    async def _ask_at(self, route: MediaRoute, offer: bytes | None = None) -> None:
        assert _client is not None, "the server has not been started"
        if not route.url:
            await self._refuse(503, UNREACHABLE)
            return
        scope = self._scope
        connect_s = CONNECT_ONE_S if route.is_one_of_many else CONNECT_S
        path = scope["raw_path"].decode("latin-1")
        query = scope["query_string"].decode("latin-1")
        has_body = self._announced() > 0 or _header(scope, b"transfer-encoding") != b""
        async with _client.request(
            scope["method"],
            URL(f"{route.url}{path}{query and '?'}{query}", encoded=True),
            headers=_forwarded(scope),
            data=offer or (self._body() if has_body else None),
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=connect_s, sock_read=SILENT_S),
        ) as answer:
            await self._start(answer.status, _without(HOP_BY_HOP | REPLACED, answer.raw_headers))
            async for block in answer.content.iter_any():
                await self._send_block(block, more=True)
            await self._send_block(b"", more=False)

    async def _body(self) -> AsyncIterator[bytes]:
        while (block := await self._blocks.get()) is not None:
            self._left -= len(block)
            if self._left < 0:
                raise aiohttp.ClientPayloadError(str(self._too_long))
            yield block

    def _announced(self) -> int:
        length = _header(self._scope, b"content-length")
        return int(length) if length.isdigit() else 0

    async def _refuse(self, status: int, refusal: Refusal) -> None:
        if self._begun:
            return
        headers = [
            (b"content-type", b"application/json"),
            (b"cache-control", b"no-store"),
            (b"connection", b"close") if status == 413 else (b"retry-after", b"1"),
        ]
        await self._start(status, headers)
        await self._send_block(json.dumps(refusal.data()).encode(), more=False)

    async def _start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        self._begun = True
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def _send_block(self, block: bytes, *, more: bool) -> None:
        await self._send({"type": "http.response.body", "body": block, "more_body": more})


async def _route_of(hearing: str) -> MediaRoute:
    known = routes.known(hearing)
    if known is None:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(_reading, _read_route, hearing)
    if routes.is_due():
        _renewal_under_way()
    return known


async def _moved(hearing: str, route: MediaRoute) -> None:
    """Return as soon as another machine has the hearing."""
    while (other := await _route_of(hearing)) == route or not other.url:  # noqa: ASYNC110 - a table
        await asyncio.sleep(LOOK_S)


async def _renewed() -> None:
    """Read the table of machines again, once for all requests that wait for it."""
    await asyncio.shield(_renewal_under_way())


def _renewal_under_way() -> asyncio.Future[None]:
    global _renewal  # noqa: PLW0603 - one for each process
    if _renewal is None or _renewal.done():
        _renewal = asyncio.get_running_loop().run_in_executor(_reading, _renew)
    return _renewal


def _read_route(hearing: str) -> MediaRoute:
    close_old_connections()
    return routes.of(hearing)


def _renew() -> None:
    close_old_connections()
    routes.renew()


def _header(scope: Scope, name: bytes) -> bytes:
    headers: Headers = scope["headers"]
    return next((value for key, value in headers if key == name), b"")


def _without(left_out: frozenset[bytes], headers: Headers) -> list[tuple[bytes, bytes]]:
    lowered = [(name.lower(), value) for name, value in headers]
    named = b",".join(value for name, value in lowered if name == b"connection").lower()
    listed = {name.strip() for name in named.split(b",")}
    return [(name, value) for name, value in lowered if name not in left_out and name not in listed]


def _forwarded(scope: Scope) -> list[tuple[str, str]]:
    """Return the headers for the engine: the request's, the client's address and the request id."""
    kept = _without(HOP_BY_HOP | OURS, scope["headers"])
    visitor = scope["client"][0] if scope.get("client") else "unknown"
    also = [("X-Forwarded-For", visitor), ("X-Forwarded-Proto", scope["scheme"])]
    also += [(logs.REQUEST_ID, logs.request_id.get())] if logs.request_id.get() else []
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in kept] + also
