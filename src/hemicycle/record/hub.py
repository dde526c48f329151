"""The hub of the feed: who follows which record in this process, and what they are sent.

A growth of a record is read and encoded once per audience. Most connections take a frame without
waiting, so sending to all of them is one loop; only one whose buffer is full gets a task that waits
for it.
"""

import asyncio
import contextlib
import json
import logging
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

from hemicycle.record import notify
from hemicycle.record.models import Entry, Head

log = logging.getLogger(__name__)

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Render = Callable[[UUID], str]
Due = Callable[[UUID], float | None]
"""In how many seconds a view changes although the record does not; None for never."""
Welcome = Callable[[UUID, frozenset[str]], frozenset[str]]
"""Of the holders of tokens for a hearing, those who may follow now."""

HEARTBEAT_S = 15.0
STALLED_BEATS = 2
"""A reader that has taken nothing between this many heartbeats is dropped; it will be back."""

BACKLOG = 512
"""Entries kept encoded in memory; whoever resumes from further back reads the database."""

SHORTEST_WAIT_S = 0.02
"""A view that changes by itself is looked at no sooner again."""

BATCH = 500
"""Readers served before the event loop may do something else."""

RETRY_MS = 1000

ENDED = b"event: ended\ndata: {}\n\n"
"""What is sent to a reader whose access has ended; its page asks for itself again."""

ASK_AGAIN_S = 0.4
"""How often it is asked whether those who follow with a token still may.

Asked, not told: access ends in many ways, and one that nobody thought to announce must end it too.
"""


@dataclass(frozen=True, slots=True)
class Frame:
    """An encoded event and the sequence number it brings its reader to."""

    seq: int
    data: bytes


def encode(seq: int, event: str, data: str) -> bytes:
    """One server-sent event; `data` must be a single line."""
    return f"id: {seq}\nevent: {event}\ndata: {data}\n\n".encode()


def last_seq(hearing: UUID) -> int:
    """The sequence number of the newest entry; 0 for an empty record or none."""
    return Head.objects.filter(hearing=hearing).values_list("seq", flat=True).first() or 0


def entry_frames(hearing: UUID, after: int) -> list[Frame]:
    """Up to `BACKLOG` entries behind sequence number `after`, encoded."""
    rows = Entry.objects.filter(hearing=hearing, seq__gt=after).order_by("seq")[:BACKLOG]
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


class Target(NamedTuple):
    """What a reader follows. Without `render`, it is the entries themselves."""

    hearing: UUID
    audience: str
    render: Render | None
    welcome: Welcome | None = None
    due: Due | None = None


