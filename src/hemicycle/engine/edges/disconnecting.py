"""Disconnects people from edges where they may no longer listen, by the edge's control API.

An edge checks a token when a connection begins, and not every edge checks when it expires. So the
engine compares the connections that an edge has with the sessions that it knows: each carries a
listener's id in its address (`?listener=`). A connection without the id of a live session is ended,
because its person was removed or hides who they are. The API is MediaMTX's.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection, Coroutine
from typing import Any
from urllib.parse import parse_qs

import aiohttp

from hemicycle.engine.edges import tokens
from hemicycle.engine.edges.addresses import Edge
from hemicycle.engine.edges.publication import EdgeClient

log = logging.getLogger(__name__)

EVERY_S = 5.0
"""How often an edge's connections are checked, in seconds; also when somebody has left."""

ANSWER_S = 3.0
A_PAGE = 1000
MOST_PAGES = 100
MOST_BYTES = 4 << 20

_TIMEOUT = aiohttp.ClientTimeout(total=ANSWER_S)


class Disconnector:
    """Ends connections of one hearing; `live_at` returns the ids of listeners allowed at an edge.

    Without an address of the API in the settings it does nothing.
    """

    def __init__(
        self, hearing: str, client: EdgeClient, live_at: Callable[[Edge], Collection[str]]
    ) -> None:
        self._hearing, self._client, self._live_at = hearing, client, live_at
        self._soon = {edge.name: asyncio.Event() for edge in client.settings.edges}

    def tasks(self) -> list[asyncio.Task[None]]:
        """Start the checks; return their tasks, to be cancelled at the end."""
        settings = self._client.settings
        if not settings.edge_api:
            return []
        work: list[Coroutine[Any, Any, None]] = [self._keep(edge) for edge in settings.edges]
        return [asyncio.create_task(one) for one in work]

    def look_soon(self, edge: Edge) -> None:
        """Check an edge at once, because somebody has left."""
        self._soon[edge.name].set()

    async def _keep(self, edge: Edge) -> None:
        while True:
            try:
                async with asyncio.timeout(EVERY_S):
                    await self._soon[edge.name].wait()
            except TimeoutError:
                pass
            self._soon[edge.name].clear()
            try:
                await self._look(edge)
            except (aiohttp.ClientError, OSError, TimeoutError, ValueError, KeyError) as error:
                log.warning("the control API of %s cannot be used: %r", edge.host, error)
            except Exception:
                log.exception("the connections of an edge could not be looked at")

    async def _look(self, edge: Edge) -> None:
        async for connection in self._connections(edge):
            path, query = str(connection.get("path", "")), str(connection.get("query", ""))
            listener = parse_qs(query).get("listener", [""])[0]
            is_ours = path.startswith(f"{self._hearing}/") and connection.get("state") == "read"
            if is_ours and listener not in self._live_at(edge):
                await self._kick(edge, str(connection["id"]))

    async def _connections(self, edge: Edge) -> AsyncIterator[dict[str, Any]]:
        for page in range(MOST_PAGES):
            address = f"{self._api(edge)}/webrtcsessions/list?itemsPerPage={A_PAGE}&page={page}"
            async with self._client.http.get(
                address, headers=self._headers(), allow_redirects=False, timeout=_TIMEOUT
            ) as response:
                if response.status != 200:
                    raise ValueError(f"it answered {response.status}")
                if (response.content_length or 0) > MOST_BYTES:
                    raise ValueError("its answer is too long")
                found = await response.json()
            for connection in found["items"]:
                yield connection
            if page + 1 >= int(found["pageCount"]):
                return

    async def _kick(self, edge: Edge, id_: str) -> None:
        if not id_.replace("-", "").isalnum():
            raise ValueError("an id of a connection is odd")
        address = f"{self._api(edge)}/webrtcsessions/kick/{id_}"
        async with self._client.http.post(
            address, headers=self._headers(), allow_redirects=False, timeout=_TIMEOUT
        ) as response:
            # 404: the connection has already ended.
            if response.status not in {200, 404}:
                raise ValueError(f"it answered {response.status}")

    def _api(self, edge: Edge) -> str:
        return self._client.settings.edge_api.replace("{host}", edge.host) + "/v3"

    def _headers(self) -> dict[str, str]:
        token = tokens.to_control(self._client.settings.secret)
        return {"Authorization": f"Bearer {token}"}
