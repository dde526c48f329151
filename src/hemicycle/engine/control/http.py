"""The engine's HTTP endpoints (`docs/media.md`), on aiohttp."""

import asyncio
import contextlib
import ipaddress
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Middleware

from hemicycle.engine.control.admission import (
    SDP,
    Admission,
    RequestHandler,
    RequestRefused,
    check_service,
    refusals,
)
from hemicycle.engine.control.offer_limits import OfferLimits
from hemicycle.engine.control.request_gate import RequestGate
from hemicycle.engine.control.sessions import HearingFinder, MediaSession, SessionRegistry
from hemicycle.engine.control.whep import at_edge, listen
from hemicycle.engine.control.whip import publish
from hemicycle.engine.load_meter import LoadMeter
from hemicycle.engine.memory import keep_small
from hemicycle.engine.refusals import NETWORK_FAULTS
from hemicycle.engine.rtc.offers import MAX_BYTES
from hemicycle.engine.rtc.peer_factory import PeerFactory
from hemicycle.logs import REQUEST_ID, RequestIds, request_id

SWEEP_S = 5.0

_LOAD_METER = web.AppKey("pulse", LoadMeter)
ADMISSION = web.AppKey("doors", Admission)

_OPEN_TO_ALL = ("/media/whip/", "/media/whep/", "/media/session/")
"""Addresses that a standard client of any origin may use: a pass opens them, never a cookie."""


def app(
    hearings: HearingFinder,
    *,
    secret: str,
    exchange: PeerFactory,
    registry: SessionRegistry | None = None,
    routes: Iterable[web.AbstractRouteDef] = (),
    trusted: Iterable[str] = (),
    gate: RequestGate | None = None,
    load_meter: LoadMeter | None = None,
) -> web.Application:
    """Return the application.

    `secret` signs passes, `routes` are those of other parts (webcast, captions), `trusted` are the
    networks of proxies that give requests their ids. `load_meter` measures while the application
    runs. Its cleanup ends every session ("lost": pages connect again).
    """
    registry, gate = registry or SessionRegistry(), gate or RequestGate()
    limits = OfferLimits(exchange, registry)
    admission = Admission(hearings, secret, exchange, registry, limits)
    made = web.Application(
        middlewares=[_with_ids(RequestIds(trusted)), _through(gate), other_origins, refusals],
        client_max_size=MAX_BYTES,
    )
    made.on_response_prepare.append(_tell_id)
    made[ADMISSION] = admission
    made[_LOAD_METER] = load_meter or LoadMeter()
    made.add_routes([*_own_routes(admission), *routes])
    made.cleanup_ctx.append(_running)
    return made


def _own_routes(admission: Admission) -> list[web.RouteDef]:
    def at(
        handler: Callable[[web.Request, Admission], Awaitable[web.StreamResponse]],
    ) -> RequestHandler:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await handler(request, admission)

        return handle

    return [
        web.post("/media/whip/{hearing}", at(publish)),
        web.post("/media/whep/{hearing}", at(listen)),
        web.post("/media/attend/{hearing}", at(attend)),
        *(web.options(f"/media/{way}/{{hearing}}", options) for way in ("whip", "whep", "attend")),
        web.options("/media/session/{hearing}/{session}", options),
        web.delete("/media/session/{hearing}/{session}", at(leave)),
        web.get("/media/session/{hearing}/{session}/events", at(events)),
        web.post("/media/session/{hearing}/{session}/control", at(control)),
        web.get("/media/health", at(health)),
    ]


async def _running(made: web.Application) -> AsyncIterator[None]:
    admission = made[ADMISSION]
    await admission.exchange.start()
    tasks = [
        asyncio.create_task(made[_LOAD_METER].run()),
        asyncio.create_task(_sweep(admission.registry)),
        asyncio.create_task(keep_small()),
    ]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await admission.registry.close_all("lost")
    await admission.exchange.stop()


async def _sweep(registry: SessionRegistry) -> None:
    while True:
        await asyncio.sleep(SWEEP_S)
        await registry.sweep()


async def options(request: web.Request) -> web.Response:
    """Answer which type may be posted here (RFC 9725 section 4.1), also for a CORS preflight."""
    return web.Response(status=204, headers={"Accept-Post": SDP})


async def attend(request: web.Request, admission: Admission) -> web.Response:
    """Handle `POST /media/attend/<hearing>`: events and controls without a connection.

    A person whose pass names an edge says which channel they hear there, as for WHEP.
    """
    pass_, hearing = await admission.admit(request, "attend", "listen")
    session = MediaSession(pass_, "none", hearing, admission.registry)
    told = {"listener": at_edge(request, session).id} if pass_.use == "listen" else {}
    await admission.registry.enter(session)
    headers = {"Location": session.address}
    return web.json_response(told, status=201, headers=headers)


