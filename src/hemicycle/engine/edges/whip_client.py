"""A WHIP client (RFC 9725): one POST with the offer, one DELETE at the end.

The operator names the edges, and an edge gets a token that permits publishing. So a redirect is
followed only once, and only to the same origin; an answer is read up to `offers.MAX_BYTES`; no
request waits longer than `ANSWER_S`.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import aiohttp

from hemicycle.engine.rtc.offers import MAX_BYTES

ANSWER_S = 5.0
"""Seconds within which an edge must have sent its whole answer."""

LONGEST_PAUSE_S = 30.0
"""The longest pause that an edge may ask for (`Retry-After`), in seconds."""

SDP = "application/sdp"
CREATED = 201
SAME_METHOD = frozenset({307, 308})
REFUSED = {401: "token", 403: "token", 404: "path", 409: "taken", 503: "full"}

_TIMEOUT = aiohttp.ClientTimeout(total=ANSWER_S)


class EdgeRefused(Exception):
    """Raised when an edge does not take a stream: `reason` is a code, `str()` an English detail.

    Reasons: unreachable, slow, token, path (unknown), taken (by another publisher), full, redirect
    (elsewhere), answer (unreadable), lost. `again_s` is the pause that the edge asks for, in
    seconds; 0 for none.
    """

    def __init__(self, reason: str, detail: str, again_s: float = 0.0) -> None:
        super().__init__(detail)
        self.reason, self.again_s = reason, again_s


@dataclass(frozen=True, slots=True)
class WhipAnswer:
    """An accepted offer: the answer (SDP), and the session's address, "" if there is none."""

    sdp: str
    session: str


async def publish(http: aiohttp.ClientSession, address: str, offer: str, token: str) -> WhipAnswer:
    """Offer a stream; return the edge's answer. Raises `EdgeRefused`."""
    headers = {"Content-Type": SDP, "Authorization": f"Bearer {token}"}
    try:
        return await _publish(http, address, offer, headers)
    except TimeoutError as error:
        detail = f"It has not answered within {ANSWER_S:.0f} seconds."
        raise EdgeRefused("slow", detail) from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise EdgeRefused("unreachable", f"{error!r:.200}") from error


async def _publish(
    http: aiohttp.ClientSession, address: str, offer: str, headers: Mapping[str, str]
) -> WhipAnswer:
    at = address
    for _ in range(2):
        async with http.post(
            at, data=offer, headers=headers, allow_redirects=False, timeout=_TIMEOUT
        ) as response:
            if response.status not in SAME_METHOD:
                return await _accepted(response, at)
            at = _led(at, response.headers.get("Location", ""))
    raise EdgeRefused("redirect", "It redirects again and again.")


def _led(address: str, location: str) -> str:
    """Return the target of a redirect. Raises `EdgeRefused` if that is another server."""
    to = urljoin(address, location)
    if not location or _origin(to) != _origin(address):
        raise EdgeRefused("redirect", "It redirects to another server.")
    return to


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc


async def _accepted(response: aiohttp.ClientResponse, address: str) -> WhipAnswer:
    if response.status != CREATED:
        reason = REFUSED.get(response.status, "answer")
        detail = f"It answered {response.status}."
        raise EdgeRefused(reason, detail, _again_s(response.headers.get("Retry-After", "")))
    if response.content_type != SDP:
        raise EdgeRefused("answer", f"Its answer is {response.content_type!r:.60}.")
    data = await _at_most(response, MAX_BYTES)
    location = response.headers.get("Location", "")
    session = urljoin(address, location) if location else ""
    # The token is also sent with the DELETE, so that address must not lead elsewhere either.
    if _origin(session) != _origin(address):
        session = ""
    try:
        return WhipAnswer(data.decode(), session)
    except UnicodeDecodeError as error:
        raise EdgeRefused("answer", "Its answer is not text in UTF-8.") from error


async def _at_most(response: aiohttp.ClientResponse, most: int) -> bytes:
    data = bytearray()
    async for block in response.content.iter_chunked(8192):
        data += block
        if len(data) > most:
            raise EdgeRefused("answer", f"Its answer has more than {most} bytes.")
    return bytes(data)


def _again_s(header: str) -> float:
    return min(LONGEST_PAUSE_S, float(header)) if header.isdecimal() else 0.0


async def withdraw(http: aiohttp.ClientSession, session: str, token: str) -> None:
    """End a published stream. If the edge does not answer, it ends the stream after a timeout."""
    headers = {"Authorization": f"Bearer {token}"}
    with suppress(aiohttp.ClientError, OSError, TimeoutError, ValueError):
        async with http.delete(session, headers=headers, allow_redirects=False, timeout=_TIMEOUT):
            pass
