"""`/healthz` and `/readyz` of a web process (`docs/watching.md`).

Both are answered without Django's middleware: without a host name, cookie, limit or thread for
pages, so that a full site still answers them.
"""

from hemicycle.readiness import ALIVE, Readiness
from hemicycle.site.http.asgi_types import Receive, Scope, Send


async def tell_alive(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 200: this process accepts requests."""
    await _tell(scope, send, 200, ALIVE)


class TellReady:
    """Answers 200 if this process can serve pages, or 503 with a sentence for each reason."""

    def __init__(self, readiness: Readiness) -> None:
        self._readiness = readiness

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        status, text = await self._readiness.answer()
        await _tell(scope, send, status, text)


async def _tell(scope: Scope, send: Send, status: int, text: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    if scope["method"] not in {"GET", "HEAD"}:
        status, text = 405, ""
        headers.append((b"allow", b"GET, HEAD"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})
