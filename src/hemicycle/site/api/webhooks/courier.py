"""The courier: the part of the worker that sends messages to webhooks.

It wakes up when a record has grown or an attempt is due. A slow or unreachable receiver does not
delay others, since each has its own loop. All state is in the database, so the process may be
killed at any time.
"""

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from uuid import UUID

import aiohttp

from hemicycle.hearing.jobs import background
from hemicycle.hearing.jobs.background import DatabaseThreads
from hemicycle.record import notify
from hemicycle.site.api.models import Delivery
from hemicycle.site.api.webhooks import record_follower, sending

log = logging.getLogger(__name__)

GATHER_S = 0.1
LONGEST_SLEEP_S = 60.0


class Courier:
    """The courier of one process."""

    def __init__(self) -> None:
        self._news = asyncio.Event()
        self._threads = DatabaseThreads("courier")
        self._rounds: dict[UUID, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Deliver messages until cancelled."""
        listening = asyncio.create_task(notify.listen(lambda _hearing: self._news.set()))
        try:
            async with sending.session() as session:
                while True:
                    await self._safely(session)
        finally:
            listening.cancel()
            self._threads.drop()

    async def _safely(self, session: aiohttp.ClientSession) -> None:
        try:
            self._news.clear()
            wait_s = await self.look(session)
            await asyncio.sleep(GATHER_S)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), min(wait_s, LONGEST_SLEEP_S))
        except Exception:
            log.exception("the courier met an error and goes on")
            await asyncio.sleep(1)

    async def look(self, session: aiohttp.ClientSession) -> float:
        """Begin a round for each receiver with a due message; return how many seconds to sleep."""
        while await self._threads.do(record_follower.make_out):
            pass
        due = await self._threads.do(lambda: record_follower.take_due(set(self._rounds)))
        by_webhook: dict[UUID, list[Delivery]] = defaultdict(list)
        for delivery in due:
            by_webhook[delivery.webhook_id].append(delivery)
        for pk, deliveries in by_webhook.items():
            task = asyncio.create_task(self._round(session, deliveries))
            self._rounds[pk] = task
            task.add_done_callback(partial(self._done, pk))
        return (
            await self._threads.do(record_follower.next_due)
            if not self._rounds
            else LONGEST_SLEEP_S
        )

    async def idle(self) -> None:
        """Wait until no round is under way."""
        while self._rounds:
            await asyncio.wait(list(self._rounds.values()))
            await asyncio.sleep(0)

    def _done(self, pk: UUID, _round: asyncio.Task[None]) -> None:
        self._rounds.pop(pk, None)
        self._news.set()  # the receiver may have more messages due

    async def _round(self, session: aiohttp.ClientSession, deliveries: list[Delivery]) -> None:
        try:
            await asyncio.gather(*(self._carry(session, delivery) for delivery in deliveries))
        except Exception:
            log.exception("a round of a webhook met an error; its messages are sent again")

    async def _carry(self, session: aiohttp.ClientSession, delivery: Delivery) -> None:
        message = await self._threads.do(lambda: record_follower.message_of(delivery))
        answer = await sending.send(session, message)
        await self._threads.do(lambda: record_follower.note(delivery, answer))


async def deliver_all() -> None:
    """Send every message that is due now, once: for tests, and for callers that cannot wait."""
    courier = Courier()
    try:
        async with sending.session() as session:
            await courier.look(session)
            await courier.idle()
    finally:
        courier._threads.finish()  # noqa: SLF001 - an object of our own class


def start() -> Callable[[], None]:
    """Run a courier in a thread of this process; return a function that ends it."""
    return background.start(lambda: Courier().run(), name="courier")
