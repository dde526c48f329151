"""`/healthz` and `/readyz` of the engine (`docs/watching.md`): no pass, figure or name."""

import asyncio
from pathlib import Path

from aiohttp import web

from hemicycle.engine.control.web_client import WebClient, WebUnavailable
from hemicycle.engine.rtc.peer_factory import PeerFactory
from hemicycle.readiness import ALIVE, Readiness, write_something

NO_FOLDER = "The folder of the webcast cannot be written to: make room on the disk."
NO_WEB = "The web process does not answer."
NO_PLACE = "As many people are connected as HEMICYCLE_MEDIA_CONNECTIONS allows."

_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def routes(readiness: Readiness) -> list[web.RouteDef]:
    """Return the two routes."""

    async def tell_alive(request: web.Request) -> web.Response:
        return web.Response(text=ALIVE, headers=_HEADERS)

    async def tell_ready(request: web.Request) -> web.Response:
        status, text = await readiness.answer()
        return web.Response(status=status, text=text, headers=_HEADERS)

    return [web.get("/healthz", tell_alive), web.get("/readyz", tell_ready)]


class EngineChecks:
    """What the engine needs to admit seats and listeners, and to write the webcast."""

    def __init__(self, segments: Path, client: WebClient, exchange: PeerFactory) -> None:
        self._segments = segments
        self._client = client
        self._exchange = exchange

    async def missing(self) -> list[str]:
        """Return a sentence for each thing that is missing."""
        found = []
        if not await asyncio.to_thread(_can_write, self._segments):
            found.append(NO_FOLDER)
        if not self._exchange.places_free:
            found.append(NO_PLACE)
        try:
            await self._client.time_ms()
        except WebUnavailable:
            found.append(NO_WEB)
        return found


def _can_write(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_something(folder)
    except OSError:
        return False
    return True
