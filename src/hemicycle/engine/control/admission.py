"""Admission: who may enter, with which pass, and how the engine answers a refusal."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from hemicycle.engine.control import passes
from hemicycle.engine.control.offer_limits import OfferLimits, TooManyOffers
from hemicycle.engine.control.sessions import (
    ControlRefused,
    HearingFinder,
    HearingPort,
    MediaSession,
    SessionRegistry,
)
from hemicycle.engine.refusals import Refusal
from hemicycle.engine.rtc.errors import BadOffer, Full, NoCodec
from hemicycle.engine.rtc.offers import MAX_BYTES
from hemicycle.engine.rtc.peer_factory import PeerFactory

SDP = "application/sdp"

PATIENCE_S = 6.0
"""How long a valid pass waits for its hearing to start, in seconds."""

POLL_S = 0.1

_ROUTER: dict[int, tuple[str, dict[str, Any]]] = {
    404: ("not_found", {}),
    405: ("wrong_method", {}),
    413: ("too_long", {"most_kb": MAX_BYTES // 1024}),
}
"""Refusals that aiohttp itself raises: their code and values, by status."""

_STATUS: dict[type[BadOffer | NoCodec | Full], int] = {BadOffer: 400, NoCodec: 406, Full: 503}

type RequestHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class RequestRefused(Refusal):
    """Raised to answer a request with a status and a refusal."""

    def __init__(self, status: int, code: str, detail: str = "", **headers: str) -> None:
        super().__init__(code, detail)
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


@dataclass(frozen=True, slots=True)
class Admission:
    """State that the handlers share."""

    hearings: HearingFinder
    secret: str
    exchange: PeerFactory
    registry: SessionRegistry
    limits: OfferLimits

    async def admit(
        self, request: web.Request, *uses: passes.Use
    ) -> tuple[passes.Pass, HearingPort]:
        """Use up the pass of a request to `/media/…/<hearing>`; return it and its hearing.

        Waits for a hearing that is about to start, because the pass shows that it should run. A
        machine that cannot start it refuses at once: the page finds the machine that can.
        """
        token = _bearer(request)
        try:
            pass_ = passes.read(token, self.secret)
            self._check(pass_, request.match_info["hearing"], uses)
            self.registry.use(pass_, token)
        except passes.InvalidPass as error:
            raise RequestRefused(401, error.code, WWW_Authenticate="Bearer") from error
        hearing = await self._on_air(pass_.hearing)
        if hearing is None:
            raise RequestRefused(503, "off_air", Retry_After="5")
        return pass_, hearing

    async def _on_air(self, hearing: str) -> HearingPort | None:
        over = asyncio.get_running_loop().time() + PATIENCE_S
        while (found := self.hearings.hearing(hearing)) is None:
            if asyncio.get_running_loop().time() > over or not self.hearings.may_begin():
                return None
            await asyncio.sleep(POLL_S)
        return found

    def _check(self, pass_: passes.Pass, hearing: str, uses: tuple[passes.Use, ...]) -> None:
        if pass_.hearing != hearing:
            raise passes.InvalidPass("other_hearing")
        if pass_.use not in uses:
            raise passes.InvalidPass("other_use")

    def session(self, request: web.Request) -> MediaSession:
        """Return the live session that a request names."""
        found = self.registry.get(request.match_info["session"])
        if found is None:
            raise RequestRefused(404, "ended")
        return found


def _bearer(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise RequestRefused(401, "pass_needed", WWW_Authenticate="Bearer")
    return token.strip()


def check_service(request: web.Request, secret: str) -> None:
    """Raise `RequestRefused` for a request without a service pass."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    try:
        pass_ = passes.read(token, secret)
    except passes.InvalidPass as error:
        raise RequestRefused(401, error.code, WWW_Authenticate="Bearer") from error
    if pass_.use != "service":
        raise RequestRefused(401, "service_only", WWW_Authenticate="Bearer")


async def offer_in(request: web.Request) -> str:
    """Return the offer in a request's body."""
    if request.content_type != SDP:
        detail = f"An offer is sent as {SDP}, and this is {request.content_type}."
        raise RequestRefused(415, "not_sdp", detail, Accept_Post=SDP)
    try:
        return (await request.read()).decode()
    except UnicodeDecodeError as error:
        raise RequestRefused(
            400, "bad_offer", "An offer is text in UTF-8, and this is not."
        ) from error


async def answered(session: MediaSession, answer: str, admission: Admission) -> web.Response:
    """Admit a session, and send the answer to its offer (RFC 9725 section 4.2)."""
    await admission.registry.enter(session)
    headers = {"Location": session.address, "ETag": f'"{session.id[:8]}"'}
    return web.Response(status=201, text=answer, content_type=SDP, headers=headers)


def refusal(status: int, error: Refusal, headers: dict[str, str] | None = None) -> web.Response:
    """Return the answer to a refused request."""
    return web.json_response(error.data(), status=status, headers=headers)


@web.middleware
async def refusals(request: web.Request, handler: RequestHandler) -> web.StreamResponse:
    """Turn exceptions of a handler into answers with a code."""
    try:
        return await handler(request)
    except RequestRefused as error:
        return refusal(error.status, error, error.headers)
    except (ControlRefused, TooManyOffers) as error:
        return _refused(error)
    except (BadOffer, NoCodec, Full) as error:
        later = {"Retry-After": "10"} if isinstance(error, Full) else None
        return refusal(_STATUS[type(error)], Refusal(error.code, str(error)), later)
    except ConnectionResetError:  # the client left before its request was complete
        return refusal(400, Refusal("broke_off"))
    except web.HTTPException as error:
        return _router_refusal(error)


def _refused(error: ControlRefused | TooManyOffers) -> web.Response:
    if isinstance(error, ControlRefused):
        return refusal(409, error)
    return refusal(error.status, error, {"Retry-After": "5"})


def _router_refusal(error: web.HTTPException) -> web.Response:
    if error.status not in _ROUTER:
        raise error
    kept = {name: value for name, value in error.headers.items() if name == "Allow"}
    code, values = _ROUTER[error.status]
    return refusal(error.status, Refusal(code, **values), kept)
