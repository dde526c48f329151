"""Personal links. Their secrets are derived, so a link can be sent again without being stored.

A secret is an HMAC-SHA-256, under the installation's secret key, of the row's random id and the
number of the link: 256 bits that nobody can compute without the key. Rows store only its hash. To
revoke a link, increase its number. After a change of `SECRET_KEY`, list the old one in
`SECRET_KEY_FALLBACKS`: links that were sent keep working in any case, but they can be sent again
only with the key that made them.
"""

import base64
import hmac
import secrets
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.encoding import force_bytes

from hemicycle.before.registration.models import CoSigner, Registration
from hemicycle.hearing.people.private_links import whole
from hemicycle.hearing.people.secrets import hash_secret

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no characters that are easily confused


def derive(row: UUID, number: int, key: str | bytes = b"") -> str:
    """Return the secret of link `number` of a row."""
    message = f"hemicycle.before.registration.link {row.hex} {number}".encode()
    digest = hmac.digest(force_bytes(key or settings.SECRET_KEY), message, sha256)
    return _spelt(digest)


def secret_of(registration: Registration) -> str:
    """Return the secret of a registration's current link, by the key that made it.

    If none of the keys made it, return the secret that the current key makes.
    """
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        secret = derive(registration.id, registration.link_number, key)
        if hash_secret(secret) == registration.link_hash:
            return secret
    return derive(registration.id, registration.link_number)


def renew(registration: Registration) -> str:
    """Set a new link, which revokes the old one; return its secret. The row is not saved."""
    registration.link_number += 1
    secret = derive(registration.id, registration.link_number)
    registration.link_hash = hash_secret(secret)
    return secret


# ── Addresses that open one page alone ─────────────────────────────────────────────────────────
_ID, _PROOF = 16, 16
"""The bytes of such an address: the row's id, and the proof that the address was issued."""


def receipt_secret(registration: Registration) -> str:
    """Return the secret in the address of a registration's receipt; it opens only the receipt."""
    row = registration.id.bytes
    return _spelt(row + _proof("receipt", row, settings.SECRET_KEY))


def row_of_receipt(secret: str) -> UUID | None:
    """Return the id of the registration whose receipt this address shows; None if it is invalid."""
    row, proof = _parts(secret)
    return UUID(bytes=row) if _is_given("receipt", row, proof) else None


def confirmation_secret(registration: Registration) -> str:
    """Return the secret in the address that confirms a registration; it is used once.

    A new personal link, for example for another mailbox, changes it.
    """
    proof = _proof(_confirming(registration), registration.id.bytes, settings.SECRET_KEY)
    return _spelt(registration.id.bytes + proof)


def row_of_confirmation(secret: str) -> UUID | None:
    """Return the id that this address names; None for an invalid one.

    `confirms` checks whether it was issued.
    """
    row, proof = _parts(secret)
    return UUID(bytes=row) if len(row) == _ID and len(proof) == _PROOF else None


def confirms(registration: Registration, secret: str) -> bool:
    """Whether this address confirms the registration that it names."""
    row, proof = _parts(secret)
    return row == registration.id.bytes and _is_given(_confirming(registration), row, proof)


def confirmation_url(registration: Registration) -> str:
    """Return the full address that confirms a registration, for letters."""
    return absolute(reverse("registration:confirm", args=(confirmation_secret(registration),)))


def _confirming(registration: Registration) -> str:
    return f"confirmation {registration.link_number}"


def _parts(secret: str) -> tuple[bytes, bytes]:
    """Return the id and the proof in an address; empty if it is invalid."""
    try:
        given = base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))
    except ValueError:
        given = b""
    return given[:_ID], given[_ID:]


def _is_given(purpose: str, row: bytes, proof: bytes) -> bool:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(hmac.compare_digest(proof, _proof(purpose, row, key)) for key in keys)


def _proof(purpose: str, row: bytes, key: str | bytes) -> bytes:
    message = f"hemicycle.before.registration.{purpose} ".encode() + row
    return hmac.digest(force_bytes(key), message, sha256)[:_PROOF]


def _spelt(secret: bytes) -> str:
    return base64.urlsafe_b64encode(secret).decode().rstrip("=")


def absolute(path: str) -> str:
    """Return the full address of a path on this site, for letters."""
    return settings.BASE_URL + path


def personal_url(registration: Registration) -> str:
    """Return the full address of a registration's personal page, for letters."""
    return absolute(whole("registration:personal", secret_of(registration)))


def co_signer_url(co_signer: CoSigner) -> str:
    """Return the full address at which a co-signer answers."""
    return absolute(whole("registration:co-sign", derive(co_signer.id, 1)))


def new_key() -> str:
    """Return a key for a form or a draft: 256 random bits."""
    return secrets.token_urlsafe(32)


def new_reference() -> str:
    """Return one of 729 million references that can be said aloud, such as HC-7K3-QP9."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(6))
    return f"HC-{letters[:3]}-{letters[3:]}"
