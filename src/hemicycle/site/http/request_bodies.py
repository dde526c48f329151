"""Request bodies, read by the event loop before a thread is taken, within limits.

A view declares what its address accepts: `most_bytes` is how large a body may be
(`registration.views.guard.sized` sets it), and `is_open` says whether this client may send one at
all. Without a declaration, a body may be as long as Django's limit for a form. If a body is
announced as large, or without a length, the address is checked before any of the body is stored: a
view whose address is not open to the client gets an empty form.

A refused body is first read to its end and dropped. Browsers, and proxies such as Caddy, read no
answer before they have sent everything, and treat an earlier one as a broken connection.

Senders must not pause too long, and the number of large bodies at the same time is limited.
"""

import asyncio
import io
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, Protocol

from django.conf import settings
from django.core.exceptions import RequestAborted, SuspiciousOperation
from django.core.handlers.asgi import ASGIRequest
from django.http import Http404
from django.urls import resolve

from hemicycle.site.http.asgi_types import Message, Receive, Scope, Send

SMALL = 64 * 1024
"""Bytes; a shorter body is read without a check of its address: no text form is longer."""
ENVELOPE = 64 * 1024
"""Bytes of a multipart form in addition to its files and fields."""
HEARD_OUT_S, MOST_DROPPED = 30.0, 300 * 2**20
"""The limits, in seconds and bytes, up to which a refused body is read and dropped."""
PAUSED_S = 2.0
"""If the sender of a refused body pauses for this many seconds, it is waiting for the answer."""
SILENT_S = 20.0
"""A sender that sends nothing for this many seconds is gone."""
GRACE_S = 30.0
SLOWEST = 4096
"""Bytes per second that a sender must reach on average after `GRACE_S`; 32 kbit/s."""
MOST_AT_ONCE = 48
"""Large bodies that are received at the same time; each is spooled to disk."""
MOST_PER_ADDRESS = 4
"""Of these, bodies sent to the same address, such as a personal link."""


