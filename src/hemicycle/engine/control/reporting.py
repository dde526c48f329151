"""Reports facts to `web`, in order; each is counted once, however often it is sent.

Facts are numbered for each engine id. A batch without an answer is sent again with the same
numbers, so `web` recognizes the facts that it has. While `web` is unavailable facts wait, up to a
limit.
"""

import asyncio
import contextlib
import json
import logging
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hemicycle.engine.control.web_client import WebClient, WebUnavailable
from hemicycle.procedure.commands import Command, to_json

log = logging.getLogger(__name__)

BATCH = 100
"""The most facts in one request."""

WAITING = 10_000
"""The most facts that wait, which is hours of a busy meeting; beyond that the oldest are dropped.
"""

STALE = 409
"""The status of an answer to facts from an engine whose lease is older than the current one."""

RETRY_S = 0.5
LAST_S = 3.0
"""How long the engine tries to send the last facts when it ends."""


@dataclass(frozen=True, slots=True)
class HandedFacts:
    """The facts of an engine for its successor, which continues with its id and numbers.

    `sent` and `waiting` are facts as JSON; `web` may have some of those in `sent` already.
    """

    engine: str
    number: int
    sent: tuple[str, ...]
    waiting: tuple[str, ...]


class FactReporter:
    """Facts of one hearing waiting to be sent to the record. For the event loop only.

    `meeting` returns the meeting that a new fact is about.
    """

    def __init__(self, hearing: str, web: WebClient, meeting: Callable[[], str]) -> None:
        self.engine = secrets.token_hex(16)
        self._hearing, self._web, self._meeting = hearing, web, meeting
        self._waiting: deque[dict[str, Any]] = deque()
        self._sent: list[dict[str, Any]] = []
        self._number = 0
        self._lost = 0
        self._news = asyncio.Event()
        self._rest = asyncio.Event()
        self._rest.set()
        self._task: asyncio.Task[None] | None = None
        self._is_over = False

    def report(self, command: Command) -> None:
        """Queue a fact for the record; a fact without a meeting is dropped."""
        meeting = self._meeting()
        if not meeting or self._is_over:
            return
        # The oldest facts are dropped, because the newest describe the present.
        if len(self._waiting) >= WAITING:
            self._waiting.popleft()
            self._lost += 1
        self._waiting.append({"meeting": meeting, "command": to_json(command)})
        self._rest.clear()
        self._news.set()

    def handed(self) -> HandedFacts:
        """Return the facts for another process."""
        return HandedFacts(
            self.engine,
            self._number,
            tuple(map(json.dumps, self._sent)),
            tuple(map(json.dumps, self._waiting)),
        )

    def resume(self, handed: HandedFacts) -> None:
        """Take over the facts of another process. Raises ValueError for invalid JSON."""
        self.engine, self._number = handed.engine, handed.number
        self._sent = list(map(json.loads, handed.sent))
        self._waiting.extendleft(map(json.loads, reversed(handed.waiting)))
        if self._sent or self._waiting:
            self._rest.clear()
            self._news.set()

    def let_go(self) -> None:
        """Accept and send no more facts, because another process has those that wait."""
        self._is_over = True
        self._rest.set()
        if self._task is not None:
            self._task.cancel()

    async def start(self) -> None:
        """Start sending."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Send the remaining facts, for at most `LAST_S` seconds, and end."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._rest.wait(), LAST_S)
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            while self._sent or self._waiting:
                if not await self._send():
                    await asyncio.sleep(RETRY_S)
            self._rest.set()

    async def _send(self) -> bool:
        """Send one batch; return whether `web` has it now."""
        # A batch without an answer is sent again unchanged, with its numbers: `web` may already
        # have it.
        if not self._sent:
            self._number_next()
        facts = {"engine": self.engine, "facts": self._sent}
        try:
            taken = await self._web.post_facts(self._hearing, facts)
        except WebUnavailable as away:
            # These statuses mean that `web` has read the facts and refuses them. Sending them again
            # would block all later ones forever.
            if away.status not in (400, STALE, 413, 422):
                log.info("facts wait: %s", away)
                return False
            if away.status == STALE:
                log.warning(
                    "hearing %s: another media machine runs it, so what this one observed last "
                    "is dropped",
                    self._hearing,
                )
            else:
                log.exception("facts that web will never take are dropped")
            taken = self._number
        self._sent = [fact for fact in self._sent if fact["n"] > taken]
        return True

    def _number_next(self) -> None:
        if self._lost:
            log.warning("%d facts were lost while web was away", self._lost)
            self._lost = 0
        while self._waiting and len(self._sent) < BATCH:
            self._number += 1
            self._sent.append({"n": self._number, **self._waiting.popleft()})
