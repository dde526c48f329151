"""Django under ASGI, each request in one thread from beginning to end.

Our views are synchronous. Django's own ASGI handler makes a thread for every request and switches
between it and the loop twice at each middleware, which costs more than most of our pages. Here a
request switches once: a fixed set of threads runs middleware, view and clean-up, and keeps its
database connections. The threads serve networks in turn (`fair_threads`).

The loop reads the body before that (`request_bodies`), and sends a streamed answer afterwards, one
block at a time as the visitor reads it: neither a slow sender nor a slow reader occupies a thread.
Forms with files have a few separate threads and wait only for each other: reading a file takes
seconds, which must not delay the pages of a meeting.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import closing
from typing import IO, Any

from django.conf import settings
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import set_script_prefix

from hemicycle import networks
from hemicycle.site.http.asgi_types import ARRIVED
from hemicycle.site.http.fair_threads import FairThreads
from hemicycle.site.http.request_bodies import Bodies, BodyRefused, refuse

BLOCK = 128 * 1024
"""The number of bytes of a file in memory while it is sent to a browser."""
FILE_THREADS = 2
"""The number of files that one process reads at the same time."""
NOT_TAKEN_S = 60.0
"""A visitor who reads nothing of an answer for this many seconds is gone."""


class ThreadedHandler(ASGIHandler):
    """An ASGI application that answers with Django's synchronous handler in `count` threads."""

    def __init__(self, count: int) -> None:
        super(ASGIHandler, self).__init__()
        self.load_middleware(is_async=False)
        self._threads = FairThreads(count, "django")
        self._file_threads = FairThreads(FILE_THREADS, "files")
        self._bodies = Bodies(lambda scope, work: self._threads.run(_network(scope), work))
        # A thread that holds the record's lock returns from the database some twenty times. Each
        # time it waits until another thread releases the interpreter, by default for 5 ms.
        sys.setswitchinterval(0.0005)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request, even if the visitor disconnects in the meantime."""
        scope = {**scope, ARRIVED: time.monotonic()}
        try:
            body = await self._bodies.read(scope, receive)
        except RequestAborted:
            return
        except BodyRefused as refused:
            await refuse(send, refused)
            return
        threads = self._file_threads if body.reads_files else self._threads
        with closing(body.content):
            response = await threads.run(_network(scope), lambda: self._answer(scope, body.content))
        if response.streaming:
            await self._stream(scope, response, receive, send)
        else:
            await self.send_response(response, send)

    async def _stream(self, scope: Any, response: Any, receive: Any, send: Any) -> None:
        """Send a streamed answer as the visitor reads it, until it ends or the visitor is gone."""
        gone = asyncio.create_task(receive())
        if isinstance(response, StreamingHttpResponse) and not response.is_async:
            if isinstance(response, FileResponse):
                response.block_size = BLOCK
            response.streaming_content = _blocks(response.streaming_content, gone)

        async def in_time(message: Any) -> None:
            async with asyncio.timeout(NOT_TAKEN_S):
                await send(message)

        try:
            await self.send_response(response, in_time)
        except TimeoutError:
            return  # the answer stays incomplete, so the server disconnects
        finally:
            gone.cancel()
            await self._threads.run(_network(scope), response.close)

    def _answer(self, scope: Any, body: IO[bytes]) -> HttpResponseBase:
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        request, refusal = self.create_request(scope, body)
        response = self.get_response(request) if request else refusal
        assert response is not None
        if not response.streaming:
            response.close()  # sends Django's signal; the content stays available
        return response


def _network(scope: Any) -> str:
    """Return the network of a request, by which `FairThreads` queues it."""
    client = scope.get("client")
    return networks.around(client[0], settings.LIMIT_PREFIXES) if client else ""


async def _blocks(content: Any, gone: "asyncio.Task[Any]") -> AsyncIterator[bytes]:
    """Yield one block after the other, each read in a thread.

    Django itself would collect all of them first.
    """
    blocks = iter(content)
    while not gone.done() and (block := await asyncio.to_thread(next, blocks, None)) is not None:
        yield block