class Channel:
    """One audience of one hearing: the newest frames, and who reads them.

    With `render`, it is a view: one frame, the newest, whoever reads it. Without, it is the entries
    themselves. `seq` is the last entry that the frames tell of, -1 before the first look.
    """

    def __init__(self, target: Target, pool: ThreadPoolExecutor) -> None:
        self.target = target
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
        """The record has grown since the last look."""
        self._stale = True

    async def refresh(self) -> None:
        """Read and encode what is new, once, however often the record has grown; send it to all."""
        async with self._refreshing:
            while self._stale:
                self._stale = False
                loop = asyncio.get_running_loop()
                self.seq, fresh = await loop.run_in_executor(self._pool, self._look)
                if fresh:
                    self.frames.extend(fresh)
                    await self.serve()
            self._set_alarm()

    def _set_alarm(self) -> None:
        """Look again when the view changes by itself, while somebody reads it."""
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

    def close(self) -> None:
        """Nobody reads it any more."""
        if self._alarm is not None:
            self._alarm.cancel()

    @property
    def changes_by_itself(self) -> bool:
        """Whether its frames can differ while the record stays the same."""
        return self._due is not None

    async def serve(self) -> None:
        """Bring every reader up to date that is not being served already."""
        for number, reader in enumerate(tuple(self.readers), start=1):
            reader.serve()
            if number % BATCH == 0:
                await asyncio.sleep(0)

    def _look(self) -> tuple[int, list[Frame]]:
        close_old_connections()
        seq = last_seq(self.hearing)
        if self._render is not None:
            return seq, self._view(seq, self._render)
        fresh = entry_frames(self.hearing, self.seq) if self.seq >= 0 else []
        if fresh and fresh[-1].seq < seq:
            self._stale = True  # more than one backlog at once: look again
        return (fresh[-1].seq if fresh else max(seq, self.seq)), fresh

    def _view(self, seq: int, render: Render) -> list[Frame]:
        text = render(self.hearing)
        self._due_s = self._due(self.hearing) if self._due is not None else None
        if text == self._shown:
            return []
        self._shown = text
        if self._due is not None:  # two frames may tell of the same entry
            seq = max(seq, self.frames[-1].seq + 1 if self.frames else 0)
        return [Frame(seq, encode(seq, self.audience, text))]

    async def older(self, seq: int) -> list[Frame]:
        """Entries from further back than memory holds, read from the database."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, entry_frames, self.hearing, seq)

    def after(self, seq: int) -> list[Frame] | None:
        """Frames that bring a reader at `seq` up to date; None when memory does not reach back."""
        if self._render is not None:
            return [frame for frame in self.frames if frame.seq != seq]
        if seq >= self.seq:
            return []
        if self.frames and self.frames[0].seq <= seq + 1:
            return [frame for frame in self.frames if frame.seq > seq]
        return None


class Reader:
    """One connection: how far it is, and the task that serves it while its buffer is full."""

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
        """Send what is new; one that is being served already will find it by itself."""
        self._begin(self._catch_up())

    def beat(self) -> None:
        """Show that the connection lives, or drop it when it has been stuck for too long."""
        if self._begin(self._heartbeat()):
            self._beats = 0
            return
        self._beats += 1
        if self._beats >= STALLED_BEATS:
            log.info("a reader of %s took nothing and was dropped", self._channel.audience)
            self.drop()

    def dismiss(self) -> None:
        """Say that its access has ended, if there is room for that, and drop it."""
        self._begin(self._write(ENDED))
        self.drop()

    def stop(self) -> None:
        """Send nothing more."""
        if self._task is not None:
            self._task.cancel()

    def _begin(self, work: Coroutine[Any, Any, None]) -> bool:
        """Run `work` as far as it goes without waiting; False when earlier work still waits."""
        if self._task is not None and not self._task.done():
            work.close()
            return False
        task = asyncio.Task(work, loop=asyncio.get_running_loop(), eager_start=True)
        self._task = None if task.done() else task
        return True

    async def _heartbeat(self) -> None:
        await self._write(b":\n\n")
        await self._catch_up()  # with what came while the heartbeat waited for room

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
        """Tell the browser how soon to come back after a break."""
        await self._write(f"retry: {RETRY_MS}\n\n".encode())


def _ask_welcome(target: Target, holders: frozenset[str]) -> frozenset[str]:
    close_old_connections()
    assert target.welcome is not None
    return target.welcome(target.hearing, holders)


class Hub:
    """All channels that somebody follows in this process."""

    def __init__(self) -> None:
        self._channels: dict[tuple[UUID, str], Channel] = {}
        self._pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="feed")
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to listen for news, in the event loop that serves."""
        self._spawn(notify.listen(self._news))
        self._spawn(self._heartbeat())
        self._spawn(self._keep_asking())

    async def stop(self) -> None:
        """Stop listening and let every reader go."""
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
        """Send a channel's frames behind `seq` to `send` inside the block.

        `drop` is called when the reader is stuck, or its holder is welcome no longer. A channel
        goes when its last reader has left.
        """
        key = (target.hearing, target.audience)
        channel = self._channels.setdefault(key, Channel(target, self._pool))
        # The number of such a frame is this process's own: whoever comes back gets the newest.
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

    async def welcome(self, target: Target, holders: Iterable[str]) -> frozenset[str]:
        """Of the holders, those who may follow the target now; all where nobody is asked."""
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
            # The database may be away for a moment: nobody is dropped for that, and it is asked
            # again presently.
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
        if not task.cancelled() and task.exception() is not None:
            log.error("the feed met an error", exc_info=task.exception())
