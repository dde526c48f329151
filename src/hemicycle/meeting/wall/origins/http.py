"""Requests to other servers: small, and never to an internal address.

The secretariat names the server, and strangers write its answers. So `ssrf_guard` checks the target
of each request, redirects are not followed, and an answer that is late, too long or not JSON raises
`Trouble` with a code.
"""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Final

import aiohttp
from yarl import URL

from hemicycle import ssrf_guard
from hemicycle.record import clock

TIMEOUT: Final = aiohttp.ClientTimeout(total=10, connect=5)
MOST_BYTES: Final = 2 * 2**20
LONGEST_PAUSE_S: Final = 3600
HEADERS: Final = {"User-Agent": "Hemicycle", "Accept": "application/json"}


class Trouble(Exception):
    """A failed round: `code` is one of `gathering.PROBLEMS`, `wait_s` how long to wait, in s."""

    def __init__(self, code: str, wait_s: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class OriginResponse:
    """The JSON of another server, and the addresses in its Link header, by relation."""

    status: int
    data: Any
    links: Mapping[str, str]


@asynccontextmanager
async def asking() -> AsyncIterator[aiohttp.ClientSession]:
    """Open a session for one round."""
    async with aiohttp.ClientSession(
        connector=ssrf_guard.connector(limit=2),
        timeout=TIMEOUT,
        headers=HEADERS,
        cookie_jar=aiohttp.DummyCookieJar(),
    ) as session:
        yield session


async def ask(
    session: aiohttp.ClientSession, url: str, params: list[tuple[str, str]] | None = None
) -> OriginResponse:
    """Request an address; a 404 or 410 is an answer without data. Raises `Trouble`."""
    try:
        ssrf_guard.check(str(URL(url).origin()))
        async with session.get(url, params=params, allow_redirects=False) as response:
            if response.status in {404, 410}:
                return OriginResponse(response.status, None, {})
            _check(response)
            return OriginResponse(200, await _json(response), _links(response))
    except TimeoutError as error:
        raise Trouble("slow") from error
    except (ssrf_guard.Forbidden, aiohttp.ClientError, OSError, ValueError) as error:
        raise Trouble("unreachable") from error


def _check(response: aiohttp.ClientResponse) -> None:
    if response.status == 429:
        raise Trouble("limited", _pause(response.headers))
    if response.status in {401, 403, 422}:
        raise Trouble("closed")
    if response.status >= 500:
        raise Trouble("failing", _pause(response.headers))
    if response.status != 200:
        raise Trouble("odd")


def _pause(headers: Mapping[str, str]) -> int:
    """Return the pause in s that the server asks for, from Retry-After (RFC 9110, 10.2.3)."""
    said = headers.get("Retry-After", "")
    if said.isascii() and said.isdigit():
        seconds = int(said[:6])
    else:
        try:
            seconds = int((parsedate_to_datetime(said) - clock.now()).total_seconds()) + 1
        except (ValueError, TypeError):
            return 0
    return max(0, min(LONGEST_PAUSE_S, seconds))


async def _json(response: aiohttp.ClientResponse) -> Any:
    body = bytearray()
    async for chunk in response.content.iter_chunked(65_536):
        body += chunk
        if len(body) > MOST_BYTES:
            raise Trouble("long")
    try:
        return json.loads(bytes(body))
    except (ValueError, RecursionError) as error:
        raise Trouble("odd") from error


def _links(response: aiohttp.ClientResponse) -> dict[str, str]:
    """Return the addresses in the Link header that are on the same server, by relation."""
    here = response.url.origin()
    found = {}
    for relation, link in response.links.items():
        url = link.get("url")
        if url is not None and URL(str(url)).origin() == here:
            found[str(relation)] = str(url)
    return found
