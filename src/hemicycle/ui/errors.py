"""Error pages for requests that cannot be read, and for too many requests."""

import re
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import (
    BadRequest,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
)
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hemicycle.record import clock

_CODE = re.compile(r"\W*|/.*|on|yes|no|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""Values that nobody typed: empty ones, paths, values of checkboxes and ids."""
MOST_REPEATED = 2**18
"""The largest form that a 429 page repeats, in bytes; only forms with files are larger."""


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that is too large (413), or that cannot be read (400), with a sentence."""
    if not isinstance(exception, RequestDataTooBig | TooManyFieldsSent):
        return render(request, "400.html", status=400)
    most = (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0) / 1_048_576
    sentence = _("This form is too large. A form can hold at most %(most).1f MB of text.")
    return render(request, "400.html", {"sentence": sentence % {"most": most}}, status=413)


def too_many(request: HttpRequest, wait_s: int) -> HttpResponse:
    """Return a 429 that says when to try again: a page with what was typed, JSON for a script."""
    headers = {"Retry-After": str(wait_s), "Cache-Control": "no-store"}
    sentence = _wait_sentence(wait_s)
    if not _wants_page(request):
        told = {"code": "too_many", "error": sentence, "retry_after": wait_s}
        return JsonResponse(told, status=429, headers=headers)
    at = clock.now() + timedelta(seconds=wait_s)
    typed, files = _typed(request)
    context = {
        "sentence": sentence,
        "at": at,
        "typed": typed,
        "words": _words(typed),
        "files": files,
    }
    response = render(request, "429.html", context, status=429)
    for name, value in headers.items():
        response.headers[name] = value
    return response


def _wait_sentence(wait_s: int) -> str:
    minutes = -(-wait_s // 60)
    if minutes < 120:
        said = ngettext(
            "Try again in %(count)d minute.", "Try again in %(count)d minutes.", minutes
        )
        return said % {"count": minutes}
    hours = -(-minutes // 60)
    said = ngettext("Try again in %(count)d hour.", "Try again in %(count)d hours.", hours)
    return said % {"count": hours}


def _wants_page(request: HttpRequest) -> bool:
    """Whether a person sees the answer: browsers ask for HTML when they open a page."""
    accepted = request.headers.get("Accept", "text/html")
    return "text/html" in accepted and "X-Requested-With" not in request.headers


def _typed(request: HttpRequest) -> tuple[list[tuple[str, str]], list[str]]:
    """Return the values of a form to send again, and the names of its file fields."""
    size = int(request.META.get("CONTENT_LENGTH") or 0)
    if request.method != "POST" or size > MOST_REPEATED:
        return [], []
    try:
        fields = [(name, value) for name, values in request.POST.lists() for value in values]
        files = list(request.FILES)
    except (BadRequest, SuspiciousOperation, MultiPartParserError, UnreadablePostError):
        return [], []
    return [(name, str(value)) for name, value in fields if name != "csrfmiddlewaretoken"], files


def _words(typed: list[tuple[str, str]]) -> list[str]:
    """Return the text that a person typed into a form, without hidden fields and chosen codes."""
    return [value for name, value in typed if "_key" not in name and not _CODE.fullmatch(value)]
