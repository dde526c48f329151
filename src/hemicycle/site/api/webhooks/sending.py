"""One attempt to deliver: a POST with limits of time and size that follows no redirect."""

import time
from dataclasses import dataclass

import aiohttp

from hemicycle import ssrf_guard

TOTAL_S = 10.0
MOST_READ = 2000
"""The number of bytes read from an answer, and of its characters that are stored."""

GONE = 410


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """The content and the target of a delivery."""

    url: str
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """The result of an attempt: status and first characters of the answer, or a problem.

    `problem` is one of: forbidden, time-out, unreachable, certificate, garbage, redirect, refused;
    "" for an accepted message.
    """

    status: int | None
    text: str
    problem: str
    took_ms: int

    @property
    def is_taken(self) -> bool:
        """Whether the receiver accepted the message."""
        return not self.problem


def session() -> aiohttp.ClientSession:
    """Return a session for webhooks: guarded, without cookies, at most `TOTAL_S` for a request."""
    return aiohttp.ClientSession(
        connector=ssrf_guard.connector(force_close=True),
        timeout=aiohttp.ClientTimeout(total=TOTAL_S),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
        max_line_size=8190,
        max_field_size=8190,
    )


async def send(through: aiohttp.ClientSession, message: WebhookRequest) -> DeliveryResult:
    """Send a message once; errors of the receiver and the network are in the result, not raised."""
    begun = time.monotonic()
    status, text, problem = None, "", ""
    try:
        ssrf_guard.check(message.url)
        async with through.post(
            message.url, data=message.body, headers=message.headers, allow_redirects=False
        ) as response:
            status = response.status
            problem = _judge(status)
            text = await _beginning(response)
    except (ssrf_guard.Forbidden, ssrf_guard.ForbiddenPlace, aiohttp.InvalidURL):
        problem = "forbidden"
    except TimeoutError:
        problem = problem or ("" if status and not _judge(status) else "time-out")
    except aiohttp.ClientSSLError:
        problem = "certificate"
    except aiohttp.ClientConnectorError as error:
        inside = isinstance(error.os_error, ssrf_guard.ForbiddenPlace)
        problem = "forbidden" if inside else "unreachable"
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, OSError):
        problem = problem or ("" if status else "unreachable")
    except (aiohttp.ClientError, ValueError):
        problem = problem or ("" if status else "garbage")
    return DeliveryResult(status, text, problem, round((time.monotonic() - begun) * 1000))


def _judge(status: int) -> str:
    if 200 <= status < 300:
        return ""
    return "redirect" if 300 <= status < 400 else "refused"


async def _beginning(response: aiohttp.ClientResponse) -> str:
    """Return the beginning of an answer as text; the rest is not read."""
    read = b""
    while len(read) < MOST_READ:
        chunk = await response.content.read(MOST_READ - len(read))
        if not chunk:
            break
        read += chunk
    return read.decode("utf-8", "replace").replace("\0", "")
