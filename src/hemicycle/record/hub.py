"""The hub of the feed: the readers of each record in this process, and the frames that they get.

When a record grows, the new part is read and encoded once per audience. Most connections accept a
frame without waiting, so one loop sends to all of them; only a connection with a full buffer gets a
task that waits for it.
"""

import asyncio
import contextlib
import functools
import json
import logging
import time
from collections import deque
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Iterable,
    MutableMapping,
)
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db import close_old_connections

from hemicycle import metrics
from hemicycle.record import clock, notify
from hemicycle.record.models import Entry, Head
from hemicycle.record.unreadable import UnreadableEntry

log = logging.getLogger(__name__)

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Render = Callable[[UUID], str]
Due = Callable[[UUID], float | None]
"""Returns the seconds until a view changes although the record does not; None if it never does."""
Welcome = Callable[[UUID, frozenset[str]], frozenset[str]]
"""Takes token holders of a hearing; returns those who may follow it now."""

HEARTBEAT_S = 15.0
STALLED_BEATS = 2
"""A reader that accepts nothing for this many heartbeats is dropped; its browser reconnects."""

BACKLOG = 512
"""Encoded entries kept in memory; older ones are read from the database when a reader resumes."""

SHORTEST_WAIT_S = 0.02
"""The shortest time, in seconds, between two refreshes of a view that changes by itself."""

BATCH = 500
"""The number of readers that are served before the event loop may do something else."""

RETRY_MS = 1000

REFUSED_S = 5.0
"""Seconds for which a view that could not be made refuses readers.

Pages ask again, and a proxy may lead them to a process that can make the view.
"""

ENDED = b"event: ended\ndata: {}\n\n"
"""Sent to a reader whose access has ended; its page then reloads itself."""

ASK_AGAIN_S = 0.4
"""Seconds between two checks of whether token holders still have access.

The hub polls because access can end in many ways, and a check also finds those that no code
announces.
"""


@dataclass(frozen=True, slots=True)
class Frame:
    """An encoded event, and the sequence number that its reader has after it.

    `at` is the time of its entry, in ms since the Unix epoch; 0 for a view.
    """

    seq: int
    data: bytes
    at: int = 0


def encode(seq: int, event: str, data: str) -> bytes:
    """Return one server-sent event as bytes; `data` must be a single line."""
    return f"id: {seq}\nevent: {event}\ndata: {data}\n\n".encode()


def last_seq(hearing: UUID) -> int:
    """Return the number of the newest entry; 0 if the record is empty or does not exist."""
    return Head.objects.filter(hearing=hearing).values_list("seq", flat=True).first() or 0


def entry_frames(hearing: UUID, after: int) -> list[Frame]:
    """Return up to `BACKLOG` entries after sequence number `after`, encoded."""
    rows = Entry.objects.filter(hearing=hearing, seq__gt=after).order_by("seq")[:BACKLOG]
    return [Frame(row.seq, encode(row.seq, "entry", _entry_json(row)), row.at) for row in rows]


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


def _measure_delay(sent: Iterable[Frame]) -> None:
    now = clock.now_ms()
    for frame in sent:
        if frame.at:
            metrics.FEED_DELAY.observe(max(now - frame.at, 0) / 1000)


class Target(NamedTuple):
    """What a reader follows: the view that `render` makes, or without `render` the entries."""

    hearing: UUID
    audience: str
    render: Render | None
    welcome: Welcome | None = None
    due: Due | None = None


class CannotShow(Exception):
    """The view of a hearing has entries that this version cannot read (`record.unreadable`)."""


