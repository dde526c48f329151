"""Signed documents: each names its format and contains the key that signed it.

A signed document is a JSON object. Its `format` says what it is, its `key` is the signer's public
key (Ed25519), and its `signature` covers the canonical JSON of everything else in it. So a document
by itself proves only that nobody changed it after it was signed. To know who signed it, a reader
must know the key from elsewhere: as a file, or by its *fingerprint*, which is the SHA-256 of the
key in DER, as OpenSSL computes it too::

    openssl pkey -pubin -in public-key.pem -outform DER | sha256sum

Standard library and `cryptography` only, so it works where Hemicycle is not installed as a service.
"""

import base64
import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_public_key,
)

from hemicycle.record import speech
from hemicycle.record.chain import canonical
from hemicycle.record.speech import noop as _

_HEX = re.compile("[0-9a-f]{64}")


class InvalidProof(ValueError):
    """An invalid receipt, seal or succession.

    `sentence` says what is wrong with it; it is a gettext message, whose placeholders `values`
    fill. `str()` gives it in the language of the command.
    """

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence % values)
        self.sentence = sentence
        self.values = values

    def __str__(self) -> str:
        return speech.gettext(self.sentence) % self.values


class Signer(Protocol):
    """Anything that signs: an `Ed25519PrivateKey`, or a client of the signing process."""

    def sign(self, data: bytes, /) -> bytes:
        """Return the Ed25519 signature of `data`: 64 bytes."""

    def public_key(self) -> Ed25519PublicKey:
        """Return the public half of the key."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A document with a valid signature. `signer` is the fingerprint of the key in it."""

    fields: dict[str, Any]
    signer: str


def require(signer: str, trusted: Collection[str]) -> None:
    """Raise `InvalidProof` unless the signer's fingerprint is one of `trusted`."""
    if signer not in trusted:
        raise InvalidProof(
            _("It is signed with another key, whose fingerprint is %(fingerprint)s."),
            fingerprint=signer,
        )


def encoded(key: Ed25519PublicKey) -> str:
    """Return the key as signed documents hold it: the base64 between the lines of a PEM file."""
    return base64.b64encode(_der(key)).decode()


def fingerprint(key: Ed25519PublicKey) -> str:
    """Return the SHA-256 of the key in DER: 64 hexadecimal digits."""
    return sha256(_der(key)).hexdigest()


def fingerprint_of(text: Any) -> str:
    """Return the fingerprint of a key in a signed document; raise `InvalidProof`."""
    return fingerprint(decoded(text))


def decoded(text: Any) -> Ed25519PublicKey:
    """Return a key from a signed document; raise `InvalidProof`."""
    try:
        key = load_der_public_key(base64.b64decode(text, validate=True))
    except (TypeError, ValueError, UnsupportedAlgorithm) as error:
        raise InvalidProof(_("The public key cannot be read.")) from error
    if not isinstance(key, Ed25519PublicKey):
        raise InvalidProof(_("The public key is not of the type that signs receipts."))
    return key


def _der(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def fingerprint_of_pem(pem: bytes) -> str:
    """Return the fingerprint of a key in PEM; raise `InvalidProof`."""
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InvalidProof(_("The file has no public key.")) from error
    if not isinstance(key, Ed25519PublicKey):
        raise InvalidProof(_("The public key is not of the type that signs receipts."))
    return fingerprint(key)


def read_fingerprint(text: str) -> str | None:
    """Read a fingerprint, with or without `SHA256:`, spaces or colons; None if it is invalid."""
    plain = re.sub(r"[\s:]", "", text.strip().lower().removeprefix("sha256:"))
    return plain if _HEX.fullmatch(plain) else None


def sign(payload: dict[str, Any], signer: Signer) -> dict[str, Any]:
    """Return `payload` with the signer's public key, and a signature over both."""
    whole = {**payload, "key": encoded(signer.public_key())}
    return {**whole, "signature": base64.b64encode(signer.sign(canonical(whole))).decode()}


def parse(text: str) -> dict[str, Any]:
    """Return a document's fields, unchecked; raise `InvalidProof` if it is not a JSON object."""
    try:
        document = json.loads(text, object_pairs_hook=_once)
        canonical(document)
    except (ValueError, RecursionError) as error:
        raise InvalidProof(_("This is not a readable signed document.")) from error
    if not isinstance(document, dict):
        raise InvalidProof(_("This is not a readable signed document."))
    return document


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object that has a key twice: readers would disagree on what was signed."""
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a key stands there twice")
    return fields


def checked(document: dict[str, Any]) -> Signed:
    """Check a document's signature with the key in it; raise `InvalidProof`."""
    try:
        spelled = document["signature"]
        signature = base64.b64decode(spelled, validate=True)
        own = document["key"]
        fields = {name: value for name, value in document.items() if name != "signature"}
        message = canonical(fields)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise InvalidProof(_("This is not a readable signed document.")) from error
    key = decoded(own)
    try:
        key.verify(signature, message)
    except InvalidSignature:
        raise InvalidProof(
            _("The signature does not belong to this text: it has been changed.")
        ) from None
    # The last base64 digit has bits without meaning, so two spellings exist.
    if base64.b64encode(signature).decode() != spelled:
        raise InvalidProof(_("The signature has been changed."))
    return Signed(fields, fingerprint(key))
