"""Threads that serve networks in turn: a client with many requests delays only itself.

A plain pool serves requests in order of arrival, so a client with a thousand requests makes all
others wait for a thousand answers. Here each network has its own queue. A free thread serves the
network with the fewest running requests, and no network ever gets the last `SPARE` threads.

A limit of threads is not enough: all threads share one interpreter, so each slows the others. So a
network has at most `BESIDE_OTHERS` running requests while other networks have requests too.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

SPARE = 2
"""The number of threads that one network always leaves to the others."""
BESIDE_OTHERS = 2
"""A network's limit of threads if another network has sent a request in the last `LATELY_S`."""
LATELY_S = 5.0


class FairThreads:
    """`count` threads of one event loop."""

    def __init__(self, count: int, name: str) -> None:
        self._threads = ThreadPoolExecutor(count, thread_name_prefix=name)
        self._free = count
        self._alone = max(1, count - SPARE)
        self._beside = min(self._alone, BESIDE_OTHERS)
        self._last = self._other = ("", float("-inf"))
        self._working: Counter[str] = Counter()
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    async def run[T](self, network: str, work: Callable[[], T]) -> T:
        """Run `work` in a thread when it is the network's turn; "" also counts as a network."""
        self._note(network)
        await self._turn(network)
        loop = asyncio.get_running_loop()
        working = loop.run_in_executor(self._threads, copy_context().run, work)
        working.add_done_callback(lambda _done: self._ended(network))
        return await asyncio.shield(working)  # a thread is busy until its work ends

    async def _turn(self, network: str) -> None:
        if self._free and self._working[network] < self._most(network):
            self._take(network)
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(network, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._ended(network)  # its turn came before it was cancelled
            raise

    def _take(self, network: str) -> None:
        self._free -= 1
        self._working[network] += 1

    def _ended(self, network: str) -> None:
        self._free += 1
        self._working[network] -= 1
        if not self._working[network]:
            del self._working[network]
        self._serve()

    def _serve(self) -> None:
        """Start waiting requests on free threads, networks with the fewest running ones first."""
        while self._free and (network := self._next()) is not None:
            turn = self._waiting[network].popleft()
            if not self._waiting[network]:
                del self._waiting[network]
            if not turn.done():  # the visitor may have disconnected
                self._take(network)
                turn.set_result(None)

    def _next(self) -> str | None:
        least, found = self._alone, None
        for network in self._waiting:
            working = self._working[network]
            if working < least and working < self._most(network):
                least, found = working, network
        return found

    def _note(self, network: str) -> None:
        """Note that a network has sent a request, and when a different network last did."""
        if self._last[0] != network:
            self._other = self._last
        self._last = (network, time.monotonic())

    def _most(self, network: str) -> int:
        """Return how many threads a network may use now."""
        _name, asked_at = self._other if self._last[0] == network else self._last
        return self._beside if time.monotonic() - asked_at < LATELY_S else self._alone