class Channel:
    """One audience of one hearing: the newest frames, and its readers.

    With `render`, it is a view: one frame, the newest, for all readers. Without `render`, it is the
    entries themselves. `seq` is the number of the last entry that the frames include; -1 before the
    first refresh. `on_unreadable` is called when the view cannot be made.
    """

    def __init__(
        self,
        target: Target,
        pool: ThreadPoolExecutor,
        on_unreadable: Callable[[], None] = lambda: None,
    ) -> None:
        self.target = target
        self._on_unreadable = on_unreadable
        self.hearing, self.audience, self._render, _welcome, self._due = target
        self._due_s: float | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._woken: set[asyncio.Task[None]] = set()
        self._pool = pool
        self.seq = -1
        self.frames: deque[Frame] = deque(maxlen=1 if self._render else BACKLOG)
        self.readers: set[Reader] = set()
        self._stale = True
        self._shown = ""
        self._refreshing = asyncio.Lock()

    def grow(self) -> None:
        """Note that the record has grown since the last refresh."""
        self._stale = True

    async def refresh(self) -> None:
        """Read and encode new entries, once for any number of growths; send them to all readers."""
        # Two refreshes at once would read the same entries twice, and might send them out of order.
        async with self._refreshing:
            while self._stale:
                # Reset before the look, not after it: growth during the look causes another round.
                self._stale = False
                loop = asyncio.get_running_loop()
                try:
                    look = await loop.run_in_executor(self._pool, self._look)
                except UnreadableEntry as error:
                    self._stale = True
                    self._on_unreadable()
                    self._drop_all()
                    raise CannotShow from error
                except BaseException:
                    self._stale = True  # nothing was read: the next refresh looks again
                    raise
                self.seq, fresh, self._shown = look
                if fresh:
                    self.frames.extend(fresh)
                    await self.serve()
                    _measure_delay(fresh)
            self._set_alarm()

    def _drop_all(self) -> None:
        """Drop the readers: their view would become outdated; another process may know more."""
        for reader in tuple(self.readers):
            reader.drop()

    def _set_alarm(self) -> None:
        """Schedule a refresh for the time when the view changes by itself, if it has readers."""
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = None
        if self._due_s is not None and self.readers:
            loop = asyncio.get_running_loop()
            self._alarm = loop.call_later(max(self._due_s, SHORTEST_WAIT_S), self._wake)

    def _wake(self) -> None:
        self.grow()
        task = asyncio.get_running_loop().create_task(self.refresh())
        self._woken.add(task)
        task.add_done_callback(self._woken.discard)
        task.add_done_callback(_take_error)

    def close(self) -> None:
        """Cancel the scheduled refresh after the last reader has left."""
        if self._alarm is not None:
            self._alarm.cancel()

    @property
    def changes_by_itself(self) -> bool:
        """Whether its frames can differ while the record stays the same."""
        return self._due is not None

    async def serve(self) -> None:
        """Send new frames to every reader that has no running task."""
        for number, reader in enumerate(tuple(self.readers), start=1):
            reader.serve()
            if number % BATCH == 0:
                await asyncio.sleep(0)

    def _look(self) -> tuple[int, list[Frame], str]:
        """Return the new `seq`, the frames since the last look, and the text of a view.

        It runs in a thread and stores none of these, because the refresh may have been cancelled.
        """
        close_old_connections()
        seq = last_seq(self.hearing)
        if self._render is not None:
            text = self._render(self.hearing)
            return seq, self._view(seq, text), text
        fresh = entry_frames(self.hearing, self.seq) if self.seq >= 0 else []
        if fresh and fresh[-1].seq < seq:
            self._stale = True  # the record grew by more than one backlog: refresh again
        return (fresh[-1].seq if fresh else max(seq, self.seq)), fresh, ""

    def _view(self, seq: int, text: str) -> list[Frame]:
        self._due_s = self._due(self.hearing) if self._due is not None else None
        # The record may have grown by entries that this audience does not see; an unchanged view is
        # not sent again.
        if text == self._shown:
            return []
        # Readers skip a frame with the number that they have. A view may change by itself, and an
        # entry that was added after `seq` was read may be in the text already.
        if self.frames:
            seq = max(seq, self.frames[-1].seq + 1)
        return [Frame(seq, encode(seq, self.audience, text))]

    async def older(self, seq: int) -> list[Frame]:
        """Return entries older than the backlog in memory, read from the database."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, entry_frames, self.hearing, seq)

    def after(self, seq: int) -> list[Frame] | None:
        """Return the frames after `seq`; None if the backlog starts later."""
        if self._render is not None:
            return [frame for frame in self.frames if frame.seq != seq]
        if seq >= self.seq:
            return []
        if self.frames and self.frames[0].seq <= seq + 1:
            return [frame for frame in self.frames if frame.seq > seq]
        return None


class Reader:
    """One connection: its position, and the task that serves it while its buffer is full."""

    __slots__ = ("_beats", "_channel", "_send", "_task", "drop", "holder", "seq")

    def __init__(
        self,
        channel: Channel,
        seq: int,
        send: Send,
        drop: Callable[[], object],
        holder: str,
    ) -> None:
        self.seq = seq
        self.drop = drop
        self.holder = holder
        self._channel = channel
        self._send = send
        self._beats = 0
        self._task: asyncio.Task[None] | None = None

    def serve(self) -> None:
        """Send new frames; a reader with a running task sends them in that task."""
        self._begin(self._catch_up())

    def beat(self) -> None:
        """Send a heartbeat, or drop the reader if it has been stuck for too long."""
        if self._begin(self._heartbeat()):
            self._beats = 0
            return
        self._beats += 1
        if self._beats >= STALLED_BEATS:
            log.info("a reader of %s took nothing and was dropped", self._channel.audience)
            self.drop()

    def dismiss(self) -> None:
        """Tell the reader that its access has ended, if its buffer has room, and drop it."""
        self._begin(self._write(ENDED))
        self.drop()

    def stop(self) -> None:
        """Cancel the running task, so that nothing more is sent."""
        if self._task is not None:
            self._task.cancel()

    def _begin(self, work: Coroutine[Any, Any, None]) -> bool:
        """Run `work` as far as it goes without waiting; return False while earlier work still
        waits.
        """
        if self._task is not None and not self._task.done():
            work.close()
            return False
        # Eagerly, so that a send that does not block needs no task in the loop. With thousands of
        # readers that is most of the cost.
        task = asyncio.Task(work, loop=asyncio.get_running_loop(), eager_start=True)
        self._task = None if task.done() else task
        return True

    async def _heartbeat(self) -> None:
        await self._write(b":\n\n")
        await self._catch_up()  # with frames added while the heartbeat waited for room

    async def _catch_up(self) -> None:
        channel = self._channel
        while (frames := channel.after(self.seq)) != []:
            if frames is None:
                frames = await channel.older(self.seq)
            for frame in frames:
                await self._write(frame.data)
                self.seq = frame.seq

    async def _write(self, data: bytes) -> None:
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def greet(self) -> None:
        """Tell the browser how long to wait before it reconnects."""
        await self._write(f"retry: {RETRY_MS}\n\n".encode())


def _take_error(task: asyncio.Task[None]) -> None:
    """Log the error of a task, unless it is `CannotShow`, for which the readers were dropped."""
    error = None if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, CannotShow):
        log.error("the feed met an error", exc_info=error)


def _ask_welcome(target: Target, holders: frozenset[str]) -> frozenset[str]:
    close_old_connections()
    assert target.welcome is not None
    return target.welcome(target.hearing, holders)


class Hub:
    """All channels with readers in this process."""

    def __init__(self) -> None:
        self._channels: dict[tuple[UUID, str], Channel] = {}
        self._refused_at: dict[tuple[UUID, str], float] = {}
        self._pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="feed")
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Start listening for news, in the event loop that serves."""
        self._spawn(notify.listen(self._news))
        self._spawn(self._heartbeat())
        self._spawn(self._keep_asking())

    async def stop(self) -> None:
        """Stop listening and stop serving all readers."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._pool.shutdown(wait=False, cancel_futures=True)

    @contextlib.asynccontextmanager
    async def following(
        self,
        target: Target,
        seq: int,
        send: Send,
        drop: Callable[[], object],
        holder: str = "",
    ) -> AsyncIterator[None]:
        """Send a channel's frames after `seq` to `send` inside the block.

        `drop` is called when the reader is stuck, when its holder loses access, or when the view
        can no longer be made. A channel is removed when its last reader leaves.
        Raises `CannotShow`.
        """
        key = (target.hearing, target.audience)
        refuse = functools.partial(self._refuse, key)
        channel = self._channels.setdefault(key, Channel(target, self._pool, refuse))
        # The sequence number of such a frame counts in this process only: a reader that reconnects
        # gets the newest frame.
        reader = Reader(channel, -1 if channel.changes_by_itself else seq, send, drop, holder)
        channel.readers.add(reader)
        try:
            await reader.greet()
            await channel.refresh()
            reader.serve()
            yield
        finally:
            reader.stop()
            channel.readers.discard(reader)
            if not channel.readers:
                channel.close()
                self._channels.pop(key, None)

    def _refuse(self, key: tuple[UUID, str]) -> None:
        self._refused_at[key] = time.monotonic()

    def refuses(self, target: Target) -> bool:
        """Return whether a view could not be made a moment ago; then nobody may follow it."""
        at = self._refused_at.get((target.hearing, target.audience))
        return at is not None and time.monotonic() - at < REFUSED_S

    async def welcome(self, target: Target, holders: Iterable[str]) -> frozenset[str]:
        """Return the holders who may follow the target now; all of them if it has no `welcome`."""
        asked = frozenset(holders)
        if target.welcome is None:
            return asked
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, _ask_welcome, target, asked)

    async def _keep_asking(self) -> None:
        while True:
            await asyncio.sleep(ASK_AGAIN_S)
            for channel in tuple(self._channels.values()):
                if channel.target.welcome is not None:
                    await self._drop_unwelcome(channel)

    async def _drop_unwelcome(self, channel: Channel) -> None:
        readers = tuple(channel.readers)
        try:
            welcome = await self.welcome(channel.target, {reader.holder for reader in readers})
        except Exception:
            # The database may be unreachable for a moment: no reader is dropped for that, and the
            # next check follows shortly.
            log.exception("it could not be asked who may still follow %s", channel.audience)
            return
        for reader in readers:
            if reader.holder not in welcome:
                reader.dismiss()

    def _news(self, hearing: UUID | None) -> None:
        for channel in self._channels.values():
            if hearing is None or channel.hearing == hearing:
                channel.grow()
                self._spawn(channel.refresh())

    async def _heartbeat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            for channel in tuple(self._channels.values()):
                for reader in tuple(channel.readers):
                    reader.beat()
                await asyncio.sleep(0)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        _take_error(task)
