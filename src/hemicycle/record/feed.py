"""The feed: the record as server-sent events, for screens and for other processes.

A bare ASGI endpoint beside Django (`/feed/<hearing>/<audience>`), since thousands hold it open. An
*audience* is what one kind of listener may see. Each growth of a record is encoded once per
audience, and the same bytes go to everybody in it.

- A *view* audience gets the state as it now is: a newer frame replaces an older one that a slow
  reader has not taken yet, so nobody's queue holds more than one.
- The *entries* audience gets every entry in order, from the sequence number it names.

Both resume by `Last-Event-ID` (or `?after=`). A reader that takes nothing for `STALL_S` is dropped;
its browser comes back and resumes.
"""

import asyncio
import contextlib
import json
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from django.core import signing
from django.db import close_old_connections

from hemicycle.record import notify
from hemicycle.record.models import Entry, Head

log = logging.getLogger(__name__)

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

STALL_S = 30.0
HEARTBEAT_S = 15.0
RETRY_MS = 1000
TOKEN_AGE_S = 24 * 3600
BACKLOG = 512
"""Entries kept encoded in memory; whoever resumes from further back reads the database."""

ENTRIES = "entries"
_SALT = "hemicycle.record.feed"


@dataclass(frozen=True, slots=True)
class Audience:
    """A kind of listener: whether it needs a token, and what it sees of a hearing.

    `render` runs in a thread, with the database, and returns one JSON text.
    """

    name: str
    render: Callable[[UUID], str]
    open_to_all: bool = False


AUDIENCES: dict[str, Audience] = {}


def declare(audience: Audience) -> None:
    """Add an audience; `room` and other readers of the record declare theirs when they load."""
    AUDIENCES[audience.name] = audience


def token(hearing: UUID, audience: str) -> str:
    """A signed right to follow one audience of one hearing for a day."""
    return signing.dumps([hearing.hex, audience], salt=_SALT)


def _may_follow(hearing: UUID, audience: str, presented: str) -> bool:
    known = AUDIENCES.get(audience)
    if known is not None and known.open_to_all:
        return True
    try:
        granted = signing.loads(presented, salt=_SALT, max_age=TOKEN_AGE_S)
    except signing.BadSignature:
        return False
    return bool(granted == [hearing.hex, audience])


@dataclass(frozen=True, slots=True)
class Frame:
    """An encoded event and the sequence number it brings its reader to."""

    seq: int
    data: bytes


def encode(seq: int, event: str, data: str) -> bytes:
    """One server-sent event; `data` must be a single line."""
    return f"id: {seq}\nevent: {event}\ndata: {data}\n\n".encode()


class Channel:
    """One audience of one hearing: the frames to send, and who waits for the next.

    `seq` is the last entry that the frames tell of.
    """

    def __init__(self, hearing: UUID, audience: str) -> None:
        self.hearing = hearing
        self.audience = audience
        self.seq = -1
        self.frames: deque[Frame] = deque(maxlen=BACKLOG if audience == ENTRIES else 1)
        self.readers = 0
        self.changed = asyncio.Event()
        self.beat = 0
        self._stale = True
        self._busy = asyncio.Lock()
        self._shown = ""

    def grow(self) -> None:
        """The record has grown since the last frame."""
        self._stale = True

    def wake(self) -> None:
        """Let every waiting reader look again."""
        waiting, self.changed = self.changed, asyncio.Event()
        waiting.set()

    async def refresh(self, pool: ThreadPoolExecutor) -> None:
        """Read and encode what is new, once, however many growths came meanwhile."""
        async with self._busy:
            while self._stale:
                self._stale = False
                loop = asyncio.get_running_loop()
                self.seq, fresh = await loop.run_in_executor(pool, self._read)
                if fresh:
                    self.frames.extend(fresh)
                    self.wake()

    def _read(self) -> tuple[int, list[Frame]]:
        close_old_connections()
        seq = (
            Head.objects.filter(hearing=self.hearing)
            .values_list("seq", flat=True)
            .first()
            or 0
        )
        if self.audience == ENTRIES:
            fresh = entry_frames(self.hearing, self.seq) if self.seq >= 0 else []
            return (fresh[-1].seq if fresh else max(seq, self.seq)), fresh
        return seq, self._view(seq)

    def _view(self, seq: int) -> list[Frame]:
        text = AUDIENCES[self.audience].render(self.hearing)
        if text == self._shown:
            return []
        self._shown = text
        return [Frame(seq, encode(seq, self.audience, text))]

    def after(self, seq: int) -> list[Frame] | None:
        """Frames that bring a reader at `seq` up to date; None when memory does not reach back."""
        if self.audience != ENTRIES:
            return [frame for frame in self.frames if frame.seq != seq]
        if seq >= self.seq:
            return []
        if self.frames and self.frames[0].seq <= seq + 1:
            return [frame for frame in self.frames if frame.seq > seq]
        return None


