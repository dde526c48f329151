"""The answer while the record's key or the store of the files is away: 503, and a sentence."""

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from hemicycle.hearing.jobs.stored_files import StoreAway
from hemicycle.record.key_stores.base import KeyUnavailable

RETRY_AFTER_S = 30

log = logging.getLogger(__name__)


class SomethingAway:
    """Middleware that answers 503 where a view needs a signature or a file that is out of reach.

    The view's transaction has been undone by then, and the address can be asked again.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on."""
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer for a view that had no key or no file; leave every other exception alone."""
        if not isinstance(error, KeyUnavailable | StoreAway):
            return None
        log.error("%s", error)
        context = {"lacks_file": isinstance(error, StoreAway)}
        answer = render(request, "503.html", context, status=503)
        answer["Retry-After"] = str(RETRY_AFTER_S)
        return answer
