"""HTTP/1.1 with limits against slow and oversized requests.

uvicorn waits without a limit for the rest of a request, and accepts headers of any length. Here a
client that has not sent a whole request header within `ASKED_WITHIN_S` seconds of connecting, or of
the beginning of a request, is disconnected. If too many are incomplete, the oldest is disconnected.
Request bodies have separate limits (`request_bodies`). The rest of a body that arrives after the
answer is dropped, for at most `HEARD_OUT_S` seconds.
"""

from asyncio import Transport
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

ASKED_WITHIN_S = 10.0
LONGEST_HEAD = 64 * 1024
"""The maximum length of the request line and the headers, in bytes."""
HEARD_OUT_S = 30.0
"""Seconds for the rest of a body: a proxy sends a whole file before it reads the answer."""
MOST_WAITED_FOR = 2000
"""The maximum number of connections in one process without a complete request."""


class ImpatientProtocol(HttpToolsProtocol):
    """One connection, which is closed if a limit is exceeded."""

    waited_for: ClassVar[dict["ImpatientProtocol", None]] = {}
    """The connections without a complete request, the oldest first."""
    is_leaving: ClassVar[bool] = False
    """Whether each connection closes after its next answer, since another process takes over."""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._head = 0
        self._patience: Any = None
        self._farewell: Any = None
        self._is_whole = True
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_longer()
        self._end_farewell()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._head += len(data)
        super().data_received(data)
        if self._patience is not None and self._head > LONGEST_HEAD:
            self._hang_up()

    def on_message_begin(self) -> None:
        self._is_whole = False
        if self._patience is None:
            self._wait()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._wait_no_longer()
        super().on_headers_complete()
        if self.is_leaving and self.cycle is not None:
            self.cycle.keep_alive = False  # the header of its answer will say so

    def on_message_complete(self) -> None:
        self._is_whole = True
        self._end_farewell()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self._is_whole and not self.transport.is_closing():
            self._farewell = self.loop.call_later(HEARD_OUT_S, self._hang_up)

    def _end_farewell(self) -> None:
        if self._farewell is not None:
            self._farewell.cancel()
            self._farewell = None

    def _wait(self) -> None:
        self._head = 0
        self._patience = self.loop.call_later(ASKED_WITHIN_S, self._hang_up)
        if len(self.waited_for) >= MOST_WAITED_FOR:
            next(iter(self.waited_for))._hang_up()  # noqa: SLF001 - our own class
        self.waited_for[self] = None

    def _wait_no_longer(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
        self.waited_for.pop(self, None)

    def _hang_up(self) -> None:
        self._wait_no_longer()
        if not self.transport.is_closing():
            self.transport.abort()
