"""Connections to PostgreSQL that are closed when the server says nothing.

A server that hangs, or whose storage hangs, keeps its connections: its kernel still acknowledges
the packets sent to it, so neither keepalives nor `tcp_user_timeout` end them, and libpq waits
without limit. Here a connection is closed if an answer is due and nothing is received for a time.
An answer that arrives in pieces is never cut off, however long it takes.

The server is not asked to cancel. If it were, a commit that waits for a standby would become
visible without it, and an entry that somebody has read could be lost.
"""

import math
import time
from typing import Any, ClassVar, Final

import psycopg
from psycopg.abc import PQGen
from psycopg.rows import TupleRow

PAGES_S: Final = 8.0
"""The limit, in seconds, of processes for which people wait, and of listeners for news."""
WORK_S: Final = 120.0
"""The limit, in seconds, of the worker and of the mail process, whose statements may be slow."""
_LOOKS_EVERY_S = 0.1

_limit_s = math.inf


class ServerSilent(psycopg.OperationalError):
    """The server has not answered in time; its connection is closed."""


def close_silent_after(seconds: float) -> None:
    """Limit how long this process's connections wait for the server; there is no limit by default.

    A command such as `hemicycle migrate` waits for as long as the database needs.
    """
    global _limit_s  # noqa: PLW0603 - one for each process
    _limit_s = seconds


def _unless_silent[T](answer: PQGen[T], limit_s: float) -> PQGen[T]:
    """Pass on what psycopg's generator waits for, and what it receives.

    Raises `ServerSilent` if nothing is received for `limit_s`. The caller must resume the generator
    at intervals, even if there is nothing to read.
    """
    heard_at = time.monotonic()
    try:
        wanted = next(answer)
        while True:
            ready = yield wanted
            now = time.monotonic()
            if ready:
                heard_at = now
            elif now - heard_at > limit_s:
                raise ServerSilent(
                    f"no answer from the database server for {limit_s:g} s: closed the connection"
                )
            wanted = answer.send(ready)
    except StopIteration as end:
        result: T = end.value
        return result


class ImpatientConnection(psycopg.Connection[TupleRow]):
    """A connection of the pool, with the time limit of its process."""

    _drained_at: ClassVar = -math.inf
    """When this process last closed the connections of its pool."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._made_at = time.monotonic()

    def wait[T](
        self, gen: PQGen[T], interval: float = _LOOKS_EVERY_S, timeout: float | None = None
    ) -> T:
        """Wait for an answer from the server; `timeout`, if given, replaces the process's limit.

        Raises `ServerSilent`.
        """
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(_unless_silent(gen, _limit_s), interval)
        except ServerSilent:
            self.pgconn.finish()
            if (pool := getattr(self, "_pool", None)) is not None:
                self._close_others(pool)
            raise

    def _close_others(self, pool: Any) -> None:
        """Let the pool replace its connections, which all lead to the same server.

        Otherwise one page after the other would wait for its limit, although another server may
        have taken over. If several threads come here together, the first one does it for all.
        """
        if self._made_at > ImpatientConnection._drained_at:
            ImpatientConnection._drained_at = time.monotonic()
            pool.drain()


class ImpatientListener(psycopg.AsyncConnection[TupleRow]):
    """A connection that listens for news, and polls the server for a sign of life."""

    async def wait[T](
        self,
        gen: PQGen[T],
        interval: float = _LOOKS_EVERY_S,
        timeout: float | None = None,  # noqa: ASYNC109 - psycopg's own signature
    ) -> T:
        """Wait for an answer from the server; `timeout`, if given, replaces the limit.

        Raises `ServerSilent`.
        """
        if timeout is not None:
            return await super().wait(gen, interval, timeout)
        try:
            return await super().wait(_unless_silent(gen, PAGES_S), interval)
        except ServerSilent:
            self.pgconn.finish()
            raise
