"""What is said of a request that Django will not read."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A sentence for what is too large (413), and for anything else that cannot be read (400)."""
    if not isinstance(exception, RequestDataTooBig | TooManyFieldsSent):
        return render(request, "400.html", status=400)
    most = (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0) / 1_048_576
    sentence = _("What was sent is too large: at most %(most).1f MB of text fit into one form.")
    return render(request, "400.html", {"sentence": sentence % {"most": most}}, status=413)
