"""Settings for signing in with an institution's own accounts.

Pure: it makes allauth's configuration from settings, and refuses values that would admit people
from outside.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

OIDC, SAML = "oidc", "saml"
"""The ids of the two providers, in addresses and in the rows that link accounts to people."""


def address(raw: str) -> str:
    """Return the address of an institution's server; "" for "".

    It must be https, or http on this machine. Raises `ValueError` for another.
    """
    parts = urlsplit(raw)
    is_here = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if raw and (not parts.hostname or (parts.scheme != "https" and not (is_here and parts.scheme))):
        raise ValueError("it must begin with https:// and name a host")
    return raw.rstrip("/")


def certificate(raw: str) -> str:
    """Return the text of the PEM file with the institution's signing certificate; "" for "".

    Raises `ValueError` if `raw` is not the path of such a file.
    """
    if not raw:
        return ""
    try:
        text = Path(raw).expanduser().read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError("it must be a PEM file that can be read") from error
    if "BEGIN CERTIFICATE" not in text:
        raise ValueError("it must be a PEM file that holds a certificate")
    return text


def domain(raw: str) -> str:
    """Return a domain of e-mail addresses in lower case. Raises `ValueError` for an invalid one."""
    name = raw.lower().lstrip("@").rstrip(".")
    if "." not in name or not name.isascii() or set(name) & set(" @/:"):
        raise ValueError(f"{raw!r} is not a domain such as institution.example")
    return name


def domains(raw: str) -> tuple[str, ...]:
    """Return the domains for whose addresses the institution may vouch, from a list with commas."""
    return tuple(domain(word.strip()) for word in raw.split(",") if word.strip())


def oidc(*, issuer: str, client_id: str, secret: str, name: str) -> dict[str, Any]:
    """Return allauth's configuration of an OpenID Connect provider."""
    app = {
        "provider_id": OIDC,
        "name": name,
        "client_id": client_id,
        "secret": secret,
        "settings": {"server_url": issuer, "oauth_pkce_enabled": True},
    }
    return {"openid_connect": {"APPS": [app]}}


def saml(*, entity: str, sign_on: str, certificate: str, name: str, email: str) -> dict[str, Any]:
    """Return allauth's configuration of a SAML provider; `email` names the address's attribute."""
    mapping = {"email": [*([email] if email else []), *_EMAIL]}
    app = {
        "provider_id": SAML,
        "name": name,
        "client_id": SAML,
        "settings": {
            "attribute_mapping": mapping,
            "use_nameid_for_email": False,
            "idp": {"entity_id": entity, "sso_url": sign_on, "x509cert": certificate},
            "advanced": {
                "strict": True,
                "want_assertion_signed": True,
                "want_name_id": True,
                "want_attribute_statement": False,
                "reject_deprecated_algorithm": True,
                "reject_idp_initiated_sso": True,
                "allow_single_label_domains": True,
            },
        },
    }
    return {"saml": {"APPS": [app]}}


_EMAIL = (
    "urn:oid:0.9.2342.19200300.100.1.3",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
    "email",
    "mail",
)
