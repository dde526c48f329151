"""At the doors of the engine: who may come in, with what, and how a refusal is told."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from hemicycle.engine.control import passes
from hemicycle.engine.control.sessions import (
    ControlRefused,
    HearingFinder,
    HearingPort,
    MediaSession,
    SessionRegistry,
)
from hemicycle.engine.refusals import SENTENCES, code_of
from hemicycle.engine.rtc.errors import BadOffer, NoCodec, NoPort
from hemicycle.engine.rtc.offers import MAX_BYTES
from hemicycle.engine.rtc.peer_factory import PeerFactory

SDP = "application/sdp"

PATIENCE_S = 6.0
"""How long somebody with a good pass waits for the hearing to come on the air."""

POLL_S = 0.1

_UNASKED = {
    404: "There is nothing at this address of the media engine.",
    405: "This address does not take such a request.",
    413: f"This is too long: at most {MAX_BYTES // 1024} kB are taken.",
}

_STATUS: dict[type[Exception], tuple[int, str]] = {
    ControlRefused: (409, ""),
    BadOffer: (400, "bad_offer"),
    NoCodec: (406, "no_codec"),
    NoPort: (503, "no_port"),
}
"""By what was raised: the status, and the code where its sentence has none."""

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class RequestRefused(Exception):
    """A request that is answered with a status and a sentence, or with what `code` says."""

    def __init__(self, status: int, sentence: str, *, code: str = "", **headers: str) -> None:
        super().__init__(sentence)
        self.status, self.code = status, code
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


@dataclass(frozen=True, slots=True)
class Admission:
    """What the handlers share."""

    hearings: HearingFinder
    secret: str
    exchange: PeerFactory
    registry: SessionRegistry

    async def admit(
        self, request: web.Request, *uses: passes.Use
    ) -> tuple[passes.Pass, HearingPort]:
        """The pass of a request to `/media/…/<hearing>`, used up, and its hearing on the air.

        A hearing that is on its way to the air is waited for: the pass is a sign that it is wanted.
        """
        token = _bearer(request)
        try:
            given = passes.read(token, self.secret)
            self._check(given, request.match_info["hearing"], uses)
            self.registry.use(given, token)
        except passes.InvalidPass as error:
            raise RequestRefused(401, str(error), WWW_Authenticate="Bearer") from error
        onair = await self._on_air(given.hearing)
        if onair is None:
            raise RequestRefused(503, SENTENCES["off_air"], Retry_After="5")
        return given, onair

    async def _on_air(self, hearing: str) -> HearingPort | None:
        over = asyncio.get_running_loop().time() + PATIENCE_S
        while (found := self.hearings.hearing(hearing)) is None:
            if asyncio.get_running_loop().time() > over:
                return None
            await asyncio.sleep(POLL_S)
        return found

    def _check(self, given: passes.Pass, hearing: str, uses: tuple[passes.Use, ...]) -> None:
        if given.hearing != hearing:
            raise passes.InvalidPass(SENTENCES["other_hearing"])
        if given.use not in uses:
            raise passes.InvalidPass(SENTENCES["other_use"])

    def session(self, request: web.Request) -> MediaSession:
        """The live session that a request names."""
        found = self.registry.get(request.match_info["session"])
        if found is None:
            raise RequestRefused(404, SENTENCES["ended"])
        return found


def _bearer(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        sentence = "A pass is needed here: send it as “Authorization: Bearer …”."
        raise RequestRefused(401, sentence, WWW_Authenticate="Bearer")
    return token.strip()


async def offer_in(request: web.Request) -> str:
    """The offer in a request's body."""
    if request.content_type != SDP:
        sentence = f"An offer is sent as {SDP}, and this is {request.content_type}."
        raise RequestRefused(415, sentence, Accept_Post=SDP)
    try:
        return (await request.read()).decode()
    except UnicodeDecodeError as error:
        raise RequestRefused(400, "An offer is text in UTF-8, and this is not.") from error


async def answered(session: MediaSession, answer: str, admission: Admission) -> web.Response:
    """Let a session in whose offer was answered (RFC 9725 section 4.2)."""
    await admission.registry.enter(session)
    headers = {"Location": f"/media/session/{session.id}", "ETag": f'"{session.id[:8]}"'}
    return web.Response(status=201, text=answer, content_type=SDP, headers=headers)


def refusal(
    status: int, sentence: str, headers: dict[str, str] | None = None, code: str = ""
) -> web.Response:
    """A refusal, as all of the engine's: a sentence, and the code of what pages say instead."""
    told = {"error": sentence, "code": code or code_of(sentence)}
    return web.json_response(told, status=status, headers=headers)


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what was raised into an answer with a sentence."""
    try:
        return await handler(request)
    except RequestRefused as error:
        return refusal(error.status, str(error), error.headers, error.code)
    except tuple(_STATUS) as error:
        later = {"Retry-After": "10"} if isinstance(error, NoPort) else None
        status, code = _STATUS[type(error)]
        return refusal(status, str(error), later, code)
    except ConnectionResetError:  # whoever asked has gone before the question was whole
        return refusal(400, SENTENCES["broke_off"])
    except web.HTTPException as error:
        return _unasked(error)


def _unasked(error: web.HTTPException) -> web.Response:
    if error.status not in _UNASKED:
        raise error
    kept: dict[str, Any] = {k: v for k, v in error.headers.items() if k == "Allow"}
    return refusal(error.status, _UNASKED[error.status], kept)
