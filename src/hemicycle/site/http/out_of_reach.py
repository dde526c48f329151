"""The answer 503 with a sentence, while the database, the record's key or the store of the files is
unreachable, or if only a newer version can read the record.
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
"""Within this time, another database server has usually taken over."""
VERSION_RETRY_AFTER_S = 5
"""Within this time, a proxy that checks `/readyz` chooses a machine that can answer, if any."""
WAITED_S = 2.0
"""A request that has waited longer for a thread does not also wait for a lost database."""
LATELY_S = 5.0
"""The database counts as lost if a request has failed for it within this time."""

_said_at = float("-inf")

log = logging.getLogger(__name__)


class SomethingAway:
    """Middleware that answers 503 if a view needs something unreachable: a signature, a file, or an
    entry of a newer version.

    The view's transaction has been rolled back by then, so the request can be repeated.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on; `process_exception` does the rest."""
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer for a view that lacked one of these; leave every other exception to Django."""
        if isinstance(error, UnreadableEntry):  # it has been logged already
            return _unavailable(request, "version", VERSION_RETRY_AFTER_S)
        if not isinstance(error, KeyUnavailable | StoreAway):
            return None
        log.error("%s", error)
        lacks = "file" if isinstance(error, StoreAway) else "signature"
        return _unavailable(request, lacks, RETRY_AFTER_S)


def spare_who_waited(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Return middleware that answers 503 at once if a request has waited while the database was
    lost.

    All threads may be waiting for the database; each queued request would otherwise wait as long.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        now = time.monotonic()
        came_at = getattr(request, "scope", {}).get(ARRIVED, now)
        if now - came_at > WAITED_S and now - _said_at < LATELY_S:
            return _unavailable(request, "database", DATABASE_RETRY_AFTER_S)
        return get_response(request)

    return middleware


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer for an unhandled exception, also from middleware: 503 if the database is unreachable
    or the record is of a newer version, else 500.

    Django calls this while it handles the exception.
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
