"""Ask people to confirm their identity again before a dangerous action.

The setting `DANGEROUS_ACTS` names a module that lists these actions by their URL names. If the last
proof is older than the time that the settings allow, a page asks for a passkey or a code. The page
keeps what was typed and submits it to the original address afterwards, so nothing is lost and
nothing is done twice.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from hemicycle.hearing.people import factors, institutions, second_factor
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.people.redirects import local_path
from hemicycle.hearing.people.second_step import TOO_MANY

CODE, CREDENTIAL, METHOD = "confirm-code", "credential", "confirm-method"
OURS = frozenset({CODE, CREDENTIAL, METHOD, "confirm", "csrfmiddlewaretoken"})

Answer = Callable[[HttpRequest], HttpResponseBase]


class ConfirmationMiddleware:
    """Asks for a proof before a dangerous action, on sites where staff have a second factor."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._acts: dict[str, frozenset[str]] = import_string(settings.DANGEROUS_ACTS)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        return self._answer(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponseBase | None:
        """Let the action pass, or ask for a proof first."""
        if not settings.STAFF_SECOND_FACTOR:
            return None
        name = request.resolver_match.view_name if request.resolver_match else ""
        acts = self._acts.get(name, frozenset())
        is_answer = request.method == "POST" and "confirm" in request.POST
        method = "GET" if request.method == "HEAD" else str(request.method)
        if is_answer and "GET" in acts and request.POST.get(METHOD) == "GET":
            method = "GET"  # the proof is requested again, so nothing else passes
        if method not in acts or not isinstance(request.user, Person):
            return None
        if is_answer:
            return self._take(request, request.user, method)
        if second_factor.proved_lately(request) or not second_factor.concerns(request.user):
            return None
        return _ask(request, request.user, method)

    def _take(self, request: HttpRequest, person: Person, method: str) -> HttpResponseBase | None:
        if not second_factor.may_try(person):
            return _ask(request, person, method, error=TOO_MANY(), status=429)
        if not _is_them(request, person):
            said = _("The code could not be checked. Try again. Each code works once.")
            return _ask(request, person, method, error=said, status=422)
        second_factor.prove(request)
        return redirect(request.get_full_path()) if method == "GET" else None


def _is_them(request: HttpRequest, person: Person) -> bool:
    if request.POST.get(CODE):
        return second_factor.proof_by_code(person, request.POST[CODE]) is not None
    return factors.passkey_shown(request, person)


def _back(request: HttpRequest, method: str) -> str:
    """Return the address after signing in elsewhere: this page, or the page with the form."""
    if method == "GET":
        return request.get_full_path()
    page = urlsplit(request.headers.get("referer", ""))
    is_ours = page.netloc == request.get_host()
    return local_path(request, page.path if is_ours else "", reverse("hearing:mine"))


def _ask(
    request: HttpRequest, person: Person, method: str, *, error: str = "", status: int = 403
) -> HttpResponse:
    kinds = second_factor.kinds_of(person)
    context: dict[str, Any] = {
        "fields": [
            (name, value)
            for name, values in request.POST.lists()
            if name not in OURS
            for value in values
        ],
        "method": method,
        "error": error,
        "here": request.get_full_path(),
        "has_passkey": second_factor.Kind.WEBAUTHN in kinds,
        "has_code": bool(kinds - {second_factor.Kind.WEBAUTHN}),
        "has_files": bool(request.FILES),
        "institutions": institutions.links(_back(request, method)),
    }
    response = render(request, "people/confirm.html", context, status=status)
    add_never_cache_headers(response)
    return response
