"""The open streams of this process, which end before the process does.

Screens keep a stream open for hours. When the process stops, or a successor replaces it, each
stream ends with an event `restart`: our pages reconnect at once and resume after their last event.
Other readers of server-sent events reconnect automatically, and `retry` makes them do so soon. If
there are many streams, they end a few at a time, so that not all reconnect at the same moment.
"""

import asyncio
import random

from hemicycle.site.http.asgi_types import Application, Message, Receive, Scope, Send

BATCH, PAUSE_S = 100, 0.05
"""The number of streams that end together, and the pause before the next ones: 2,000 a second."""
SOONEST_MS, LATEST_MS = 20, 300
"""A reader reconnects after a random time in this range."""


def is_stream(scope: Scope) -> bool:
    """Whether a request is for a stream that screens keep open."""
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
        """End all streams, and each that begins later.

        With `spread`, end `BATCH` at a time with a pause of `PAUSE_S` between them.
        """
        self.are_ending = True
        for number, task in enumerate(tuple(self._tasks), start=1):
            task.cancel()
            if spread and number % BATCH == 0:
                await asyncio.sleep(PAUSE_S)

    async def serve(
        self, application: Application, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Let `application` answer a request for a stream, until `end_all` ends it."""
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
    """The state of one answer."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._has_begun = self._is_whole = False
        self._is_between_events = True

    async def send(self, message: Message) -> None:
        """Send a part of the answer, and note where it ends."""
        if message["type"] == "http.response.start":
            self._has_begun = True
        else:
            self._is_whole = not message.get("more_body")
            if body := message.get("body"):
                self._is_between_events = body.endswith(b"\n\n")
        await self._send(message)

    async def end(self) -> None:
        """End the answer with an event to reconnect, unless it is complete already."""
        if self._is_whole:
            return
        if not self._has_begun:
            headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
            start = {"type": "http.response.start", "status": 200, "headers": headers}
            await self._send(start)
        body = _hint() if self._is_between_events else b""  # a reader drops half an event
        await self._send({"type": "http.response.body", "body": body, "more_body": False})


def _hint() -> bytes:
    soon_ms = random.randint(SOONEST_MS, LATEST_MS)  # noqa: S311 - it is not a secret
    return f"retry: {soon_ms}\nevent: restart\ndata: {soon_ms}\n\n".encode()


open_streams = OpenStreams()
"""The open streams of this process."""
