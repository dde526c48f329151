"""Receipts: proof of one's place in the record, which shows nobody else's.

A receipt holds one entry's content, the hash before it and the hash it led to, signed. Whoever
knows the fingerprint of the hearing's key can check it offline; whoever also has the published
chain (digests and hashes alone) can check that the place has not been given to another since.

As soon as a checkpoint of the record covers the entry, a receipt has another form: instead of a
signature of its own it holds the proof that leads from the entry to the checkpoint (`log.proofs`),
which the same key has signed and witnesses outside may have cosigned. It is at most `MOST_BYTES`
long; where there are more cosignatures than go into it, it holds the earliest.

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

RECEIPT = "hemicycle-receipt-1"
PROVED = "hemicycle-receipt-2"
MOST_BYTES = 2048
"""How long a receipt is at most, as `spelled`."""


def _(sentence: str) -> str:
    """Mark a sentence for translation; offline there is nothing that translates."""
    return sentence


@dataclass(frozen=True, slots=True)
class Checked:
    """What a valid receipt proves. `signer` is the fingerprint of the key that signed it.

    `proved` says which checkpoint covers the entry and who witnessed it; None where the receipt is
    older than the first that does.
    """

    content: Content
    hash: str
    body: dict[str, Any]
    signer: str
    proved: Proved | None = None


def receipt(content: Content, previous: str, signer: Signer) -> dict[str, Any]:
    """A receipt for one entry, given the hash of the entry before it."""
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
    """A receipt for one entry that a checkpoint covers, whose note `key` signed."""
    payload = {"format": PROVED, "entry": asdict(content), "previous": previous}
    signatures = note.signatures
    while True:
        shorter = SignedNote(note.text, signatures)
        made = {**payload, "proof": proofs.proof(shorter, path, key)}
        if len(spelled(made).encode()) <= MOST_BYTES or len(signatures) == 1:
            return made
        signatures = signatures[:-1]


def spelled(receipt: Mapping[str, Any]) -> str:
    """A receipt as a file: JSON without spaces, so that it stays small."""
    return json.dumps(receipt, ensure_ascii=False, separators=(",", ":")) + "\n"


def check(
    text: str, trusted: Collection[str] | None, witnesses: Iterable[VerifierKey] = ()
) -> Checked:
    """Check a receipt offline; raises `InvalidProof` with a sentence for people.

    `trusted` are the fingerprints of the keys that may have signed it and its checkpoint; with None
    nobody vouches for the signer, and the receipt is only consistent. `witnesses` are the keys by
    which cosignatures are checked.
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
    """Check a receipt that stands on a checkpoint; raises `InvalidProof`."""
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
    """Check a receipt against the published chain; raises `InvalidProof` where they disagree."""
    seq = receipt.content.seq
    row = next((row for row in chain if row["seq"] == seq), None)
    if row is None:
        raise InvalidProof(_("The published chain has no entry %(seq)d."), seq=seq)
    if row["hash"] != receipt.hash:
        raise InvalidProof(
            _("Entry %(seq)d of the published chain is not the one on this receipt."), seq=seq
        )
