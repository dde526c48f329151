"""The events of one session, as server-sent events that its page may request several times.

Of the events that describe a state (`STATES`), the last one of each kind is kept and sent to every
new reader. Of the others the last few are kept, so that a page that reconnects misses nothing.
"""

import asyncio
import json
from collections import deque
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any

STATES = ("you", "seats", "booths", "channels", "pushes", "microphones", "pictures")
HEARTBEAT_S = 10.0
MOST_WAITING = 200
"""The most events that wait for a reader; one that is further behind is closed and reconnects."""

REMEMBERED = 50

HEARTBEAT = b": here\n\n"

RESTART = b"retry: 100\nevent: restart\ndata: 50\n\n"
"""The event that announces a new process, to which pages reconnect after these milliseconds."""


@dataclass(frozen=True, slots=True)
class HandedEvents:
    """The events of a session for another process, each with its number, as sent to readers."""

    count: int
    states: Mapping[str, tuple[int, bytes]]
    others: tuple[tuple[int, bytes], ...]


class EventQueue:
    """The events of one session."""

    def __init__(self) -> None:
        self.over = False
        self.unread_since: float | None = asyncio.get_running_loop().time()
        """Since when there is no reader (loop time); None while there is one."""
        self._count = 0
        self._states: dict[str, tuple[int, bytes]] = {}
        self._others: deque[tuple[int, bytes]] = deque(maxlen=REMEMBERED)
        self._readers: set[asyncio.Queue[bytes | None]] = set()

    def handed(self) -> HandedEvents:
        """Return the events for another process."""
        return HandedEvents(self._count, dict(self._states), tuple(self._others))

    def resume(self, handed: HandedEvents) -> None:
        """Take over the events of another process."""
        self._count = handed.count
        self._states.update(handed.states)
        self._others.extend(handed.others)

    def pause(self) -> None:
        """End the stream of every reader; they reconnect and continue after the last event they
        have.
        """
        for reader in tuple(self._readers):
            self._hand(reader, RESTART)
            self._hand(reader, None)

    def __len__(self) -> int:
        """Return the number of readers."""
        return len(self._readers)

    def put(self, event: str, data: Any) -> None:
        """Send an event to all readers, and keep it for later ones."""
        if self.over:
            return
        self._count += 1
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        written = f"id: {self._count}\nevent: {event}\ndata: {text}\n\n".encode()
        if event in STATES:
            self._states[event] = (self._count, written)
        else:
            self._others.append((self._count, written))
        for reader in tuple(self._readers):
            self._hand(reader, written)

    def end(self) -> None:
        """End the stream of every reader."""
        self.over = True
        for reader in tuple(self._readers):
            self._hand(reader, None)

    def _hand(self, reader: asyncio.Queue[bytes | None], written: bytes | None) -> None:
        if reader.qsize() < MOST_WAITING:
            reader.put_nowait(written)
        else:
            self._readers.discard(reader)
            reader.get_nowait()
            reader.put_nowait(None)

    async def stream(self, after: int = 0) -> AsyncGenerator[bytes]:
        """Yield the events after the one numbered `after`, then each new one, and heartbeats."""
        reader: asyncio.Queue[bytes | None] = asyncio.Queue()
        past = sorted(
            [*self._states.values(), *(event for event in self._others if event[0] > after)]
        )
        if not self.over:
            self._readers.add(reader)
            self.unread_since = None
        try:
            for _, written in past:
                yield written
            while reader in self._readers or not reader.empty():
                found = await _next(reader)
                if found is None:
                    return
                yield found
        finally:
            self._readers.discard(reader)
            if not self._readers:
                self.unread_since = asyncio.get_running_loop().time()


async def _next(reader: asyncio.Queue[bytes | None]) -> bytes | None:
    """Return the next event, or a heartbeat after `HEARTBEAT_S`; None at the end."""
    try:
        async with asyncio.timeout(HEARTBEAT_S):
            return await reader.get()
    except TimeoutError:
        return HEARTBEAT