async def leave(request: web.Request, admission: Admission) -> web.Response:
    """Handle `DELETE /media/session/<hearing>/<id>`: a second request gets the same answer.

    `?page=closed` says that the page itself was closed, and not only this connection;
    `?network=blocked` and `?network=relay_refused` say that nothing got through.
    """
    id_ = request.match_info["session"]
    session = admission.registry.get(id_)
    if session is not None:
        await session.close("left")
    # The session may have ended already, with its connection.
    session = session or admission.registry.ended(id_)
    if session is None:
        raise RequestRefused(404, "unknown_session")
    if request.query.get("page") == "closed":
        session.hearing.page_closed(session)
    if (why := request.query.get("network", "")) in NETWORK_FAULTS:
        session.hearing.network_failed(session, why)
    return web.json_response({})


async def events(request: web.Request, admission: Admission) -> web.StreamResponse:
    """Handle `GET /media/session/<hearing>/<id>/events`: send its events until it ends or the
    reader leaves.
    """
    id_ = request.match_info["session"]
    session = admission.registry.get(id_) or admission.registry.ended(id_)
    if session is None:
        raise RequestRefused(404, "ended")
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    response = web.StreamResponse(headers=headers)
    response.content_type = "text/event-stream"
    await response.prepare(request)
    last = request.headers.get("Last-Event-ID", "")
    async with contextlib.aclosing(
        session.events.stream(int(last) if last.isdecimal() else 0)
    ) as stream:
        with contextlib.suppress(ConnectionResetError):  # the reader left
            async for written in stream:
                await response.write(written)
    return response


async def control(request: web.Request, admission: Admission) -> web.Response:
    """Handle `POST /media/session/<hearing>/<id>/control`: one control of `docs/media.md`."""
    session = admission.session(request)
    try:
        message: Any = json.loads(await request.read())
    except (ValueError, RecursionError) as error:
        raise RequestRefused(400, "bad_control") from error
    if not isinstance(message, dict) or not isinstance(message.get("do"), str):
        raise RequestRefused(400, "bad_control")
    await session.hearing.control(session, message)
    return web.json_response({})


async def health(request: web.Request, admission: Admission) -> web.Response:
    """Handle `GET /media/health`: figures, for this machine or a service pass."""
    if not _from_here(request):
        check_service(request, admission.secret)
    load_meter = request.app[_LOAD_METER]
    sessions = admission.registry.all()
    return web.json_response(
        {
            "core_percent": round(load_meter.core_percent(), 1),
            "loop_lag_p50_ms": round(load_meter.lag_ms(0.5), 2),
            "loop_lag_p99_ms": round(load_meter.lag_ms(0.99), 2),
            "sessions": dict(Counter(session.kind for session in sessions)),
            "states": dict(Counter(session.state for session in sessions)),
            "packets_sent": admission.exchange.packets_sent,
            "places_free": admission.exchange.places_free,
        }
    )


def _from_here(request: web.Request) -> bool:
    """Return whether a request is from this machine: a proxy adds the address of its client."""
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.remote or "").is_loopback
    except ValueError:
        return False


def _through(gate: RequestGate) -> Middleware:
    @web.middleware
    async def pass_through(request: web.Request, handler: RequestHandler) -> web.StreamResponse:
        with contextlib.ExitStack() as stack:
            if await gate.enter(stack, counts=request.method != "GET"):
                return await handler(request)
        # On a new connection, the same address leads to the process that takes over.
        again = web.Response(status=307, headers={"Location": request.path_qs})
        again.force_close()
        return again

    return pass_through


def _with_ids(ids: RequestIds) -> Middleware:
    @web.middleware
    async def begin(request: web.Request, handler: RequestHandler) -> web.StreamResponse:
        ids.begin(request.remote or "", request.headers.get(REQUEST_ID, ""))
        return await handler(request)

    return begin


async def _tell_id(request: web.Request, response: web.StreamResponse) -> None:
    response.headers[REQUEST_ID] = request_id.get()


@web.middleware
async def other_origins(request: web.Request, handler: RequestHandler) -> web.StreamResponse:
    """Admit pages of any origin by their pass (CORS), without credentials."""
    response = await handler(request)
    if request.path.startswith(_OPEN_TO_ALL) and not response.prepared:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = "Location, ETag, Accept-Post"
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = "POST, DELETE, OPTIONS"
            response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
            response.headers["Access-Control-Max-Age"] = "86400"
    return response
