"""The answer while the database, the record's key or the store of the files is away, or where only
a newer version can read the record: 503, and a sentence.
"""

import logging
import sys
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views import defaults

from hemicycle.hearing.jobs.stored_files import StoreAway
from hemicycle.record.key_stores.base import KeyUnavailable
from hemicycle.record.unreadable import UnreadableEntry
from hemicycle.site import database_connections
from hemicycle.site.http.asgi_types import ARRIVED

RETRY_AFTER_S = 30
DATABASE_RETRY_AFTER_S = 5
"""Until then, another server of the database has usually taken over."""
VERSION_RETRY_AFTER_S = 5
"""Until then, a proxy that asks `/readyz` leads to a machine that can answer, if there is one."""
WAITED_S = 2.0
"""A request that has waited longer for a thread does not wait for a database that is away."""
LATELY_S = 5.0
"""It is away if a page has said so within this time."""

_said_at = float("-inf")

log = logging.getLogger(__name__)


class SomethingAway:
    """Middleware that answers 503 where a view needs what is out of reach: a signature, a file, or
    an entry of a newer version.

    The view's transaction has been undone by then, and the address can be asked again.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on."""
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer for a view that lacked one of these; leave every other exception alone."""
        if isinstance(error, UnreadableEntry):  # which is in the log already
            return _unavailable(request, "version", VERSION_RETRY_AFTER_S)
        if not isinstance(error, KeyUnavailable | StoreAway):
            return None
        log.error("%s", error)
        lacks = "file" if isinstance(error, StoreAway) else "signature"
        return _unavailable(request, lacks, RETRY_AFTER_S)


def spare_who_waited(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware that answers 503 at once to who has waited while others met with no database.

    All threads may wait for it; otherwise each request behind them would wait for as long again.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        now = time.monotonic()
        came_at = getattr(request, "scope", {}).get(ARRIVED, now)
        if now - came_at > WAITED_S and now - _said_at < LATELY_S:
            return _unavailable(request, "database", DATABASE_RETRY_AFTER_S)
        return get_response(request)

    return middleware


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer for what nobody has caught, in middleware too: 503 if the database is away or of a
    newer version, else 500.

    Django calls it while it handles the exception.
    """
    global _said_at  # noqa: PLW0603 - one for each process
    if database_connections.is_lost(sys.exception()):
        _said_at = time.monotonic()
        return _unavailable(request, "database", DATABASE_RETRY_AFTER_S)
    if isinstance(sys.exception(), UnreadableEntry):
        return _unavailable(request, "version", VERSION_RETRY_AFTER_S)
    return defaults.server_error(request)


def _unavailable(request: HttpRequest, lacks: str, after_s: int) -> HttpResponse:
    answer = render(request, "503.html", {"lacks": lacks}, status=503)
    answer["Retry-After"] = str(after_s)
    return answer
