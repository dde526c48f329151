"""Passkeys for staff: added after signing in by link, then used instead of one.

allauth keeps the keys and checks what browsers answer; these views only ask and show.
"""

import json
from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from hemicycle.hearing.people import limits, webauthn
from hemicycle.hearing.people.access import STAFF, signed_in
from hemicycle.hearing.people.actions import BACKEND
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.people.views import local_path

TRIES_AN_HOUR = 60


def _staff(request: HttpRequest) -> Person:
    person = request.user
    if isinstance(person, Person) and person.appointments.filter(role__in=STAFF).exists():
        return person
    raise PermissionDenied(_("Passkeys are for those who work for a hearing."))


def _keys(person: Person) -> Any:
    return webauthn.Authenticator.objects.filter(
        user=person, type=webauthn.Authenticator.Type.WEBAUTHN
    ).order_by("created_at")


@never_cache
@signed_in
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The person's passkeys, each with what removes it, and a form that adds one."""
    person = _staff(request)
    keys = [{"id": key.pk, "name": key.wrap().name, "row": key} for key in _keys(person)]
    return render(request, "people/passkeys.html", {"keys": keys})


@signed_in
@require_POST
def begin_adding(request: HttpRequest) -> HttpResponse:
    """What the browser needs to make a key."""
    return JsonResponse(webauthn.begin_registration(_staff(request), passwordless=True))


@signed_in
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Keep the key that the browser has made."""
    person = _staff(request)
    if _answer(request):
        data = {**request.POST.dict(), "passwordless": "on"}
        form = webauthn.AddWebAuthnForm(data, user=person)
        if form.is_valid():
            name = form.cleaned_data["name"][:80]
            webauthn.WebAuthn.add(person, name, form.cleaned_data["credential"])
            messages.success(request, _("The passkey “%(name)s” was added.") % {"name": name})
            return redirect("people:passkeys")
    messages.error(request, _("The passkey could not be checked. Add it once more."))
    return redirect("people:passkeys")


@signed_in
@require_POST
def remove(request: HttpRequest, key: int) -> HttpResponse:
    """Forget a key; links by mail still sign the person in."""
    found = get_object_or_404(_keys(_staff(request)), pk=key)
    name = found.wrap().name
    found.delete()
    messages.success(request, _("The passkey “%(name)s” was removed.") % {"name": name})
    return redirect("people:passkeys")


@require_POST
def begin_signing_in(request: HttpRequest) -> HttpResponse:
    """What the browser needs to ask its owner for a key."""
    if not limits.allowed(request, "passkey", most=TRIES_AN_HOUR, seconds=3600):
        return JsonResponse({"error": _("Too many attempts. Try again in an hour.")}, status=429)
    return JsonResponse(webauthn.begin_authentication())


@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in whoever holds the key."""
    after = local_path(request, request.POST.get("next", ""), reverse("hearing:mine"))
    if _answer(request):
        form = webauthn.LoginWebAuthnForm(request.POST)
        if form.is_valid():
            authenticator = form.cleaned_data["credential"]
            if authenticator.user.is_active:
                authenticator.record_usage()
                login(request, authenticator.user, backend=BACKEND)
                return redirect(after)
    messages.error(
        request, _("This passkey is not known here. Ask for a link by mail, then add it again.")
    )
    return redirect("people:sign-in")


def _answer(request: HttpRequest) -> bool:
    """Whether the form carries an answer of the shape that browsers give."""
    try:
        answer = json.loads(request.POST.get("credential", ""))
    except ValueError:
        return False
    return isinstance(answer, dict) and isinstance(answer.get("response"), dict)
