"""Let browsers cache and revalidate public pages: an ETag saves sending an unchanged page again.

A page contains a CSRF token, which looks different each time, and it may greet a person who has
signed in. So only the browser may cache it, and revalidates it each time. The ETag is the digest
of the page with the CSRF secret in place of the token: a cached page works as long as its browser
has that secret.
"""

import re
from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import Concatenate

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers

_TOKEN = re.compile(rb'(name="csrfmiddlewaretoken" value=")[^"]*')
VARIES = ("Accept-Language", "Cookie")


def revalidated[**P](
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Give a public page an ETag, and answer 304 to a browser that has the page already.

    A response with its own `Cache-Control`, such as `no-store` on a page with personal content,
    is left unchanged.
    """

    @wraps(view)
    def answered(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if response.status_code != 200 or "Cache-Control" in response:
            return response
        assert isinstance(response, HttpResponse), "a page that is streamed has no ETag"
        response["Cache-Control"] = "private, no-cache"
        patch_vary_headers(response, VARIES)
        tag = f'W/"{_digest(request, response.content)}"'
        response["ETag"] = tag
        found = get_conditional_response(request, etag=tag, response=response)
        assert found is not None
        return found

    return answered


def _digest(request: HttpRequest, page: bytes) -> str:
    secret = request.META.get("CSRF_COOKIE", "").encode()
    settled = _TOKEN.sub(lambda found: found[1] + secret, page)
    return sha256(settled).hexdigest()[:32]
