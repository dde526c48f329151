"""Middleware for requests with an unknown host name: a page says which setting to change."""

import logging
from collections.abc import Callable

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

log = logging.getLogger(__name__)


def middleware(
    answer: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Answer only requests for the site's own names.

    Django would answer with a page without a reason or, if DEBUG is on, with all settings.
    """

    def known(request: HttpRequest) -> HttpResponseBase:
        try:
            request.get_host()
        except DisallowedHost:
            name = str(request.META.get("HTTP_HOST", ""))[:200]
            log.warning("A request for the host %r was refused: see HEMICYCLE_HOSTS", name)
            return render(request, "400_host.html", status=400)
        return answer(request)

    return known
