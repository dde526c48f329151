"""Rate limits on all public addresses: counts visitors' requests, and refuses excessive ones.

One middleware applies the table in `policies` to all pages; a bare application is wrapped in
`Streams`. Both count with `hearing.people.limits`, that is, across all processes.
"""

import asyncio
import math
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponseBase

from hemicycle.hearing.people import limits
from hemicycle.hearing.people.models import Person
from hemicycle.record import clock
from hemicycle.site.http.asgi_types import Application, Receive, Scope, Send
from hemicycle.site.security.policies import FEED, Policy, Rate, policy_for, typed
from hemicycle.ui import errors

MOST_TARGETS = 20
"""The number of e-mail addresses of one form that are counted; no form of ours has more."""


class Brake:
    """Middleware that answers 429 instead of a view if a visitor makes too many requests."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._answer(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        """Count the request; return the answer 429, or None to let the view answer."""
        policy = policy_for(request)
        if policy is None or limits.is_free(limits.network_of(request)):
            return None
        for what, caller, rate in _counts(policy, request, kwargs):
            wait_s = _wait_s(what, caller, rate)
            if wait_s:
                return errors.too_many(request, wait_s)
        return None


def _counts(
    policy: Policy, request: HttpRequest, kwargs: dict[str, Any]
) -> Iterator[tuple[str, str, Rate]]:
    """Yield what to count for a request: the name of the limit, its subject, and the rate."""
    if isinstance(request.user, Person):
        yield policy.name, f"person {request.user.pk}", policy.known
    elif "secret" in kwargs:  # its view refuses an invalid link
        yield policy.name, f"link {_digest(kwargs['secret'])}", policy.known
    else:
        yield policy.name, limits.network_of(request), policy.stranger
    if policy.target is not None:
        for address in _targets(request):
            yield f"{policy.name}-address", address, policy.target


def _targets(request: HttpRequest) -> list[str]:
    """Return the e-mail addresses in a form, each once; none if the form is too large."""
    given = [value for name, value in typed(request).items() if name.endswith("email")]
    found = {value.strip().casefold() for value in given if "@" in value}
    return sorted(found)[:MOST_TARGETS]


def _digest(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _wait_s(what: str, caller: str, rate: Rate) -> int:
    """Count once; return the seconds until the next attempt, 0 if this one is allowed."""
    now_ms = clock.now_ms()
    made = limits.count(
        what, caller, most=rate.most, until_ms=now_ms + rate.seconds * 1000, alone=rate.alone
    )
    if made.used <= rate.most:
        return 0
    return max(1, math.ceil((made.until_ms - now_ms) / 1000))


def _wait_s_apart(what: str, caller: str, rate: Rate) -> int:
    """Call `_wait_s` in another thread, and close its database connection after it."""
    try:
        return _wait_s(what, caller, rate)
    finally:
        connection.close()


class Streams:
    """A bare application with a limit of requests for each network."""

    def __init__(self, application: Application, what: str = "feed", rate: Rate = FEED) -> None:
        self._application, self._what, self._rate = application, what, rate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 429."""
        address = scope["client"][0] if scope.get("client") else ""
        caller = limits.network_at(address)
        wait_s = 0
        if not limits.is_free(caller):
            wait_s = await asyncio.to_thread(_wait_s_apart, self._what, caller, self._rate)
        if not wait_s:
            await self._application(scope, receive, send)
            return
        headers = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"retry-after", str(wait_s).encode()),
            (b"cache-control", b"no-store"),
        ]
        await send({"type": "http.response.start", "status": 429, "headers": headers})
        sentence = f"Too many requests. Try again in {wait_s} seconds."
        await send({"type": "http.response.body", "body": sentence.encode()})
