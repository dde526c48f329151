"""`/metrics` of a web process, and the timing of each request (`docs/watching.md`)."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from hemicycle import metrics
from hemicycle.metrics import Readers
from hemicycle.readiness import Readiness
from hemicycle.site.http.asgi_types import Application, Message, Receive, Scope, Send

_PARTS = {"feed": "feed", "media": "media", "static": "static", "api": "api"}
_PROBES = frozenset({"time", "healthz", "readyz", "metrics"})


class TellFigures:
    """Answers programs that may read the figures, and all others with 404."""

    def __init__(
        self, readers: Readers, readiness: Readiness, exposition: Callable[..., bytes]
    ) -> None:
        self._readers, self._readiness, self._exposition = readers, readiness, exposition
        # Reads run one at a time in a separate thread, so that they take no thread from pages.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="metrics")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["method"] not in {"GET", "HEAD"} or not self._admits(scope):
            await _tell(send, 404, "text/plain; charset=utf-8", b"")
            return
        status, _text = await self._readiness.answer()
        loop = asyncio.get_running_loop()
        read = partial(self._exposition, ready=status == 200)
        text = await loop.run_in_executor(self._thread, read)
        await _tell(send, 200, metrics.CONTENT_TYPE, text)

    def _admits(self, scope: Scope) -> bool:
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in scope["headers"]
        }
        client = scope.get("client")
        return self._readers.admit(client[0] if client else "", headers)


async def _tell(send: Send, status: int, kind: str, text: bytes) -> None:
    headers = [(b"content-type", kind.encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})


class Measured:
    """An ASGI application that measures the time until each answer begins."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on one request and time it, or pass on the server's start and stop."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        begun = time.perf_counter()

        async def timed(message: Message) -> None:
            if message["type"] == "http.response.start":
                _observe(scope["path"], message["status"], time.perf_counter() - begun)
            await send(message)

        await self._application(scope, receive, timed)


def _observe(path: str, status: int, seconds: float) -> None:
    metrics.REQUESTS.labels(part=part_of(path), status=f"{status // 100}xx").observe(seconds)


def part_of(path: str) -> str:
    """Return the part of the site to which an address belongs, as a label of figures."""
    first = path.lstrip("/").partition("/")[0]
    return "probes" if first in _PROBES else _PARTS.get(first, "pages")
