"""The streams that are open in this process, which end before the process does.

Screens keep a stream open for hours. When the process stops or leaves, each stream ends with an
event `restart`: our pages reconnect at once and resume behind their last event. Other readers of
server-sent events reconnect by themselves; `retry` tells them to do it soon. Many streams end a
few at a time, so that not all of them reconnect at the same moment.
"""

import asyncio
import random

from hemicycle.site.http.asgi_types import Application, Message, Receive, Scope, Send

BATCH, PAUSE_S = 100, 0.05
"""Streams that end at once, and the pause before the next: 2,000 a second."""
SOONEST_MS, LATEST_MS = 20, 300
"""When a reader comes back, at random."""


def is_stream(scope: Scope) -> bool:
    """Whether a request asks for a stream that screens keep open."""
    path: str = scope["path"]
    if scope["type"] == "http" and scope["method"] != "GET":
        return False
    return path.startswith("/feed/") or (
        path.startswith("/media/session/") and path.endswith("/events")
    )


class OpenStreams:
    """The open streams of one process."""

    def __init__(self) -> None:
        self._tasks: dict[asyncio.Task[None], None] = {}
        self.are_ending = False

    async def end_all(self, *, spread: bool = True) -> None:
        """End all streams, and each that begins later."""
        self.are_ending = True
        for number, task in enumerate(tuple(self._tasks), start=1):
            task.cancel()
            if spread and number % BATCH == 0:
                await asyncio.sleep(PAUSE_S)

    async def serve(
        self, application: Application, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Let `application` answer a request for a stream, until the streams are ended."""
        stream = _Stream(send)
        task = asyncio.current_task()
        assert task is not None
        self._tasks[task] = None
        try:
            if not self.are_ending:
                await application(scope, receive, stream.send)
        except asyncio.CancelledError:
            if not self.are_ending:
                raise
            task.uncancel()
        finally:
            del self._tasks[task]
        if self.are_ending:
            await stream.end()


class _Stream:
    """What has been sent of one answer."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._has_begun = self._is_whole = False
        self._is_between_events = True

    async def send(self, message: Message) -> None:
        """Send a part of the answer."""
        if message["type"] == "http.response.start":
            self._has_begun = True
        else:
            self._is_whole = not message.get("more_body")
            if body := message.get("body"):
                self._is_between_events = body.endswith(b"\n\n")
        await self._send(message)

    async def end(self) -> None:
        """End the answer with the hint to come back, if it is a stream that has not ended."""
        if self._is_whole:
            return
        if not self._has_begun:
            headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
            start = {"type": "http.response.start", "status": 200, "headers": headers}
            await self._send(start)
        body = _hint() if self._is_between_events else b""  # half an event is not read
        await self._send({"type": "http.response.body", "body": body, "more_body": False})


def _hint() -> bytes:
    soon_ms = random.randint(SOONEST_MS, LATEST_MS)  # noqa: S311 - it spreads load, no secret
    return f"retry: {soon_ms}\nevent: restart\ndata: {soon_ms}\n\n".encode()


open_streams = OpenStreams()
"""Those of this process."""
