"""Streams of events over WebSockets (RFC 6455), so that a browser can open several windows.

A browser opens at most six connections to a host over HTTP/1.1, and a stream occupies one of them:
with a few windows of a meeting open, the next page would never load. Sockets are counted
separately. So each address that answers a GET with a stream also answers a socket, with the same
bytes. A refusal closes the socket with `REFUSED` plus its status. Messages from the browser are
ignored.
"""

from urllib.parse import urlsplit

from hemicycle.site.http.asgi_types import Application, Message, Receive, Scope, Send
from hemicycle.site.http.open_streams import open_streams

STREAMS = ("/feed/", "/media/session/")
"""Addresses that screens keep open; their clients reconnect automatically."""

REFUSED = 4000
"""Added to the status of a refusal: applications may use codes from 4000 (section 7.4.2)."""
NORMAL_CLOSURE, POLICY_VIOLATION, SERVICE_RESTART = 1000, 1008, 1012


async def app(application: Application, scope: Scope, receive: Receive, send: Send) -> None:
    """Send the stream of `application` over a socket; refuse other addresses and origins."""
    await receive()
    if not scope["path"].startswith(STREAMS) or not _is_our_page(scope):
        await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        return
    socket = _SocketAsGet(receive, send)
    request = {**scope, "type": "http", "method": "GET", "headers": _request_headers(scope)}
    request["scheme"] = scope["scheme"].replace("ws", "http")
    await open_streams.serve(application, request, socket.receive, socket.send)
    await socket.close(_end_code())


class _SocketAsGet:
    """Presents a socket as a GET request to an application, and sends its answer back."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self._requested = self._closed = False

    async def receive(self) -> Message:
        """Return the request without a body, and then a disconnect once the visitor has left."""
        if not self._requested:
            self._requested = True
            return {"type": "http.request", "body": b"", "more_body": False}
        while (await self._receive())["type"] != "websocket.disconnect":
            pass
        self._closed = True
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Send the answer over the socket, block by block."""
        if message["type"] == "http.response.start":
            await self._deliver({"type": "websocket.accept"})
            if message["status"] != 200:
                await self.close(REFUSED + message["status"])
        elif not self._closed:
            if message.get("body"):
                await self._deliver({"type": "websocket.send", "bytes": message["body"]})
            if not message.get("more_body"):
                await self.close(_end_code())

    async def close(self, code: int) -> None:
        """Close the socket if it is open."""
        if not self._closed:
            self._closed = True
            await self._deliver({"type": "websocket.close", "code": code})

    async def _deliver(self, message: Message) -> None:
        """Send, unless the visitor has disconnected, which is not an error (ASGI)."""
        try:
            await self._send(message)
        except OSError:
            self._closed = True


def _end_code() -> int:
    return SERVICE_RESTART if open_streams.are_ending else NORMAL_CLOSURE


def _is_our_page(scope: Scope) -> bool:
    """Whether a page of this site asks: browsers let any origin open sockets (section 10.2)."""
    headers: dict[bytes, bytes] = dict(scope["headers"])
    origin = urlsplit(headers.get(b"origin", b"").decode("latin-1"))
    return origin.netloc == headers.get(b"host", b"").decode("latin-1")


def _request_headers(scope: Scope) -> list[tuple[bytes, bytes]]:
    """Return the headers of the request without those of the handshake."""
    return [
        (name, value)
        for name, value in scope["headers"]
        if name not in {b"connection", b"upgrade"} and not name.startswith(b"sec-websocket-")
    ]
