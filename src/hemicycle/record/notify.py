"""Notify every process that a record has grown.

The message says only "this hearing's record has grown"; each process then reads the record. So a
lost or doubled message does no harm, and after an interruption it is enough to look at all records
once. PostgreSQL sends the message with NOTIFY inside the committing transaction; a listener
bypasses a pooler (`direct_connection`). On SQLite, a process hears its own commits at once and sees
those of other processes by the database's change counter.
"""

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import Callable
from uuid import UUID

import psycopg
from django.db import connection, connections, transaction

from hemicycle.record import direct_connection
from hemicycle.record.impatient_connection import ImpatientListener
from hemicycle.signals import Signal

log = logging.getLogger(__name__)

News = Callable[[UUID | None], None]
"""Called in the event loop with a hearing whose record has grown, or None for any hearing."""

CHANNEL = "hemicycle_record"
POLL_S = 0.025
GATHER_S = 0.005
RETRY_S = 1.0
QUIET_S = 4.0
"""Seconds without news after which the server is asked for a sign of life."""

_committed = Signal[[UUID], None]("_committed")
"""Sent in this process with (hearing) after a transaction that appended to its record."""
lost = Signal[[], None]("lost")
"""Sent when the connection to the database was lost: another server may have taken over since."""


def publish(hearing: UUID, seq: int) -> None:
    """Notify all processes once the surrounding transaction has committed."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # PostgreSQL holds a notification back until the transaction commits, and drops it on
            # rollback.
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, hearing.hex])
    transaction.on_commit(lambda: _tell_this_process(hearing))


def _tell_this_process(hearing: UUID) -> None:
    _committed.send(hearing)


async def listen(news: News) -> None:
    """Call `news` for every growth of any record, in this process or another, until cancelled."""
    loop = asyncio.get_running_loop()

    def hear(hearing: UUID) -> None:
        loop.call_soon_threadsafe(news, hearing)

    _committed.connect(hear)
    try:
        if connection.vendor == "postgresql":
            await _listen_postgresql(news)
        else:
            await _poll_sqlite(news)
    finally:
        _committed.disconnect(hear)


async def _listen_postgresql(news: News) -> None:
    while True:
        try:
            parameters = direct_connection.parameters()
            # A separate connection, since Django's connections belong to a thread and are closed
            # with it.
            async with await ImpatientListener.connect(**parameters, autocommit=True) as other:
                other.add_notify_handler(lambda heard: news(UUID(hex=heard.payload)))
                await other.execute(f"LISTEN {CHANNEL}")
                # Notifications sent before LISTEN were missed: look at all records once.
                news(None)
                await _hear(other, news)
        except psycopg.OperationalError as error:
            log.warning("lost the database's news, trying again: %s", error)
            lost.send()
        await asyncio.sleep(RETRY_S)


async def _hear(other: ImpatientListener, news: News) -> None:
    """Pass on notifications: a single one at once, and those of a surge together.

    Psycopg's own generator of notifications takes about ten times as long for each. The handler of
    the connection gets only those that arrive while the server is asked for a sign of life.
    """
    while True:
        try:
            async with asyncio.timeout(QUIET_S):
                await _readable(other.fileno())
        except TimeoutError:
            await other.execute("")
            continue
        other.pgconn.consume_input()  # raises when the connection is lost
        heard = set()
        while message := other.pgconn.notifies():
            heard.add(message.extra)
        for hearing in heard:
            news(UUID(hex=hearing.decode()))
        # In a surge, commits follow each other closely: readers are notified once for all commits
        # within 5 ms.
        await asyncio.sleep(GATHER_S)


async def _readable(descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()

    def tell() -> None:
        # Otherwise the loop would report the descriptor again and again until it is read.
        loop.remove_reader(descriptor)
        ready.set()

    loop.add_reader(descriptor, tell)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(descriptor)


async def _poll_sqlite(news: News) -> None:
    # Read only, and outside of Django, so that polling never opens a transaction.
    name = str(connections["default"].settings_dict["NAME"])
    uri = name if name.startswith("file:") else f"file:{name}?mode=ro"
    with contextlib.closing(sqlite3.connect(uri, uri=True)) as watcher:
        seen = None
        while True:
            # SQLite counts the commits of other connections here.
            (version,) = watcher.execute("PRAGMA data_version").fetchone()
            if seen is not None and version != seen:
                news(None)
            seen = version
            await asyncio.sleep(POLL_S)
