"""The one place that leans on private modules of allauth; `passkeys` takes them from here.

allauth promises its pages and settings, while our pages ask its forms and functions themselves. So
its version is exact in `pyproject.toml`, and `missing` looks for each name that we use: a test asks
it of the version we have, and whoever tries a newer one asks it first.
"""

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms
from allauth.mfa.webauthn.forms import AddWebAuthnForm, LoginWebAuthnForm
from allauth.mfa.webauthn.internal import auth
from allauth.mfa.webauthn.internal.auth import WebAuthn, begin_authentication, begin_registration

__all__ = [
    "AddWebAuthnForm",
    "Authenticator",
    "LoginWebAuthnForm",
    "WebAuthn",
    "begin_authentication",
    "begin_registration",
    "missing",
]

_NAMES: tuple[tuple[object, tuple[str, ...]], ...] = (
    (auth, ("begin_registration", "begin_authentication", "WebAuthn")),
    (auth.WebAuthn, ("add", "name")),
    (forms, ("AddWebAuthnForm", "LoginWebAuthnForm")),
    (Authenticator, ("wrap", "record_usage", "Type")),
    (Authenticator.Type, ("WEBAUTHN",)),
)


def missing() -> list[str]:
    """The names that we use and that the installed allauth does not have."""
    return [
        f"{getattr(owner, '__qualname__', getattr(owner, '__name__', owner))}.{name}"
        for owner, names in _NAMES
        for name in names
        if not hasattr(owner, name)
    ]
