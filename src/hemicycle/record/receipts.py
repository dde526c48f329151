"""Receipts: proof of one's place in the record, which shows nobody else's.

A receipt holds one entry's content, the hash before it and the hash it led to, signed. Whoever
knows the fingerprint of the hearing's key can check it offline; whoever also has the published
chain (digests and hashes alone) can check that the place has not been given to another since. As
soon as a checkpoint of the record covers the entry, a receipt carries the proof of that, with what
witnesses outside have signed (`log.proofs`): at most `MOST_BYTES` in all.

Standard library and `cryptography` only, so it works where Hemicycle is not installed as a service.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from hemicycle.record.chain import Content, link
from hemicycle.record.log import proofs
from hemicycle.record.log.notes import VerifierKey
from hemicycle.record.log.proofs import Proved
from hemicycle.record.signing import InvalidProof, Signer, checked, parse, require, sign

RECEIPT = "hemicycle-receipt-1"
MOST_BYTES = 2048
"""How long a receipt is at most, as `spelled`."""


def _(sentence: str) -> str:
    """Mark a sentence for translation; offline there is nothing that translates."""
    return sentence


@dataclass(frozen=True, slots=True)
class Checked:
    """What a valid receipt proves. `signer` is the fingerprint of the key that signed it.

    `proved` says which checkpoint covers the entry and who witnessed it; None where the receipt is
    older than that.
    """

    content: Content
    hash: str
    body: dict[str, Any]
    signer: str
    proved: Proved | None = None


def receipt(
    content: Content, previous: str, signer: Signer, proof: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """A receipt for one entry, given the hash of the entry before it.

    `proof` leads to a checkpoint (`log.proofs.proof`), as soon as there is one.
    """
    payload = {
        "format": RECEIPT,
        "entry": asdict(content),
        "previous": previous,
        "hash": link(previous, content.digest()),
    }
    return sign({**payload, "proof": dict(proof)} if proof else payload, signer)


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
    if "signature" in document and document.get("format") != RECEIPT:
        raise InvalidProof(_("This is not a receipt of a kind that is known here."))
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
    if "proof" not in signed.fields:
        return Checked(content, found, body, signed.signer)
    proved = _proved(signed.fields, content, found, witnesses)
    if trusted is not None:
        require(proved.signer, trusted)
    return Checked(content, found, body, signed.signer, proved)


def _proved(
    fields: Mapping[str, Any], content: Content, hash: str, witnesses: Iterable[VerifierKey]
) -> Proved:
    proof = fields["proof"]
    if not isinstance(proof, dict):
        raise InvalidProof(_("This receipt’s proof is incomplete."))
    return proofs.check(
        proof,
        seq=content.seq,
        hash=hash,
        at=content.at,
        key=fields["key"],
        witnesses=witnesses,
    )


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
