"""An answer to forms that are too large, before they are read."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from hemicycle.ui.uploads import FileRule, takes_files

View = Callable[..., HttpResponseBase]


def sized(view: View, *, files: FileRule | None = None) -> View:
    """Answer a form that is too large with a 413 that says how to continue.

    Typed text is limited to `DATA_UPLOAD_MAX_MEMORY_SIZE`, and the form's file to what `files`
    allows. The CSRF token is checked after that, since looking for it would already read the form.
    """
    protected = csrf_protect(view)
    typed = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
    of_files = files.most if files else 0

    @takes_files(of_files)
    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        size = int(request.META.get("CONTENT_LENGTH") or 0)
        if size > typed + of_files:
            return _too_large(request, size, typed, files)
        try:
            return protected(request, *args, **kwargs)
        except (RequestDataTooBig, TooManyFieldsSent):
            return _too_large(request, size, typed)

    return guarded


def _too_large(
    request: HttpRequest, size: int, most: int, files: FileRule | None = None
) -> HttpResponseBase:
    context = {"size": size / 1_048_576, "most": most / 1_048_576, "files": files}
    return render(request, "registration/too_large.html", context, status=413)