class BodyRefused(Exception):
    """A body that is not accepted; has the status and the sentence of the answer."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


TOO_LARGE = (413, "What was sent is too large. Send a smaller file.")
TOO_SLOW = (408, "Your connection is too slow. Send this again over a faster connection.")
TOO_MANY = (503, "The server is receiving many files. Send yours again in a minute.")


async def refuse(send: Send, refused: BodyRefused) -> None:
    """Answer. The connection drops the rest of the body (`ImpatientProtocol`).

    Only slow senders are disconnected: if bytes are unread when a connection is closed, the
    operating system discards the answer, and a proxy shows its own error to the visitor.
    """
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"cache-control", b"no-store"),
    ]
    if refused.status == TOO_SLOW[0]:
        headers.append((b"connection", b"close"))
    if refused.status == TOO_MANY[0]:
        headers.append((b"retry-after", b"60"))
    await send({"type": "http.response.start", "status": refused.status, "headers": headers})
    await send({"type": "http.response.body", "body": refused.sentence.encode()})


@dataclass(frozen=True, slots=True)
class Body:
    """A received body; `reads_files` if its view may take long to read files."""

    content: IO[bytes]
    reads_files: bool = False


class InThread(Protocol):
    """Runs work for a request in a thread that has a database connection."""

    def __call__[T](self, scope: Scope, work: Callable[[], T]) -> Awaitable[T]: ...


class Bodies:
    """The bodies that one process is receiving."""

    def __init__(self, in_thread: InThread) -> None:
        self._in_thread = in_thread
        self._coming: Counter[str] = Counter()

    async def read(self, scope: Scope, receive: Receive) -> "Body":
        """Return the whole body, which the caller closes; empty if the view answers without it.

        Raises `BodyRefused`, or `RequestAborted` if the sender has disconnected.
        """
        announced = _announced(scope)
        is_short = announced is not None and announced <= SMALL
        if is_short and not (announced and _is_multipart(scope)):
            return Body(await _spool(receive, SMALL))
        if scope["method"] in {"GET", "HEAD", "OPTIONS"}:
            raise BodyRefused(*TOO_LARGE)
        policy = await self._in_thread(scope, lambda: _policy(scope))
        is_too_large = (announced or 0) > policy.most
        if not policy.is_open or is_too_large:
            if not _asks_first(scope):
                with self._counted(scope["path"]):
                    await _hear_out(receive)
            if policy.is_open and not policy.view_says_so:
                raise BodyRefused(*TOO_LARGE)
            return Body(io.BytesIO())
        if is_short:
            return Body(await _spool(receive, SMALL), policy.reads_files)
        with self._counted(scope["path"]):
            return Body(await _spool(receive, policy.most), policy.reads_files)

    @contextmanager
    def _counted(self, path: str) -> Iterator[None]:
        if self._coming.total() >= MOST_AT_ONCE or self._coming[path] >= MOST_PER_ADDRESS:
            raise BodyRefused(*TOO_MANY)
        self._coming[path] += 1
        try:
            yield
        finally:
            self._coming[path] -= 1
            if not self._coming[path]:
                del self._coming[path]


def _announced(scope: Scope) -> int | None:
    """Return the length from the headers; 0 if no body comes, None if its length is unknown."""
    headers = dict(scope["headers"])
    length = headers.get(b"content-length", b"")
    if length.isdigit():
        return int(length) if len(length) < 16 else 10**16
    return None if b"transfer-encoding" in headers else 0


def _asks_first(scope: Scope) -> bool:
    """Whether the sender waits for an answer to the headers before it sends the body."""
    expected: bytes = dict(scope["headers"]).get(b"expect", b"")
    return expected.lower() == b"100-continue"


def _is_multipart(scope: Scope) -> bool:
    kind: bytes = dict(scope["headers"]).get(b"content-type", b"")
    return kind.strip().lower().startswith(b"multipart/")


@dataclass(frozen=True, slots=True)
class BodyPolicy:
    """What an address accepts from a client: a body of up to `most` bytes if `is_open`.

    `view_says_so`: the view declares the size. `reads_files`: the view may read files for long.
    """

    most: int
    is_open: bool = True
    view_says_so: bool = False
    reads_files: bool = False


def _policy(scope: Scope) -> BodyPolicy:
    usual = (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0) + ENVELOPE
    try:
        found = resolve(scope["path"])
        request = ASGIRequest(scope, io.BytesIO())
    except (Http404, SuspiciousOperation, UnicodeDecodeError):
        return BodyPolicy(usual, is_open=False)
    asks = getattr(found.func, "is_open", None)
    is_open = asks is None or bool(asks(request, *found.args, **found.kwargs))
    most: int = getattr(found.func, "most_bytes", 0)
    return BodyPolicy(
        most + ENVELOPE if most else usual,
        is_open,
        view_says_so=bool(most),
        reads_files=most + ENVELOPE > usual,
    )


async def _spool(receive: Receive, most: int) -> IO[bytes]:
    """Return the body, in memory or, if it is too large, in a file; raises as `read` does."""
    body = tempfile.SpooledTemporaryFile(max_size=settings.FILE_UPLOAD_MAX_MEMORY_SIZE)  # noqa: SIM115
    try:
        await _fill(body, receive, most)
    except BaseException:
        body.close()
        raise
    body.seek(0)
    return body


async def _fill(body: IO[bytes], receive: Receive, most: int) -> None:
    now = asyncio.get_running_loop().time
    begun, size, more = now(), 0, True
    while more:
        message = await _next(receive)
        block = message.get("body", b"")
        size += len(block)
        if size > most:
            raise BodyRefused(*TOO_LARGE)
        if now() - begun > GRACE_S + size / SLOWEST:
            raise BodyRefused(*TOO_SLOW)
        if getattr(body, "_rolled", False):
            await asyncio.to_thread(body.write, block)
        else:
            body.write(block)
        more = message.get("more_body", False)


async def _hear_out(receive: Receive) -> None:
    """Receive and drop the rest of a body, up to its end or a limit."""
    dropped, more = 0, True
    with suppress(TimeoutError):
        async with asyncio.timeout(HEARD_OUT_S):
            while more and dropped < MOST_DROPPED:
                async with asyncio.timeout(PAUSED_S):
                    message = await receive()
                if message["type"] == "http.disconnect":
                    raise RequestAborted
                dropped += len(message.get("body", b""))
                more = message.get("more_body", False)


async def _next(receive: Receive) -> Message:
    try:
        async with asyncio.timeout(SILENT_S):
            message = await receive()
    except TimeoutError:
        raise BodyRefused(*TOO_SLOW) from None
    if message["type"] == "http.disconnect":
        raise RequestAborted
    return message
