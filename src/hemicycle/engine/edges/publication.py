"""One output on one edge: published, and published again whenever the connection is lost."""

import asyncio
import logging
import random
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

import aiohttp

from hemicycle.engine.edges import tokens, whip_client
from hemicycle.engine.edges.addresses import Edge
from hemicycle.engine.edges.whip_client import EdgeRefused
from hemicycle.engine.rtc.calling import CallingPeer
from hemicycle.engine.rtc.errors import BadOffer, NoCodec
from hemicycle.engine.rtc.media_port import MediaPort
from hemicycle.engine.rtc.peer import PeerState
from hemicycle.engine.settings import Settings
from hemicycle.engine.streams import Output

log = logging.getLogger(__name__)

PAUSES_S = (0.2, 1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds before each further attempt, randomly varied by up to a fifth."""

WELL_S = 10.0
"""If an edge had the stream for this many seconds, the pauses before attempts begin again."""

type PublicationPhase = Literal["connecting", "up", "broken"]


@dataclass(frozen=True, slots=True)
class PublicationState:
    """The state of a publication; while it is broken, `reason` is a code of `EdgeRefused`."""

    phase: PublicationPhase = "connecting"
    reason: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class EdgeClient:
    """The port, the HTTP client and the settings with which the engine calls edges."""

    port: MediaPort
    http: aiohttp.ClientSession
    settings: Settings

    async def reachable(self, edge: Edge) -> Callable[[str], bool]:
        """Return a function that says which addresses in an edge's answer may be called.

        These are the edge's own addresses and those that the settings permit. Raises `EdgeRefused`
        if the edge's name cannot be resolved.
        """
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(edge.host, None, type=socket.SOCK_DGRAM)
        except OSError as error:
            raise EdgeRefused("unreachable", f"Its name leads nowhere: {error}.") from error
        own = {str(where[0]) for *_, where in found}
        return lambda address: address in own or self.settings.may_reach(address)


class Publication:
    """A publication; create it in the event loop, and it starts at once.

    `on_state` is called in the event loop when `state` has changed.
    """

    def __init__(
        self,
        client: EdgeClient,
        edge: Edge,
        hearing: str,
        *,
        path: str,
        output: Output,
        on_state: Callable[[], None],
    ) -> None:
        self.state = PublicationState()
        self._client, self._edge, self._hearing = client, edge, hearing
        self._address, self._output, self._on_state = edge.at(path, "whip"), output, on_state
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """Stop; return when the request to end the stream has been answered or has failed."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _keep(self) -> None:
        tries = 0
        while True:
            began = self._loop.time()
            try:
                await self._publish()
            except EdgeRefused as error:
                self._tell(PublicationState("broken", error.reason, str(error)))
                pause = max(error.again_s, PAUSES_S[min(tries, len(PAUSES_S) - 1)])
            except Exception:
                log.exception("a publication to an edge failed; it is tried again")
                self._tell(PublicationState("broken", "answer", "See the engine's log."))
                pause = PAUSES_S[-1]
            tries = 0 if self._loop.time() - began > WELL_S else tries + 1
            await asyncio.sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311  # spread the calls

    async def _publish(self) -> None:
        """Publish until the connection ends. Always ends with `EdgeRefused`."""
        ended: asyncio.Future[None] = self._loop.create_future()

        def changed(state: PeerState, reason: str) -> None:
            if state == "closed" and not ended.done():
                ended.set_result(None)
            elif state == "up":
                self._tell(PublicationState("up"))
            elif state == "lost":
                self._tell(PublicationState("broken", "lost", "Nothing comes from it."))

        port = await self._client.port.another()
        peer = CallingPeer(port, changed, self._output)
        session = ""
        try:
            session = await self._call(peer)
            await ended
            raise EdgeRefused("lost", "The connection was lost.")
        finally:
            # End it also when cancelled: the edge and its listeners must not wait for a timeout.
            await asyncio.shield(self._end(peer, port, session))

    async def _call(self, peer: CallingPeer) -> str:
        may_reach = await self._client.reachable(self._edge)
        offer = await peer.offer()
        answer = await whip_client.publish(self._client.http, self._address, offer, self._token())
        try:
            await peer.accept(answer.sdp, may_reach)
        except (BadOffer, NoCodec) as error:
            await self._withdraw(answer.session)
            raise EdgeRefused("answer", str(error)) from error
        return answer.session

    async def _end(self, peer: CallingPeer, port: MediaPort, session: str) -> None:
        await peer.close("left")
        port.close()
        await self._withdraw(session)

    async def _withdraw(self, session: str) -> None:
        if session:
            with suppress(TimeoutError):
                await whip_client.withdraw(self._client.http, session, self._token())

    def _token(self) -> str:
        return tokens.to_publish(self._client.settings.secret, self._hearing)

    def _tell(self, state: PublicationState) -> None:
        if state != self.state:
            self.state = state
            self._on_state()
