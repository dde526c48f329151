"""Receipts: proof of one's own place in the record, which shows no other entry.

A receipt holds one entry's content, the hash before it and the hash after it, signed. Anyone who
knows the fingerprint of the hearing's key can check it offline. With the published chain (digests
and hashes only), they can also check that the place has not been given to another entry since.

As soon as a checkpoint of the record covers the entry, a receipt has another form: instead of its
own signature it holds the proof that leads from the entry to the checkpoint (`log.proofs`), which
the same key has signed and outside witnesses may have cosigned. It is at most `MOST_BYTES` long; if
there are more cosignatures than fit, it holds the earliest.

Standard library and `cryptography` only, so it works where Hemicycle is not installed as a service.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from hemicycle.record.chain import Content, link
from hemicycle.record.log import proofs
from hemicycle.record.log.notes import SignedNote, VerifierKey
from hemicycle.record.log.proofs import Proved
from hemicycle.record.signing import InvalidProof, Signer, checked, parse, require, sign
from hemicycle.record.speech import noop as _

RECEIPT = "hemicycle-receipt-1"
PROVED = "hemicycle-receipt-2"
MOST_BYTES = 2048
"""The most bytes of a receipt, as `spelled` writes it."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a valid receipt proves. `signer` is the fingerprint of the key that signed it.

    `proved` says which checkpoint covers the entry and who witnessed it; None for a receipt from
    before the first such checkpoint.
    """

    content: Content
    hash: str
    body: dict[str, Any]
    signer: str
    proved: Proved | None = None


def receipt(content: Content, previous: str, signer: Signer) -> dict[str, Any]:
    """Return a receipt for one entry, given the hash of the entry before it."""
    payload = {
        "format": RECEIPT,
        "entry": asdict(content),
        "previous": previous,
        "hash": link(previous, content.digest()),
    }
    return sign(payload, signer)


def proved_receipt(
    content: Content, previous: str, note: SignedNote, path: Sequence[bytes], key: str
) -> dict[str, Any]:
    """Return a receipt for an entry in a checkpoint; `key` signed the checkpoint's `note`."""
    payload = {"format": PROVED, "entry": asdict(content), "previous": previous}
    signatures = note.signatures
    while True:
        shorter = SignedNote(note.text, signatures)
        made = {**payload, "proof": proofs.proof(shorter, path, key)}
        if len(spelled(made).encode()) <= MOST_BYTES or len(signatures) == 1:
            return made
        signatures = signatures[:-1]


def spelled(receipt: Mapping[str, Any]) -> str:
    """Return a receipt as a file: JSON without spaces, to keep it small."""
    return json.dumps(receipt, ensure_ascii=False, separators=(",", ":")) + "\n"


def check(
    text: str, trusted: Collection[str] | None, witnesses: Iterable[VerifierKey] = ()
) -> Checked:
    """Check a receipt offline; raise `InvalidProof` with a sentence for people.

    `trusted` are the fingerprints of the keys that may have signed it and its checkpoint; with None
    the signer is not checked, and the receipt is only consistent. `witnesses` are the keys by which
    cosignatures are checked.
    """
    document = parse(text)
    if document.get("format") == PROVED:
        return _check_proved(document, trusted, witnesses)
    if "signature" in document and document.get("format") != RECEIPT:
        raise InvalidProof(_("This kind of receipt is not known here."))
    signed = checked(document)
    if trusted is not None:
        require(signed.signer, trusted)
    try:
        content = Content.of(signed.fields["entry"])
        found = link(signed.fields["previous"], content.digest())
        body = json.loads(content.body)
        claimed = signed.fields["hash"]
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise InvalidProof(_("This receipt is incomplete.")) from error
    if found != claimed:
        raise InvalidProof(
            _("This receipt contradicts itself: its entry does not lead to its hash.")
        )
    return Checked(content, found, body, signed.signer)


def _check_proved(
    document: Mapping[str, Any],
    trusted: Collection[str] | None,
    witnesses: Iterable[VerifierKey],
) -> Checked:
    """Check a receipt that holds a checkpoint; raise `InvalidProof`."""
    try:
        content = Content.of(document["entry"])
        hash = link(document["previous"], content.digest())
        body = json.loads(content.body)
        proof = document["proof"]
        is_whole = document.keys() == {"format", "entry", "previous", "proof"} and isinstance(
            proof, dict
        )
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise InvalidProof(_("This receipt is incomplete.")) from error
    if not is_whole or asdict(content) != document["entry"]:
        raise InvalidProof(_("This receipt is incomplete."))
    found = proofs.check(proof, seq=content.seq, hash=hash, at=content.at, witnesses=witnesses)
    if trusted is not None:
        require(found.signer, trusted)
    return Checked(content, hash, body, found.signer, found)


def check_place(receipt: Checked, chain: Sequence[Mapping[str, Any]]) -> None:
    """Check a receipt against the published chain; raise `InvalidProof` if they disagree."""
    seq = receipt.content.seq
    row = next((row for row in chain if row["seq"] == seq), None)
    if row is None:
        raise InvalidProof(_("The published chain has no entry %(seq)d."), seq=seq)
    if row["hash"] != receipt.hash:
        raise InvalidProof(
            _("Entry %(seq)d of the published chain is not the one on this receipt."), seq=seq
        )
