"""Request bodies, read by the event loop before a thread is taken, within limits.

A view declares what its address accepts: `most_bytes` is how large a body may be
(`registration.views.guard.sized` sets it), `is_open` whether this client may send one at all.
Without a declaration, a body may be as long as Django's limit for a form. A body that is announced
as large, or without a length, is checked before any of it is kept: an address that is not open
answers as to an empty form.

What is refused is heard out first, and dropped. Browsers, and proxies such as Caddy, read no answer
before they have sent everything, and take one that comes earlier for a broken connection.

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
"""Bytes; a shorter body is read without looking at its address first: no form of text is longer."""
ENVELOPE = 64 * 1024
"""Bytes of a multipart form beside its files and fields."""
HEARD_OUT_S, MOST_DROPPED = 30.0, 300 * 2**20
"""Seconds and bytes in which a body that is refused is heard out."""
PAUSED_S = 2.0
"""A sender of such a body who sends nothing for this long waits for the answer."""
SILENT_S = 20.0
"""A sender that sends nothing for this long is gone."""
GRACE_S = 30.0
SLOWEST = 4096
"""After the grace, bytes a second that a sender must reach from the beginning; 32 kbit/s."""
MOST_AT_ONCE = 48
"""Large bodies that come in at the same time, each spooled to disk."""
MOST_PER_ADDRESS = 4
"""Of these, to one and the same address: a personal link is one."""


class BodyRefused(Exception):
    """Raised for a body that is not read: the status and the sentence of the answer."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


TOO_LARGE = (413, "What was sent is too large. Send a smaller file.")
TOO_SLOW = (408, "Your connection is too slow. Send this again over a faster connection.")
TOO_MANY = (503, "The server is receiving many files. Send yours again in a minute.")


async def refuse(send: Send, refused: BodyRefused) -> None:
    """Answer. The connection drops the rest of the body (`ImpatientProtocol`).

    It hangs up on slow senders alone: bytes that are unread when a connection is closed make the
    system of the server withdraw the answer, and a proxy tells the visitor that we are broken.
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
    """A body that was read; `reads_files` if the view that gets it may read files for long."""

    content: IO[bytes]
    reads_files: bool = False


class InThread(Protocol):
    """Runs work about a request in a thread that has a database connection."""

    def __call__[T](self, scope: Scope, work: Callable[[], T]) -> Awaitable[T]: ...


class Bodies:
    """The bodies that one process is reading."""

    def __init__(self, in_thread: InThread) -> None:
        self._in_thread = in_thread
        self._coming: Counter[str] = Counter()

    async def read(self, scope: Scope, receive: Receive) -> "Body":
        """The whole body, to be closed by the caller; empty where the view answers without it.

        Raises `BodyRefused`, or `RequestAborted` for a sender who hung up.
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
    """Return the length in the headers; None if they have none and a body may come."""
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
    """What an address accepts from a client.

    `view_says_so`: the view declares the size. `reads_files`: the view reads files.
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
    """The body in memory, and beyond what fits there in a file; raises as `read` does."""
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
    """Drop what comes of a body, until its end or a limit."""
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
