"""Holds requests during a hand-over, and then sends them to the engine's successor."""

import asyncio
from contextlib import ExitStack, suppress

DONE_WITHIN_S = 2.0
"""Seconds that current requests may take before a hand-over."""


class RequestGate:
    """The gate through which every request passes. For the event loop only."""

    def __init__(self) -> None:
        self.has_moved = False
        self._is_open = asyncio.Event()
        self._is_open.set()
        self._inside = 0
        self._is_empty = asyncio.Event()
        self._is_empty.set()

    async def enter(self, stack: ExitStack, *, counts: bool) -> bool:
        """Wait while the gate is closed; return False if another process has to answer.

        `counts` marks a request that may change something: it is inside until `stack` ends.
        """
        await self._is_open.wait()
        if self.has_moved:
            return False
        if counts:
            self._inside += 1
            self._is_empty.clear()
            stack.callback(self._leave)
        return True

    def _leave(self) -> None:
        self._inside -= 1
        if not self._inside:
            self._is_empty.set()

    async def close(self) -> None:
        """Keep new requests waiting; return when no request is inside, or after `DONE_WITHIN_S`."""
        self._is_open.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._is_empty.wait(), DONE_WITHIN_S)

    def open(self) -> None:
        """Let requests in again."""
        self._is_open.set()

    def move(self) -> None:
        """Send all requests to the process that takes over."""
        self.has_moved = True
        self._is_open.set()
