"""The edges of one hearing: what is published where, and which of them work.

The room's program and floor are on every edge until the meeting is over, so that an edge shows that
it works before anybody is sent there. Other channels, and what the public gets, are published as
soon as somebody at an edge asks for them, until `LINGERS_S` after the last such request. They are
published on every edge, so that they are available when an edge is lost.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping

from hemicycle.engine.control.sessions import MediaSession
from hemicycle.engine.control.web_client import WebUnavailable
from hemicycle.engine.edges import addresses
from hemicycle.engine.edges.addresses import Audience, Edge
from hemicycle.engine.edges.disconnecting import Disconnector
from hemicycle.engine.edges.listener import EdgeListener
from hemicycle.engine.edges.publication import EdgeClient, Publication
from hemicycle.engine.streams import FLOOR, PROGRAM, Output

log = logging.getLogger(__name__)

LINGERS_S = 30.0
"""How long a stream that nobody asks for any more stays published, in seconds."""

REPORT_S = 2.0
"""How often the engine reports the edges to `web`, in seconds; it reports a change at once."""

type StreamKey = tuple[Audience, str]
"""An audience, and the name of an output."""

BASIC: tuple[StreamKey, ...] = (("room", PROGRAM), ("room", FLOOR))


type EdgeReport = list[dict[str, object]]
"""Each edge as it is reported: its name as `edge`, whether it `works`, and its `listeners`."""


class HearingEdges:
    """The edges of one hearing; create it in the event loop.

    `report` reports the state of the edges to `web`, and raises `WebUnavailable`. `streams` are the
    outputs by audience. `on_trouble` gets the host, the reason and an English detail of an edge
    that does not take its streams; it is called once until the edge takes them again.
    """

    def __init__(
        self,
        hearing: str,
        client: EdgeClient,
        report: Callable[[EdgeReport], Awaitable[None]],
        streams: Mapping[Audience, Mapping[str, Output]],
        on_trouble: Callable[[str, str, str], None],
    ) -> None:
        self._hearing, self._client, self._report = hearing, client, report
        self._streams, self._on_trouble = streams, on_trouble
        self._edges = {edge.name: edge for edge in client.settings.edges}
        self._published: dict[tuple[str, StreamKey], Publication] = {}
        self._wanted_at: dict[tuple[str, StreamKey], float] = {}
        self._listeners: dict[str, set[str]] = {name: set() for name in self._edges}
        self._troubled: set[str] = set()
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self._ending: set[asyncio.Task[None]] = set()
        self._disconnector = Disconnector(hearing, client, self._live_at)
        self._tasks = (
            [asyncio.create_task(self._keep_reporting()), *self._disconnector.tasks()]
            if self._edges
            else []
        )

    def follow(self, sessions: Iterable[MediaSession], *, on: bool) -> None:
        """Publish what these sessions ask for, and the basic streams; nothing unless `on`."""
        now = self._loop.time()
        listeners: dict[str, set[str]] = {name: set() for name in self._edges}
        for session in sessions:
            if isinstance(session.peer, EdgeListener) and session.peer.edge in self._edges:
                self._want(session.peer, in_public=session.in_public, now=now)
                listeners[session.peer.edge].add(session.peer.id)
        for name in self._edges:
            self._wanted_at |= {(name, key): now for key in BASIC}
        if self._listeners != listeners:
            self._note_listeners(listeners)
        wanted = {key for key, at in self._wanted_at.items() if now - at <= LINGERS_S} if on else ()
        self._publish(wanted)

    def _want(self, listener: EdgeListener, *, in_public: bool, now: float) -> None:
        audience: Audience = "public" if in_public else "room"
        for name in (PROGRAM, listener.channel):
            if name in self._streams[audience]:
                self._wanted_at |= {(edge, (audience, name)): now for edge in self._edges}

    def _note_listeners(self, listeners: dict[str, set[str]]) -> None:
        for name, before in self._listeners.items():
            if before - listeners[name]:
                self._disconnector.look_soon(self._edges[name])
        self._listeners = listeners
        self._changed.set()

    def _publish(self, wanted: Collection[tuple[str, StreamKey]]) -> None:
        for key in self._published.keys() - set(wanted):
            self._wanted_at.pop(key, None)
            self._end(self._published.pop(key))
        for key in wanted:
            if key not in self._published:
                self._published[key] = self._begin(*key)

    def _begin(self, edge: str, key: StreamKey) -> Publication:
        audience, name = key
        path = addresses.path(self._hearing, audience, name)
        output = self._streams[audience][name]
        return Publication(
            self._client,
            self._edges[edge],
            self._hearing,
            path=path,
            output=output,
            on_state=self._publication_changed,
        )

    def _end(self, publication: Publication) -> None:
        task = asyncio.create_task(publication.close())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def stop(self) -> None:
        """Withdraw every stream; return when the requests to the edges have ended."""
        for task in self._tasks:
            task.cancel()
        self._publish(())
        await asyncio.gather(*self._tasks, *self._ending, return_exceptions=True)

    def works(self, edge: str) -> bool:
        """Return whether an edge has the basic streams."""
        found = (self._published.get((edge, key)) for key in BASIC)
        return all(one is not None and one.state.phase == "up" for one in found)

    def has(self, edge: Edge, audience: Audience, output: str) -> bool:
        """Return whether an edge has a stream."""
        found = self._published.get((edge.name, (audience, output)))
        return found is not None and found.state.phase == "up"

    def _live_at(self, edge: Edge) -> set[str]:
        return self._listeners[edge.name]

    def _publication_changed(self) -> None:
        self._changed.set()
        for name, edge in self._edges.items():
            if self.works(name):
                self._troubled.discard(name)
                continue
            broken = (
                publication.state
                for (where, _), publication in self._published.items()
                if where == name and publication.state.phase == "broken"
            )
            state = next(broken, None)
            if state is not None and name not in self._troubled:
                self._troubled.add(name)
                self._on_trouble(edge.host, state.reason, state.detail)

    async def _keep_reporting(self) -> None:
        while True:
            self._changed.clear()
            edges: EdgeReport = [
                {"edge": name, "works": self.works(name), "listeners": len(self._listeners[name])}
                for name in self._edges
            ]
            try:
                await self._report(edges)
            except WebUnavailable as away:
                log.info("web is away, and does not hear of the edges: %s", away)
            except Exception:
                log.exception("how the edges stand could not be reported; it is tried again")
            try:
                async with asyncio.timeout(REPORT_S):
                    await self._changed.wait()
            except TimeoutError:
                continue
            await asyncio.sleep(0.1)  # combine changes of the same moment in one report
