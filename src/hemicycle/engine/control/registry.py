"""The running hearings, each in its own task.

`web` says which hearings should run, each by a lease (`lease_keeper`). A hearing whose lease is
over ends at once: another machine may run it. A hearing that raises an error is started again; the
others are not affected.
"""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass

from hemicycle.engine.control.lease_keeper import LeaseKeeper
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

NAME_TAKEN = 409

LOOK_S = 0.05
"""How often the engine checks whether a lease is over, in seconds."""

AGAIN_S = 1.0
"""How long after an error a hearing is started again, in seconds."""


@dataclass(slots=True)
class ReadyHearing:
    """A hearing with its record, before it is on the air; `live` if another process runs it."""

    hearing: str
    follower: RecordFollower
    reporter: FactReporter
    live: LiveHearing | None = None


class HearingRegistry:
    """All running hearings. For the event loop only. `edges` is the client that calls edges."""

    def __init__(
        self,
        settings: Settings,
        web: WebClient,
        leases: LeaseKeeper,
        edges: EdgeClient | None = None,
    ) -> None:
        self._settings, self._web, self._edges = settings, web, edges
        self.leases = leases
        self._is_refused = False
        self._behind: set[str] = set()
        self._ending: dict[str, asyncio.Task[None]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._live: dict[str, LiveHearing] = {}
        self._ready: dict[str, ReadyHearing] = {}

    def hearing(self, hearing: str) -> LiveHearing | None:
        """Return the hearing with this id; None if it does not run."""
        return self._live.get(hearing)

    def may_begin(self) -> bool:
        """Return whether a new hearing may soon run here, which it may not while `web` is
        unavailable.
        """
        return not self.leases.is_cut_off

    def running(self) -> tuple[LiveHearing, ...]:
        """Return all running hearings."""
        return tuple(self._live.values())

    def live(self, hearing: str, meeting: str) -> LiveWebcast | None:
        """Return the running webcast of a meeting; None if there is none."""
        found = self._live.get(hearing)
        return found.live(meeting) if found else None

    async def cut(self, hearing: str, meeting: str, order: CutOrder) -> bool | None:
        """Cut into a running webcast; return whether it is done, None for a meeting that does not
        run.
        """
        found = self._live.get(hearing)
        return await found.cut(meeting, order) if found else None

    # From one process to the next.

    async def prepare(self, hearings: Iterable[AheadHearing]) -> None:
        """Prepare hearings that another process runs: follow their records and start their outputs.

        Returns when all can be taken over.
        """
        await asyncio.gather(*(self._prepare(ahead) for ahead in hearings))

    async def _prepare(self, ahead: AheadHearing) -> None:
        ready = self._begin(ahead.hearing)
        await ready.follower.start()
        ready.live = self._made(ready, ahead)
        # The outputs have drawn their pictures; drawing more now would delay the next steps.
        await ready.live.rest_pictures()
        self._ready[ahead.hearing] = ready

    def prepared(self, hearing: str) -> LiveHearing:
        """Return a hearing that was prepared; raise KeyError for any other."""
        live = self._ready[hearing].live
        assert live is not None
        return live

    def take_over(self) -> None:
        """Put the prepared hearings on the air; `keep` continues to run them."""
        for hearing in tuple(self._ready):
            self._live[hearing] = self.prepared(hearing)
            self._live[hearing].take_over_pictures()
            self._tasks[hearing] = asyncio.create_task(self._keep_on_air(hearing))

    async def keep(self) -> None:
        """Start and stop hearings as `web` says, until cancelled."""
        looking = asyncio.create_task(self._keep_looking())
        promising = asyncio.create_task(self.leases.keep_promised())
        asking: asyncio.Task[bool] | None = None
        try:
            while True:
                asking = asyncio.create_task(self._ask())
                answered = await asyncio.shield(asking)
                await asyncio.sleep(self.leases.pause_s(answered=answered))
        finally:
            if asking is not None:  # `web` must not get it after the requests of `_leave`
                await asyncio.gather(asking, return_exceptions=True)
            looking.cancel()
            promising.cancel()
            await self._leave()

    async def _ask(self) -> bool:
        """Ask `web` once, and follow its answer; return whether it answered."""
        attended = {hearing for hearing in self._tasks if self._attended(hearing)}
        self._behind |= {hearing for hearing, live in self._live.items() if live.is_behind}
        try:
            # A hearing that is ending may still be heard: another machine must not begin it before.
            running = {*self._tasks, *self._ending}
            answer = await self.leases.ask(running, attended, behind=self._behind)
        except WebUnavailable as away:
            self._away(away)
            return False
        except Exception:
            log.exception("web gave an odd answer, and hearings run on until their leases end")
            return False
        self._is_refused = False
        for hearing in answer.held - self._tasks.keys() - self._ending.keys():
            if hearing in self.leases.epochs:
                log.info("hearing %s: it runs here, epoch %d", hearing, self.leases.epochs[hearing])
            self._tasks[hearing] = asyncio.create_task(self._keep_on_air(hearing))
        for hearing in self._tasks.keys() - answer.held:
            if hearing in answer.elsewhere:
                log.warning(
                    "hearing %s: another media machine runs it now, and it ends here", hearing
                )
                self._end(hearing, at_once=True)
            else:
                self._end(hearing)
        for hearing in self._tasks.keys() & answer.to_release:
            log.warning(
                "hearing %s: it ends here, and a media machine with a newer version of Hemicycle "
                "runs it: upgrade this machine",
                hearing,
            )
            self.leases.drop(hearing)
            self._end(hearing, at_once=True)
        return True

    def _away(self, away: WebUnavailable) -> None:
        if away.status != NAME_TAKEN:
            log.info("web is away, and hearings run on until their leases end: %s", away)
            return
        if self._is_refused:
            return
        self._is_refused = True
        log.error(
            "Another process has the name of this media machine (HEMICYCLE_MEDIA_MACHINE). "
            "This one runs no hearing: give each machine a name of its own, and start it again."
        )
        for hearing in tuple(self._tasks):
            self.leases.drop(hearing)
            self._end(hearing, at_once=True)

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            for hearing in self.leases.overdue():
                self.leases.drop(hearing)
                if hearing in self._tasks:
                    log.warning(
                        "hearing %s: web has not answered in time, so the hearing ends here: "
                        "another media machine may run it",
                        hearing,
                    )
                    self._end(hearing, at_once=True)

    def _attended(self, hearing: str) -> bool:
        """Return whether somebody is connected: their hearing must not move because nobody else has
        come.
        """
        found = self._live.get(hearing)
        return found is not None and found.attended

    def _end(self, hearing: str, *, at_once: bool = False) -> asyncio.Task[None]:
        """End a hearing, in a task, because the leases of others must be renewed meanwhile.

        With `at_once` the hearing falls silent first, and its pages connect again.
        """
        task = self._tasks.pop(hearing)
        self._ending[hearing] = ending = asyncio.create_task(
            self._carry_end(hearing, task, at_once=at_once)
        )
        ending.add_done_callback(lambda _: self._ending.pop(hearing, None))
        return ending

    async def _carry_end(self, hearing: str, task: asyncio.Task[None], *, at_once: bool) -> None:
        live = self._live.pop(hearing, None)
        if at_once and live is not None:
            try:
                await live.cease()
            except Exception:
                log.exception("hearing %s could not end its connections", hearing)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def _leave(self) -> None:
        """End all hearings, and return the lease of each as soon as it has ended.

        Keeps the leases if another process continues with them.
        """
        running = tuple(self._tasks)
        await asyncio.gather(*(self._give_back(hearing) for hearing in running))
        await asyncio.gather(*self._ending.values(), return_exceptions=True)
        if not running:
            await self._return_leases(())  # those that do not count yet (`LeaseKeeper.ask`)

    async def _give_back(self, hearing: str) -> None:
        await self._end(hearing)
        await self._return_leases({*self._tasks, *self._ending} - {hearing})

    async def _return_leases(self, running: Iterable[str]) -> None:
        """Return the leases of all hearings that do not run any more."""
        if self.leases.is_over:
            return
        try:
            await self.leases.ask(running, (), leaving=True)
        except WebUnavailable as away:
            log.info("web does not know yet which hearings have ended here: %s", away)
        except Exception:
            log.exception("web gave an odd answer to an engine that ends")

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
        epoch = ahead.epoch if ahead else self.leases.epochs.get(ready.hearing, 0)
        return LiveHearing(*parts, self._settings, ahead, epoch=epoch, edges=self._edges)

    async def _serve(self, hearing: LiveHearing) -> None:
        try:
            await hearing.start()
            self._live[hearing.hearing] = hearing
            await asyncio.Event().wait()
        finally:
            self._live.pop(hearing.hearing, None)
            await hearing.stop()
