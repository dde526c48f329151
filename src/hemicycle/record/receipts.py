"""Receipts: proof of one's place in the record, which shows nobody else's.

A receipt holds one entry's content, the hash before it and the hash it led to, signed. Whoever has
the hearing's public key can check it offline; whoever also has the published chain (digests and
hashes alone) can check that the place has not been given to another since.

Standard library and `cryptography` only, so it works where Hemicycle is not installed as a service.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from hemicycle.record.chain import Content, canonical, link

RECEIPT = "hemicycle-receipt-1"
SEAL = "hemicycle-seal-1"


def _(sentence: str) -> str:
    """Mark a sentence for translation; offline there is nothing that translates."""
    return sentence


class InvalidReceipt(ValueError):
    """A receipt or seal that does not hold.

    `sentence` says what is wrong with it; it is a gettext message, and `values` stand in it.
    """

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence % values)
        self.sentence = sentence
        self.values = values


@dataclass(frozen=True, slots=True)
class Checked:
    """What a valid receipt proves."""

    content: Content
    hash: str
    body: dict[str, Any]


def sign(payload: dict[str, Any], key: Ed25519PrivateKey) -> dict[str, Any]:
    """`payload` with a signature over its canonical JSON."""
    return {
        **payload,
        "signature": base64.b64encode(key.sign(canonical(payload))).decode(),
    }


def receipt(content: Content, previous: str, key: Ed25519PrivateKey) -> dict[str, Any]:
    """A receipt for one entry, given the hash of the entry before it."""
    payload = {
        "format": RECEIPT,
        "entry": asdict(content),
        "previous": previous,
        "hash": link(previous, content.digest()),
    }
    return sign(payload, key)


def seal(
    hearing: str, seq: int, hash: str, at: int, key: Ed25519PrivateKey, *, manifest: str = ""
) -> dict[str, Any]:
    """A signed statement that a hearing's record ended with `hash` at `seq`.

    `manifest` is the SHA-256 of an export's manifest, which binds all its files to the signature.
    """
    payload = {"format": SEAL, "hearing": hearing, "seq": seq, "hash": hash, "at": at}
    return sign({**payload, "manifest": manifest} if manifest else payload, key)


def check(text: str, public_pem: str) -> Checked:
    """Check a receipt offline; raises `InvalidReceipt` with a sentence for people."""
    document = _signed(text, RECEIPT, public_pem)
    try:
        content = Content.of(document["entry"])
        found = link(document["previous"], content.digest())
        body = json.loads(content.body)
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidReceipt(_("This receipt is incomplete.")) from error
    if found != document["hash"]:
        raise InvalidReceipt(
            _("This receipt contradicts itself: its entry does not lead to its hash.")
        )
    return Checked(content, found, body)


def check_seal(text: str, public_pem: str) -> dict[str, Any]:
    """Check a seal; raises `InvalidReceipt`."""
    return _signed(text, SEAL, public_pem)


def check_place(checked: Checked, chain: Sequence[Mapping[str, Any]]) -> None:
    """Check a receipt against the published chain; raises `InvalidReceipt` where they disagree."""
    seq = checked.content.seq
    row = next((row for row in chain if row["seq"] == seq), None)
    if row is None:
        raise InvalidReceipt(_("The published chain has no entry %(seq)d."), seq=seq)
    if row["hash"] != checked.hash:
        raise InvalidReceipt(
            _("Entry %(seq)d of the published chain is not the one on this receipt."), seq=seq
        )


def _signed(text: str, form: str, public_pem: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
        spelled = document.pop("signature")
        signature = base64.b64decode(spelled, validate=True)
        message = canonical(document)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidReceipt(_("This is not a receipt that can be read.")) from error
    if document.get("format") != form:
        raise InvalidReceipt(_("This is not a receipt of a kind that is known here."))
    key = load_pem_public_key(public_pem.encode())
    if not isinstance(key, Ed25519PublicKey):
        raise InvalidReceipt(_("The public key is not one that signs receipts."))
    try:
        key.verify(signature, message)
    except InvalidSignature:
        raise InvalidReceipt(
            _("The signature does not belong to this text: it has been changed.")
        ) from None
    if base64.b64encode(signature).decode() != spelled:  # the last digit has bits that say nothing
        raise InvalidReceipt(_("The signature is not spelled as it was: it has been changed."))
    return dict(document)
