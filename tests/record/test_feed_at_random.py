"""The feed under random joins, breaks and stalls: each entry arrives once and in order.

The hub is the real one. The record is a counter, the database answers only when the history lets
it, and each reader is a browser: it receives messages, stalls, loses its connection, and returns
with the last id that it had.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from hypothesis import example, given
from hypothesis import strategies as st

from hemicycle.record import hub as hubs
from hemicycle.record.hub import Frame, Hub, Target, encode

HEARING = uuid4()
ENTRIES = Target(HEARING, "entries", None)
BACKLOG = 4
"""How many entries the hub keeps here, so that a short history is longer than its memory."""

READERS = 3
type Step = tuple[str, int]

READER_STEPS = ("join", "leave", "stall", "drain")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.sampled_from((1, 1, 1, 2, 3, BACKLOG * 2 + 1))),
        st.tuples(st.sampled_from(READER_STEPS), st.integers(0, READERS - 1)),
        st.tuples(st.sampled_from(("tell", "beat", "answer", "answer", "turn")), st.integers(0, 3)),
        st.tuples(st.just("land between"), st.integers(1, 3)),
    ),
    max_size=40,
)


class Record:
    """The number of the record's entries; `land` more are committed between two queries."""

    def __init__(self) -> None:
        self.seq = 1  # a hearing's record begins with its convening
        self.land = 0
        self.is_told = True

    def grow(self, count: int) -> None:
        self.seq += count
        self.is_told = False

    def last_seq(self, _hearing: object) -> int:
        seq = self.seq
        if self.land:
            self.grow(self.land)
            self.land = 0
        return seq

    def frames(self, _hearing: object, after: int) -> list[Frame]:
        upto = min(self.seq, after + BACKLOG)
        return [Frame(seq, encode(seq, "entry", "{}")) for seq in range(after + 1, upto + 1)]

    def render(self, _hearing: object) -> str:
        return json.dumps(self.seq // 2)  # every second entry changes nothing that is shown


class SlowPool:
    """Database threads, which answer only when a test lets them."""

    def __init__(self) -> None:
        self.waiting: deque[tuple[Future[Any], Callable[[], Any]]] = deque()

    def submit(self, work: Callable[..., Any], *args: Any) -> Future[Any]:
        done: Future[Any] = Future()
        self.waiting.append((done, lambda: work(*args)))
        return done

    def answer(self) -> None:
        if self.waiting:
            done, work = self.waiting.popleft()
            if done.set_running_or_notify_cancel():
                done.set_result(work())

    def shutdown(self, **_how: Any) -> None:
        """Do nothing: no thread runs here."""


class Browser:
    """A reader: what it has received, and whether its line accepts anything now."""

    def __init__(self, hub: Hub, target: Target) -> None:
        self.hub, self.target = hub, target
        self.came: list[tuple[int, Any]] = []
        self._flows = asyncio.Event()
        self._flows.set()
        self._line: asyncio.Task[None] | None = None

    @property
    def is_connected(self) -> bool:
        return self._line is not None and not self._line.done()

    def join(self) -> None:
        if not self.is_connected:
            self._flows.set()
            self._line = asyncio.create_task(self._follow())

    async def leave(self) -> None:
        if self._line is not None:
            self._line.cancel()
            await asyncio.gather(self._line, return_exceptions=True)

    def stall(self) -> None:
        self._flows.clear()

    def drain(self) -> None:
        self._flows.set()

    async def _follow(self) -> None:
        after = self.came[-1][0] if self.came else 0
        line = asyncio.current_task()
        assert line is not None
        async with self.hub.following(self.target, after, self._take, line.cancel):
            await asyncio.Event().wait()

    async def _take(self, message: hubs.Message) -> None:
        await self._flows.wait()
        fields = dict(
            line.split(": ", 1) for line in message["body"].decode().splitlines() if ": " in line
        )
        if "data" in fields:
            self.came.append((int(fields["id"]), json.loads(fields["data"])))


class History:
    """A record, a hub and its readers, which take one step after another."""

    def __init__(self, target: Target, record: Record) -> None:
        self.record, self.pool, self.hub = record, SlowPool(), Hub()
        self.hub._pool = self.pool  # type: ignore[assignment]
        self.readers = [Browser(self.hub, target) for _ in range(READERS)]

    async def take(self, name: str, number: int) -> None:
        match name:
            case "append":
                self.record.grow(number)
            case "land between":
                self.record.land = number
            case "tell":
                self.tell()
            case "answer":
                self.pool.answer()
            case "beat":
                self.beat()
            case "turn":
                await turns(number)
            case "leave":
                await self.readers[number].leave()
            case _:
                getattr(self.readers[number], name)()
        await turns(1)

    def tell(self) -> None:
        """Announce new entries: one message may be about several, and names none of them."""
        self.record.is_told = True
        self.hub._news(HEARING)

    def beat(self) -> None:
        for channel in self.hub._channels.values():
            for reader in tuple(channel.readers):
                reader.beat()

    async def end(self) -> None:
        """Let absent readers come back and stalls end; then announce what is committed."""
        for reader in self.readers:
            reader.drain()
            reader.join()
        await self.settle()
        while self.record.land or not self.record.is_told:
            self.tell()
            await self.settle()

    async def settle(self) -> None:
        await turns(10)
        while self.pool.waiting:
            self.pool.answer()
            await turns(10)

    async def close(self) -> None:
        for reader in self.readers:
            await reader.leave()
        await self.hub.stop()


async def turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


@contextmanager
def in_place_of_the_database(record: Record) -> Iterator[None]:
    with (
        patch.object(hubs, "BACKLOG", BACKLOG),
        patch.object(hubs, "last_seq", record.last_seq),
        patch.object(hubs, "entry_frames", record.frames),
    ):
        yield


def played(steps: list[Step], record: Record, target: Target) -> list[list[tuple[int, Any]]]:
    """Return what each reader has received, in order, when all have settled."""

    async def whole() -> list[list[tuple[int, Any]]]:
        history = History(target, record)
        for step in steps:
            await history.take(*step)
        await history.end()
        await history.close()
        return [reader.came for reader in history.readers]

    with in_place_of_the_database(record):
        return asyncio.run(whole())


STALLED_IN_A_HEARTBEAT: list[Step] = [
    ("join", 0),
    *(("answer", 0),) * 2,
    ("turn", 3),
    ("stall", 0),
    ("beat", 0),
    ("append", 1),
    ("tell", 0),
    ("answer", 0),
    ("turn", 3),
]

GONE_WHILE_IT_IS_READ: list[Step] = [("join", 1), ("join", 0), ("leave", 1)]


@given(STEPS)
@example(STALLED_IN_A_HEARTBEAT)
@example(GONE_WHILE_IT_IS_READ)
def test_every_entry_comes_once_and_in_order(steps: list[Step]) -> None:
    record = Record()
    for came in played(steps, record, ENTRIES):
        assert [seq for seq, _ in came] == list(range(1, record.seq + 1))


@given(STEPS)
@example([("append", 2), *STALLED_IN_A_HEARTBEAT, ("append", 1), ("tell", 0)])
@example(GONE_WHILE_IT_IS_READ)
@example([("join", 1), ("join", 0), ("answer", 0), ("leave", 1)])
@example([("join", 0), ("answer", 0), ("land between", 1)])
def test_a_view_comes_in_order_and_ends_with_the_newest(steps: list[Step]) -> None:
    record = Record()
    for came in played(steps, record, Target(HEARING, "public", record.render)):
        assert came[-1][1] == record.seq // 2
        assert [seq for seq, _ in came] == sorted(seq for seq, _ in came)
        assert [shown for _, shown in came] == sorted(shown for _, shown in came)
