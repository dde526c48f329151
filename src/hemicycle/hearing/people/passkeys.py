"""The page of a person's own sign-in: passkeys, authenticator app, recovery codes and sessions."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hemicycle import security_log
from hemicycle.hearing.people import factors, notices, second_factor, sessions
from hemicycle.hearing.people import private_allauth as mfa
from hemicycle.hearing.people.access import STAFF, appointments_of, signed_in
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.people.redirects import local_path
from hemicycle.hearing.people.sessions import Proof
from hemicycle.security_log import SecurityEvent


def _staff(request: HttpRequest) -> Person:
    person = request.user
    if isinstance(person, Person) and (
        person.is_administrator or appointments_of(person).filter(role__in=STAFF).exists()
    ):
        return person
    raise PermissionDenied(_("Passkeys are for people who work for a hearing."))


@never_cache
@signed_in
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the person's ways of signing in, and their sessions."""
    person = _staff(request)
    kinds = second_factor.kinds_of(person)
    rows = factors.passkeys_of(person)
    context = {
        "keys": [{"id": key.pk, "name": key.wrap().name, "row": key} for key in rows],
        "has_app": second_factor.Kind.TOTP in kinds,
        "codes_left": len(factors.recovery_codes(person)),
        "has_factor": second_factor.has_any(person),
        "sessions": _sessions(request, person),
    }
    return render(request, "people/passkeys.html", context)


def _sessions(request: HttpRequest, person: Person) -> list[dict[str, Any]]:
    own = sessions.holder(request)
    return [
        {
            "device": notices.device_name(row.device),
            "network": row.network,
            "proof": row.get_proof_display(),
            "began_at": row.began_at,
            "seen_at": row.seen_at,
            "is_own": row.pk.hex == own,
        }
        for row in sessions.of(person)
    ]


@signed_in
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """End every session of the person except this one."""
    person = _staff(request)
    count = sessions.end(sessions.of(person).exclude(pk=request.session[sessions.ROW]))
    said = ngettext("%(n)d other session was ended.", "%(n)d other sessions were ended.", count)
    messages.success(request, said % {"n": count})
    return redirect("people:passkeys")


@signed_in
@require_POST
def begin_adding(request: HttpRequest) -> HttpResponse:
    """Return the options with which the browser creates a key."""
    return JsonResponse(mfa.begin_registration(_staff(request), passwordless=True))


@signed_in
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Store the key that the browser has created."""
    person = _staff(request)
    name = factors.add_passkey(request, person)
    if name is None:
        messages.error(request, _("The passkey could not be checked. Add it again."))
        return redirect("people:passkeys")
    messages.success(request, _("The passkey “%(name)s” was added.") % {"name": name})
    notices.key_changed(person, gettext_noop("A passkey was added to your sign-in."))
    return _with_codes(request, person)


def _with_codes(request: HttpRequest, person: Person) -> HttpResponse:
    """Redirect to new recovery codes if the person has none, else to the list of keys."""
    if factors.recovery_codes(person):
        return redirect("people:passkeys")
    factors.new_recovery_codes(request, person)
    return redirect("people:recovery-codes")


@signed_in
@require_POST
def remove(request: HttpRequest, key: int) -> HttpResponse:
    """Delete a key."""
    person = _staff(request)
    found = get_object_or_404(factors.passkeys_of(person), pk=key)
    name = found.wrap().name
    if _is_last(person, found):
        messages.error(
            request, _("This is your only passkey. Add another passkey or an app first.")
        )
        return redirect("people:passkeys")
    found.delete()
    security_log.note(SecurityEvent.CREDENTIAL_REMOVED, person=person.id, what="passkey")
    messages.success(request, _("The passkey “%(name)s” was removed.") % {"name": name})
    notices.key_changed(person, gettext_noop("A passkey was removed from your sign-in."))
    return redirect("people:passkeys")


def _is_last(person: Person, found: Any) -> bool:
    """Whether this is the last factor of a person who must have one."""
    kinds = (second_factor.Kind.WEBAUTHN, second_factor.Kind.TOTP)
    others = mfa.Authenticator.objects.filter(user=person, type__in=kinds).exclude(pk=found.pk)
    return second_factor.concerns(person) and not others.exists()


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def app(request: HttpRequest) -> HttpResponse:
    """Set up an authenticator app; a new one replaces the old one."""
    person = _staff(request)
    error = ""
    if request.method == "POST":
        if not second_factor.may_try(person):
            error = _("Too many attempts. Try again in 15 minutes.")
        elif factors.add_app(request, person, request.POST.get("code", "")):
            messages.success(request, _("The authenticator app was added."))
            said = gettext_noop("An authenticator app was added to your sign-in.")
            notices.key_changed(person, said)
            return _with_codes(request, person)
        else:
            error = _("This code is not correct. Enter the newest code. Each code works once.")
    context = {**factors.app_to_scan(request, person), "error": error}
    return render(request, "people/app.html", context, status=422 if error else 200)


@signed_in
@require_POST
def remove_app(request: HttpRequest) -> HttpResponse:
    """Delete the authenticator app."""
    person = _staff(request)
    found = get_object_or_404(mfa.Authenticator, user=person, type=second_factor.Kind.TOTP)
    if _is_last(person, found):
        messages.error(request, _("The app is your only way to sign in. Add a passkey first."))
        return redirect("people:passkeys")
    found.delete()
    security_log.note(SecurityEvent.CREDENTIAL_REMOVED, person=person.id, what="app")
    messages.success(request, _("The authenticator app was removed."))
    notices.key_changed(
        person, gettext_noop("The authenticator app was removed from your sign-in.")
    )
    return redirect("people:passkeys")


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Show new recovery codes until the person confirms that they are saved; or create new ones."""
    person = _staff(request)
    if request.method == "POST" and "new" in request.POST:
        factors.new_recovery_codes(request, person)
        notices.key_changed(person, gettext_noop("Your recovery codes were replaced."))
        return redirect("people:recovery-codes")
    if request.method == "POST":
        request.session.pop(factors.SHOWN, None)
        after = request.session.pop(factors.AFTER, "")
        return redirect(local_path(request, after, reverse("people:passkeys")))
    if not request.session.get(factors.SHOWN):
        return redirect("people:passkeys")
    codes = factors.recovery_codes(person)
    return render(request, "people/recovery_codes.html", {"codes": codes})


@require_POST
def begin_signing_in(request: HttpRequest) -> HttpResponse:
    """Return the options with which the browser asks its user for a key."""
    return JsonResponse(mfa.begin_authentication())


@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in the owner of the key."""
    after = local_path(request, request.POST.get("next", ""), reverse("hearing:mine"))
    if factors.answered(request):
        form = mfa.LoginWebAuthnForm(request.POST)
        if form.is_valid():
            authenticator = form.cleaned_data["credential"]
            if authenticator.user.is_active:
                authenticator.record_usage()
                second_factor.sign_in(request, authenticator.user, Proof.PASSKEY, after)
                return redirect(after)
    security_log.note(SecurityEvent.SIGN_IN_FAILED, what="passkey")
    messages.error(
        request,
        _(
            "This passkey is not registered here. Ask for a sign-in link by e-mail, "
            "then add the passkey again."
        ),
    )
    return redirect("people:sign-in")


@signed_in
@require_POST
def begin_confirming(request: HttpRequest) -> HttpResponse:
    """Return the options with which the browser asks the signed-in person for a key."""
    return JsonResponse(mfa.begin_authentication(_staff(request)))
