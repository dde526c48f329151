"""The language of a page: from the link, or else from the menu, or else from the browser.

The links of a letter end in `?lang=fr`, so that the pages open in the letter's language, which is
the recipient's. A browser is redirected to the same address without the parameter, and the language
is stored in the cookie that the menu also sets, so that later pages need no parameter. People who
sign in without this cookie get the language stored for them. Programs do not keep cookies and get
the answer in the language of the parameter at once.
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

from hemicycle.ui.languages import LINKED, SOURCE, is_spoken, spoken

_TO_KEEP = "hemicycle.language"


class LanguageMiddleware(LocaleMiddleware):
    """Django's middleware, extended by the language of a link and of the person who signs in."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:  # type: ignore[override]
        """Choose the language; redirect a browser whose address names one."""
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
        """Name the language, and store that of a person who has just signed in."""
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
    """Set the same cookie as Django's view of the menu."""
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
    language = spoken(getattr(user, "language", ""))
    # English is also stored for people who were never asked, so the browser decides.
    if request is None or language == SOURCE:
        return
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        request.META[_TO_KEEP] = language


user_logged_in.connect(_signed_in, dispatch_uid="hemicycle.language.signed_in")
