"""The succession of keys: the old key signs the new one, as an entry on the record.

A reader who knows one key of the line can trust all that follow it. The first entry of a record
names the fingerprint of its first key, and each succession is signed by the key that was in force
before it.

Standard library and `cryptography` only.
"""

from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hemicycle.record.signing import InvalidProof, Signer, checked, encoded, fingerprint_of, sign
from hemicycle.record.speech import noop as _

SUCCESSION = "hemicycle-key-succession-1"
ENTRY = "key.succeeded"
"""The type of entry whose body is a succession."""

FIELDS = ("format", "hearing", "at", "key", "new_key", "signature")


def succeed(signer: Signer, new: Ed25519PublicKey, *, hearing: str, at: int) -> dict[str, Any]:
    """Return the statement, signed by the current key, that `new` signs for a hearing from now on.

    `at` is in milliseconds since the Unix epoch.
    """
    payload = {"format": SUCCESSION, "hearing": hearing, "at": at, "new_key": encoded(new)}
    return sign(payload, signer)


def follow(line: list[str], hearing: str, document: Mapping[str, Any]) -> list[str]:
    """Return the fingerprints of the keys in order, with the key that `document` adds.

    An empty `line` begins with the key that signed `document`. Raises `InvalidProof` for a
    succession of another hearing, or by a key that was not in force.
    """
    if document.get("format") != SUCCESSION or document.keys() != set(FIELDS):
        raise InvalidProof(_("It is not the succession of a key."))
    signed = checked(dict(document))
    if signed.fields["hearing"] != hearing:
        raise InvalidProof(_("It is the succession of a key of another hearing."))
    if line and signed.signer != line[-1]:
        raise InvalidProof(_("It is signed by a key that was not in force."))
    return [*(line or [signed.signer]), fingerprint_of(signed.fields["new_key"])]
