"""Streams of events over WebSockets (RFC 6455), for pages that stand beside each other.

A browser opens six connections to a host over HTTP/1.1, and a stream holds one of them for good:
somebody with three windows of a meeting would wait for ever for the fourth. Sockets are counted
apart. So whatever answers a GET with a stream also answers a socket at the same address: the bytes
are the same, a refusal closes the socket with `REFUSED` and its status, and what the browser says
is not listened to.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

STREAMS = ("/feed/", "/media/session/")
"""What begins like this is held open by screens, which come back by themselves."""

REFUSED = 4000
"""Added to the status of a refusal: codes from 4000 are an application's own (section 7.4.2)."""
OVER, NOT_HERE = 1000, 1008


async def app(application: Application, scope: Scope, receive: Receive, send: Send) -> None:
    """Carry what `application` streams at this address; any other address, or page, is refused."""
    await receive()
    if not scope["path"].startswith(STREAMS) or not _is_our_page(scope):
        await send({"type": "websocket.close", "code": NOT_HERE})
        return
    carried = _Carried(receive, send)
    asked = {**scope, "type": "http", "method": "GET", "headers": _asked(scope)}
    asked["scheme"] = scope["scheme"].replace("ws", "http")
    await application(asked, carried.receive, carried.send)
    await carried.close(OVER)


class _Carried:
    """A socket as an application sees it that answers a GET."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self._asked = self._closed = False

    async def receive(self) -> Message:
        """The request, which has no body; then nothing until the visitor has hung up."""
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        while (await self._receive())["type"] != "websocket.disconnect":
            pass
        self._closed = True
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Pass the answer on, block by block."""
        if message["type"] == "http.response.start":
            await self._say({"type": "websocket.accept"})
            if message["status"] != 200:
                await self.close(REFUSED + message["status"])
        elif not self._closed:
            if message.get("body"):
                await self._say({"type": "websocket.send", "bytes": message["body"]})
            if not message.get("more_body"):
                await self.close(OVER)

    async def close(self, code: int) -> None:
        """Hang up, once."""
        if not self._closed:
            self._closed = True
            await self._say({"type": "websocket.close", "code": code})

    async def _say(self, message: Message) -> None:
        """Whoever has hung up is told nothing more: an answer to them is no fault (ASGI)."""
        try:
            await self._send(message)
        except OSError:
            self._closed = True


def _is_our_page(scope: Scope) -> bool:
    """Whether the page that asks is of this site: sockets know no origins (section 10.2)."""
    told: dict[bytes, bytes] = dict(scope["headers"])
    origin = urlsplit(told.get(b"origin", b"").decode("latin-1"))
    return origin.netloc == told.get(b"host", b"").decode("latin-1")


def _asked(scope: Scope) -> list[tuple[bytes, bytes]]:
    """The headers of the request without those of the handshake."""
    return [
        (name, value)
        for name, value in scope["headers"]
        if name not in {b"connection", b"upgrade"} and not name.startswith(b"sec-websocket-")
    ]
