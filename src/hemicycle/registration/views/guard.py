"""A form that is too large gets an answer of its own, before anything reads it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt, csrf_protect

View = Callable[..., HttpResponseBase]


def sized(view: View) -> View:
    """Answer a form beyond `DATA_UPLOAD_MAX_MEMORY_SIZE` with a 413 that says how to go on.

    The token is checked inside, since looking for it would already read the form.
    """
    protected = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        size = int(request.META.get("CONTENT_LENGTH") or 0)
        if size > (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or size):
            return _too_large(request, size)
        try:
            return protected(request, *args, **kwargs)
        except (RequestDataTooBig, TooManyFieldsSent):
            return _too_large(request, size)

    return guarded


def _too_large(request: HttpRequest, size: int) -> HttpResponseBase:
    most = (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0) / 1_048_576
    context = {"size": size / 1_048_576, "most": most}
    return render(request, "registration/too_large.html", context, status=413)
