"""Add, show and remove passkeys, authenticator apps and recovery codes.

allauth stores them and checks the answers of browsers and people; these functions call it.
"""

import base64
import json
from typing import Any

from django.http import HttpRequest

from hemicycle import security_log
from hemicycle.hearing.people import private_allauth as mfa
from hemicycle.hearing.people import second_factor
from hemicycle.hearing.people.models import Person
from hemicycle.security_log import SecurityEvent

SHOWN, AFTER = "hemicycle_codes_shown", "hemicycle_after"
"""Session keys: whether recovery codes may be shown, and where to go afterwards."""


def answered(request: HttpRequest) -> bool:
    """Whether the form holds an answer in the form in which browsers answer about a passkey."""
    try:
        answer = json.loads(request.POST.get("credential", ""))
    except ValueError:
        return False
    return isinstance(answer, dict) and isinstance(answer.get("response"), dict)


def add_passkey(request: HttpRequest, person: Person) -> str | None:
    """Store the passkey that the browser has created; return its name, or None if it is invalid."""
    if not answered(request):
        return None
    form = mfa.AddWebAuthnForm({**request.POST.dict(), "passwordless": "on"}, user=person)
    if not form.is_valid():
        return None
    name = str(form.cleaned_data["name"])[:80]
    mfa.WebAuthn.add(person, name, form.cleaned_data["credential"])
    security_log.note(SecurityEvent.CREDENTIAL_ADDED, person=person.id, what="passkey")
    return name


def passkey_shown(request: HttpRequest, person: Person) -> bool:
    """Whether the browser's answer comes from a passkey of the person; records its use."""
    if not answered(request):
        return False
    form = mfa.AuthenticateWebAuthnForm(request.POST, user=person)
    if not form.is_valid():
        return False
    form.cleaned_data["credential"].record_usage()
    return True


def app_to_scan(request: HttpRequest, person: Person) -> dict[str, str]:
    """Return a secret for an authenticator app, as text and QR code; it is kept until stored."""
    secret = request.session.setdefault(second_factor.SECRET, mfa.generate_totp_secret())
    adapter = mfa.get_adapter()
    svg = adapter.build_totp_svg(adapter.build_totp_url(person, secret))
    picture = base64.b64encode(svg.encode()).decode()
    return {
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "qr": f"data:image/svg+xml;base64,{picture}",
    }


def add_app(request: HttpRequest, person: Person, code: str) -> bool:
    """Store the authenticator app if `code` proves that it has the secret; return whether it does.

    It replaces the person's earlier app.
    """
    secret = request.session.get(second_factor.SECRET)
    if not secret or not mfa.validate_totp_code(secret, "".join(code.split())):
        return False
    mfa.Authenticator.objects.filter(user=person, type=second_factor.Kind.TOTP).delete()
    mfa.TOTP.activate(person, secret)
    security_log.note(SecurityEvent.CREDENTIAL_ADDED, person=person.id, what="app")
    request.session.pop(second_factor.SECRET, None)
    return True


def new_recovery_codes(request: HttpRequest, person: Person) -> None:
    """Replace the person's recovery codes, and let this session show the new ones."""
    kind = second_factor.Kind.RECOVERY_CODES
    mfa.Authenticator.objects.filter(user=person, type=kind).delete()
    mfa.RecoveryCodes.activate(person)
    security_log.note(SecurityEvent.CREDENTIAL_ADDED, person=person.id, what="recovery-codes")
    request.session[SHOWN] = True


def recovery_codes(person: Person) -> list[str]:
    """Return the recovery codes that have not been used."""
    kind = second_factor.Kind.RECOVERY_CODES
    row = mfa.Authenticator.objects.filter(user=person, type=kind).first()
    return list(mfa.RecoveryCodes(row).get_unused_codes()) if row else []


def passkeys_of(person: Person) -> Any:
    """Return the rows of a person's passkeys, the oldest first."""
    return mfa.Authenticator.objects.filter(user=person, type=second_factor.Kind.WEBAUTHN).order_by(
        "created_at"
    )