def entry_frames(hearing: UUID, after: int, limit: int = BACKLOG) -> list[Frame]:
    """The entries behind sequence number `after`, encoded for the entries audience."""
    rows = Entry.objects.filter(hearing=hearing, seq__gt=after).order_by("seq")[:limit]
    return [Frame(row.seq, encode(row.seq, "entry", _entry_json(row))) for row in rows]


def _entry_json(row: Entry) -> str:
    fields = {
        "seq": row.seq,
        "kind": row.kind,
        "version": row.version,
        "at": row.at,
        "meeting": row.meeting,
        "body": json.loads(row.body),
        "hash": row.hash,
    }
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=False)


class Hub:
    """All channels that somebody follows in this process."""

    def __init__(self) -> None:
        self._channels: dict[tuple[UUID, str], Channel] = {}
        self._pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="feed")
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin to listen for news; call once, in the event loop that serves."""
        self._spawn(notify.listen(self._news))
        self._spawn(self._heartbeat())

    async def stop(self) -> None:
        """Stop listening and let every reader go."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(_report)

    def _news(self, hearing: UUID | None) -> None:
        for channel in self._channels.values():
            if hearing is None or channel.hearing == hearing:
                channel.grow()
                self._spawn(channel.refresh(self._pool))

    async def _heartbeat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            for channel in self._channels.values():
                channel.beat += 1
                channel.wake()

    @contextlib.asynccontextmanager
    async def reading(self, hearing: UUID, audience: str) -> AsyncIterator[Channel]:
        """Follow a channel; it is dropped when its last reader leaves."""
        channel = self._channels.setdefault(
            (hearing, audience), Channel(hearing, audience)
        )
        channel.readers += 1
        try:
            if channel.seq < 0:
                await channel.refresh(self._pool)
            yield channel
        finally:
            channel.readers -= 1
            if not channel.readers:
                self._channels.pop((hearing, audience), None)

    async def older(self, channel: Channel, after: int) -> list[Frame]:
        """Entries from further back than memory holds, read from the database."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._pool, entry_frames, channel.hearing, after
        )


def _report(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and task.exception() is not None:
        log.error("the feed met an error", exc_info=task.exception())


hub: Hub | None = None


async def startup() -> None:
    """Start this process's hub, in the event loop that serves."""
    global hub
    hub = Hub()
    await hub.start()


async def shutdown() -> None:
    """Stop this process's hub."""
    global hub
    if hub is not None:
        await hub.stop()
        hub = None


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """ASGI endpoint for `/feed/<hearing>/<audience>`."""
    target = _target(scope["path"])
    query = parse_qs(scope["query_string"].decode("latin-1"))
    if target is None or scope["method"] != "GET":
        await _refuse(send, 404, "There is no such feed.")
    elif not _may_follow(*target, query.get("token", [""])[0]):
        await _refuse(
            send, 403, "This feed needs a current token; reload the page to get one."
        )
    else:
        await _follow(*target, _resume_from(scope, query), receive, send)


def _target(path: str) -> tuple[UUID, str] | None:
    parts = path.strip("/").split("/")
    if len(parts) != 3 or (parts[2] != ENTRIES and parts[2] not in AUDIENCES):
        return None
    try:
        return UUID(hex=parts[1]), parts[2]
    except ValueError:
        return None


def _resume_from(scope: Scope, query: dict[str, list[str]]) -> int:
    headers: Iterable[tuple[bytes, bytes]] = scope["headers"]
    named = next(
        (value.decode("latin-1") for key, value in headers if key == b"last-event-id"),
        "",
    )
    text = named or query.get("after", [""])[0]
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


async def _refuse(send: Send, status: int, sentence: str) -> None:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": sentence.encode()})


_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


async def _follow(
    hearing: UUID, audience: str, seq: int, receive: Receive, send: Send
) -> None:
    assert hub is not None, "the feed is served only while the server lives"
    async with hub.reading(hearing, audience) as channel:
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        with contextlib.suppress(ExceptionGroup):
            async with asyncio.TaskGroup() as group:
                pump = group.create_task(_pump(hub, channel, seq, send))
                while (await receive())["type"] != "http.disconnect":
                    pass
                pump.cancel()


async def _pump(hub: Hub, channel: Channel, seq: int, send: Send) -> None:
    beat = channel.beat
    await _write(send, f"retry: {RETRY_MS}\n\n".encode())
    while True:
        changed = channel.changed
        frames = channel.after(seq)
        if frames is None:
            frames = await hub.older(channel, seq)
        for frame in frames:
            await _write(send, frame.data)
            seq = frame.seq
        if not frames and channel.changed is changed:
            await changed.wait()
        if channel.beat != beat:
            beat = channel.beat
            await _write(send, b":\n\n")


async def _write(send: Send, data: bytes) -> None:
    async with asyncio.timeout(STALL_S):
        await send({"type": "http.response.body", "body": data, "more_body": True})
