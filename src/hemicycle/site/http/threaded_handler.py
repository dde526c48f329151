"""Django under ASGI, each request in one thread from beginning to end.

Our views are synchronous. Django's own ASGI handler makes a thread for every request and crosses
between it and the loop at each middleware, twice; that costs more than most of our pages. Here a
request crosses once: a fixed set of threads runs middleware, view and clean-up, and keeps its
database connections.
"""

import asyncio
import re
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from contextvars import copy_context
from typing import Any

from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.http import HttpResponseBase
from django.urls import set_script_prefix

LARGEST_BODY = 32 * 2**20
"""Bytes of a request that are read at all; the largest file that any form takes has 20 MB."""
VIDEO = re.compile(r"/my/[^/]+/video/")
LARGEST_VIDEO = 201 * 2**20
"""The same where recorded videos are handed in, which may have 200 MB."""


class _TooLarge(Exception):
    """A request whose body goes on and on."""


def _bounded(receive: Any, path: str) -> Any:
    """`receive`, which raises `_TooLarge` rather than let a visitor fill the disk."""
    left = LARGEST_VIDEO if VIDEO.match(path) else LARGEST_BODY

    async def counted() -> Any:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise _TooLarge
        return message

    return counted


async def _refuse(send: Any) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    sentence = b"What was sent is too large. Send a smaller file."
    await send({"type": "http.response.body", "body": sentence})


class ThreadedHandler(ASGIHandler):
    """An ASGI application that answers with Django's synchronous handler in `count` threads."""

    def __init__(self, count: int) -> None:
        super(ASGIHandler, self).__init__()
        self.load_middleware(is_async=False)
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="django")
        # A thread that holds the record's lock comes back from the database some twenty times, and
        # each time waits until another lets go of the interpreter: 5 ms, unless told otherwise.
        sys.setswitchinterval(0.0005)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request. A visitor who hangs up meanwhile changes nothing about it."""
        try:
            body = await self.read_body(_bounded(receive, scope["path"]))
        except RequestAborted:
            return
        except _TooLarge:
            await _refuse(send)
            return
        with closing(body):
            response = await self._in_thread(lambda: self._answer(scope, body))
        try:
            await self.send_response(response, send)
        finally:
            if response.streaming:
                await self._in_thread(response.close)

    async def _in_thread[T](self, work: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, copy_context().run, work)

    def _answer(self, scope: Any, body: Any) -> HttpResponseBase:
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        request, refusal = self.create_request(scope, body)
        response = self.get_response(request) if request else refusal
        assert response is not None
        if not response.streaming:
            response.close()  # tells that the request has ended; the content stays
        return response
