"""The running hearings, each in its own task.

`web` says which should run. A hearing that raises an error is started again; the others are not
affected.
"""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass

from hemicycle.engine.control.record_follower import RecordFollower
from hemicycle.engine.control.reporting import FactReporter
from hemicycle.engine.control.web_client import WebClient, WebUnavailable
from hemicycle.engine.edges.publication import EdgeClient
from hemicycle.engine.hearing import LiveHearing
from hemicycle.engine.hls.cutting import CutOrder
from hemicycle.engine.hls.live import LiveWebcast
from hemicycle.engine.movable_hearing import AheadHearing
from hemicycle.engine.settings import Settings

log = logging.getLogger(__name__)

ASK_S = 2.0
"""How often `web` is asked which hearings should run, in seconds."""

AGAIN_S = 1.0
"""How long after an error a hearing is started again."""


@dataclass(slots=True)
class ReadyHearing:
    """A hearing with its record, before it is on the air; `live` if another process runs it."""

    hearing: str
    follower: RecordFollower
    reporter: FactReporter
    live: LiveHearing | None = None


class HearingRegistry:
    """All running hearings. For the event loop only. `edges` is what edges are called with."""

    def __init__(self, settings: Settings, web: WebClient, edges: EdgeClient | None = None) -> None:
        self._settings, self._web, self._edges = settings, web, edges
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._live: dict[str, LiveHearing] = {}
        self._ready: dict[str, ReadyHearing] = {}

    def hearing(self, hearing: str) -> LiveHearing | None:
        """Return the hearing with this id; None if it does not run."""
        return self._live.get(hearing)

    def running(self) -> tuple[LiveHearing, ...]:
        """All that run."""
        return tuple(self._live.values())

    def live(self, hearing: str, meeting: str) -> LiveWebcast | None:
        """The running webcast of a meeting."""
        found = self._live.get(hearing)
        return found.live(meeting) if found else None

    async def cut(self, hearing: str, meeting: str, order: CutOrder) -> bool | None:
        """Cut into a running webcast; return None for a meeting that does not run."""
        found = self._live.get(hearing)
        return await found.cut(meeting, order) if found else None

    # From one process to the next.

    async def prepare(self, hearings: Iterable[AheadHearing]) -> None:
        """Follow the record of hearings that another process runs, and start their outputs; return
        when all can be taken over.
        """
        await asyncio.gather(*(self._prepare(ahead) for ahead in hearings))

    async def _prepare(self, ahead: AheadHearing) -> None:
        ready = self._begin(ahead.hearing)
        await ready.follower.start()
        ready.live = self._made(ready, ahead)
        # What it has drawn by now is drawn; a picture now and then would hold up what comes next.
        await ready.live.rest_pictures()
        self._ready[ahead.hearing] = ready

    def prepared(self, hearing: str) -> LiveHearing:
        """Return a hearing that was prepared; raise KeyError for any other."""
        live = self._ready[hearing].live
        assert live is not None
        return live

    def take_over(self) -> None:
        """Run those that were prepared; `keep` goes on with them."""
        for hearing in tuple(self._ready):
            self._live[hearing] = self.prepared(hearing)
            self._live[hearing].take_over_pictures()
            self._tasks[hearing] = asyncio.create_task(self._keep_on_air(hearing))

    async def keep(self) -> None:
        """Start and stop hearings as `web` says, until cancelled."""
        try:
            while True:
                await self._ask()
                await asyncio.sleep(ASK_S)
        finally:
            await self._end(set(self._tasks))

    async def _ask(self) -> None:
        try:
            wanted = set(await self._web.hearings())
        except WebUnavailable as away:
            log.info("web is away, and what is on the air stays on it: %s", away)
            return
        except Exception:
            log.exception("web gave an odd answer; what is on the air stays on it")
            return
        for hearing in wanted - self._tasks.keys():
            self._tasks[hearing] = asyncio.create_task(self._keep_on_air(hearing))
        await self._end(
            {hearing for hearing in self._tasks.keys() - wanted if not self._attended(hearing)}
        )

    def _attended(self, hearing: str) -> bool:
        """Whether somebody is connected, who must not be disconnected because nobody else has
        come.
        """
        found = self._live.get(hearing)
        return found is not None and found.attended

    async def _end(self, hearings: set[str]) -> None:
        ended = [self._tasks.pop(hearing) for hearing in hearings]
        for task in ended:
            task.cancel()
        await asyncio.gather(*ended, return_exceptions=True)

    async def _keep_on_air(self, hearing: str) -> None:
        while True:
            try:
                await self._run_once(hearing)
            except Exception:
                log.exception("hearing %s met an error and is put on the air again", hearing)
            await asyncio.sleep(AGAIN_S)

    async def _run_once(self, hearing: str) -> None:
        """Run one hearing until it is cancelled or raises an error."""
        ready = self._ready.pop(hearing, None) or self._begin(hearing)
        try:
            if ready.live is None:
                await ready.follower.start()
            await ready.reporter.start()
            await self._serve(ready.live or self._made(ready))
        finally:
            await ready.reporter.stop()
            await ready.follower.stop()

    def _begin(self, hearing: str) -> ReadyHearing:
        follower = RecordFollower(hearing, self._web)
        reporter = FactReporter(hearing, self._web, lambda: follower.meeting)
        return ReadyHearing(hearing, follower, reporter)

    def _made(self, ready: ReadyHearing, ahead: AheadHearing | None = None) -> LiveHearing:
        parts = (ready.hearing, ready.follower, ready.reporter)
        return LiveHearing(*parts, self._settings, ahead, edges=self._edges)

    async def _serve(self, hearing: LiveHearing) -> None:
        try:
            await hearing.start()
            self._live[hearing.hearing] = hearing
            await asyncio.Event().wait()
        finally:
            self._live.pop(hearing.hearing, None)
            await hearing.stop()
