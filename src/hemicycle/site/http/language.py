"""The language of a page: that of the link, else that of the menu, else that of the browser.

A letter's links end in `?lang=fr`, so that its pages open in the letter's language, which is the
person's. The browser is sent on to the same address without it, with the language in the cookie
that the menu sets too: later pages, and the menu on them, need no parameter. Who signs in without
such a cookie gets the language stored for the person. Programs, which take no cookies, get the
answer in that language at once.
"""

from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.utils.http import escape_leading_slashes

from hemicycle.ui.languages import LINKED, is_spoken, spoken

_TO_KEEP = "hemicycle.language"


class LanguageMiddleware(LocaleMiddleware):
    """Django's middleware, with the language of a link and that of the person who signs in."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:  # type: ignore[override]
        """Choose the language; send a browser on that came with one in the address."""
        super().process_request(request)
        wanted = request.GET.get(LINKED, "") if request.method in {"GET", "HEAD"} else ""
        if not is_spoken(wanted):
            return None
        if "text/html" in request.headers.get("Accept", ""):
            response = HttpResponseRedirect(_without_language(request))
            add_never_cache_headers(response)
            _keep(response, spoken(wanted))
            return response
        translation.activate(spoken(wanted))
        request.LANGUAGE_CODE = translation.get_language()
        return None

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Name the language, and keep that of a person who has just signed in."""
        if language := request.META.get(_TO_KEEP):
            _keep(response, language)
        return super().process_response(request, response)


def _without_language(request: HttpRequest) -> str:
    query = [
        (name, value) for name, values in request.GET.lists() if name != LINKED for value in values
    ]
    path = escape_leading_slashes(request.path)
    return f"{path}?{urlencode(query)}" if query else path


def _keep(response: HttpResponseBase, language: str) -> None:
    """Set the cookie as Django's view of the menu does."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        path=settings.LANGUAGE_COOKIE_PATH,
        domain=settings.LANGUAGE_COOKIE_DOMAIN,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite=cast(Any, settings.LANGUAGE_COOKIE_SAMESITE),
    )


def _signed_in(
    sender: object, request: HttpRequest | None, user: AbstractBaseUser, **_: object
) -> None:
    if request is not None and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        request.META[_TO_KEEP] = spoken(getattr(user, "language", ""))


user_logged_in.connect(_signed_in, dispatch_uid="hemicycle.language.signed_in")
