"""The second step of signing in, and the page on which a first factor is set up."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from hemicycle import security_log
from hemicycle.hearing.people import factors, notices, second_factor
from hemicycle.hearing.people import private_allauth as mfa
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.people.redirects import local_path
from hemicycle.hearing.people.sessions import Proof
from hemicycle.security_log import SecurityEvent


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Ask for the second factor, or to set one up if the person has none yet."""
    found = second_factor.waiting(request)
    if found is None:
        messages.info(request, _("Your sign-in took too long. Start again."))
        return redirect("people:sign-in")
    person, after = found
    is_new = not second_factor.has_any(person)
    if request.method == "POST":
        if not second_factor.may_try(person):
            return _ask(request, person, is_new=is_new, error=TOO_MANY(), status=429)
        proof = (_set_up if is_new else _shown)(request, person)
        if proof is not None:
            return _finish(request, person, proof, after, is_new=is_new)
        security_log.note(SecurityEvent.SIGN_IN_FAILED, person=person.id, what="second-step")
        return _ask(request, person, is_new=is_new, error=_wrong(request), status=422)
    return _ask(request, person, is_new=is_new)


def TOO_MANY() -> str:  # noqa: N802 - a sentence in the reader's language
    """Return the message after too many attempts."""
    return _("Too many attempts. Try again in 15 minutes.")


def _wrong(request: HttpRequest) -> str:
    if "code" in request.POST:
        return _("This code is not correct. Enter the newest code. Each code works once.")
    return _("The passkey could not be checked. Try again.")


def _shown(request: HttpRequest, person: Person) -> Proof | None:
    if "code" in request.POST:
        return second_factor.proof_by_code(person, request.POST["code"])
    return Proof.PASSKEY if factors.passkey_shown(request, person) else None


def _set_up(request: HttpRequest, person: Person) -> Proof | None:
    if "code" in request.POST:
        return Proof.TOTP if factors.add_app(request, person, request.POST["code"]) else None
    return Proof.PASSKEY if factors.add_passkey(request, person) else None


def _finish(
    request: HttpRequest, person: Person, proof: Proof, after: str, *, is_new: bool
) -> HttpResponse:
    second_factor.sign_in(request, person, proof, after)
    after = local_path(request, after, reverse("hearing:mine"))
    if not is_new:
        return redirect(after)
    factors.new_recovery_codes(request, person)
    request.session[factors.AFTER] = after
    added = {
        Proof.PASSKEY: gettext_noop("A passkey was added to your sign-in."),
        Proof.TOTP: gettext_noop("An authenticator app was added to your sign-in."),
    }
    notices.key_changed(person, added[proof])
    return redirect("people:recovery-codes")


def _ask(
    request: HttpRequest, person: Person, *, is_new: bool, error: str = "", status: int = 200
) -> HttpResponse:
    kinds = second_factor.kinds_of(person)
    context = {
        "person": person,
        "error": error,
        "has_passkey": second_factor.Kind.WEBAUTHN in kinds,
        "has_app": second_factor.Kind.TOTP in kinds,
        **(factors.app_to_scan(request, person) if is_new else {}),
    }
    template = "people/set_up.html" if is_new else "people/second_step.html"
    return render(request, template, context, status=status)


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Return the options with which the browser creates a passkey or asks for one."""
    found = second_factor.waiting(request)
    if found is None:
        return JsonResponse({"error": _("Start again.")}, status=403)
    person, _after = found
    if second_factor.has_any(person):
        return JsonResponse(mfa.begin_authentication(person))
    return JsonResponse(mfa.begin_registration(person, passwordless=True))
