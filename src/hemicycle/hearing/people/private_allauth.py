"""The only module that imports private modules of allauth; other modules import from here.

allauth promises its pages and settings, but our pages call its forms and functions directly. So its
version is pinned in `pyproject.toml`, and `missing` looks for each name that we use: a test runs it
for the installed version, and `make newest` for newer ones.
"""

from allauth.mfa.adapter import DefaultMFAAdapter, get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal import auth as recovery
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, validate_totp_code
from allauth.mfa.utils import decrypt
from allauth.mfa.webauthn import forms
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
)
from allauth.mfa.webauthn.internal import auth
from allauth.mfa.webauthn.internal.auth import WebAuthn, begin_authentication, begin_registration

__all__ = [
    "TOTP",
    "AddWebAuthnForm",
    "AuthenticateWebAuthnForm",
    "Authenticator",
    "DefaultMFAAdapter",
    "LoginWebAuthnForm",
    "RecoveryCodes",
    "WebAuthn",
    "begin_authentication",
    "begin_registration",
    "decrypt",
    "generate_totp_secret",
    "get_adapter",
    "missing",
    "validate_totp_code",
]

_NAMES: tuple[tuple[object, tuple[str, ...]], ...] = (
    (auth, ("begin_registration", "begin_authentication", "WebAuthn")),
    (auth.WebAuthn, ("add", "name")),
    (forms, ("AddWebAuthnForm", "LoginWebAuthnForm", "AuthenticateWebAuthnForm")),
    (Authenticator, ("wrap", "record_usage", "Type")),
    (Authenticator.Type, ("WEBAUTHN", "TOTP", "RECOVERY_CODES")),
    (totp, ("TOTP", "generate_totp_secret", "validate_totp_code")),
    (totp.TOTP, ("activate",)),
    (recovery, ("RecoveryCodes",)),
    (recovery.RecoveryCodes, ("activate", "get_unused_codes", "validate_code")),
    (DefaultMFAAdapter, ("encrypt", "decrypt", "build_totp_url", "build_totp_svg")),
)


def missing() -> list[str]:
    """Return the names that we use and that the installed allauth does not have."""
    return [
        f"{getattr(owner, '__qualname__', getattr(owner, '__name__', owner))}.{name}"
        for owner, names in _NAMES
        for name in names
        if not hasattr(owner, name)
    ]
