"""Find the key that took over a log: the old key has signed the new one on the log's own record.

A hearing publishes, at ``log/successions.json``, the entries of its record in which a key signed
its successor, each with the proof that it is in the newest checkpoint. So a witness that knows one
key of the line can find the one that signs now without an operator.

Standard library and `cryptography` only.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from hemicycle.record import receipts, signing, succession
from hemicycle.record.log import notes
from hemicycle.record.log.notes import LOG, SignedNote, VerifierKey
from hemicycle.record.signing import InvalidProof
from hemicycle.record.speech import noop as _
from hemicycle.record.witness.fork import fingerprint

FORMAT = "hemicycle-successions-1"
MOST = 24
"""The most successions that are published, the newest ones: a witness reads at most 64 KB."""


class LogGrew(Exception):
    """The proofs belong to another checkpoint than the one that was read just before."""


@dataclass(frozen=True, slots=True)
class RenewedKey:
    """The key that signs a log now, and the entry in which the previous one says so."""

    key: VerifierKey
    seq: int


def document(spelled: Collection[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the published document: each succession as a receipt (`receipts.proved_receipt`)."""
    return {"format": FORMAT, "successions": list(spelled)}


def successor(
    note: str, published: Mapping[str, Any], known: Collection[VerifierKey]
) -> RenewedKey:
    """Return the key that signed the checkpoint `note`, if one of the known keys leads to it.

    Raises `InvalidProof` if none does, and `LogGrew` if the proofs belong to another checkpoint.
    """
    found = published.get("successions")
    if published.get("format") != FORMAT or not isinstance(found, list) or len(found) > MOST:
        raise InvalidProof(_("What the log says of its keys cannot be read."))
    checkpoint = SignedNote.parse(note)
    line = {fingerprint(key) for key in known}
    last: RenewedKey | None = None
    for spelled in found:
        last = _followed(line, spelled, checkpoint, next(iter(known)).name) or last
    if last is None:
        raise InvalidProof(_("Its record does not say that a known key was replaced by this key."))
    notes.check(checkpoint, last.key)
    return last


def _followed(line: set[str], spelled: Any, note: SignedNote, origin: str) -> RenewedKey | None:
    """Add the successor of a key in `line`; return it if it signed `note`, else None."""
    checked = receipts.check(json.dumps(spelled), None)
    if checked.proved is None:
        raise InvalidProof(_("The proof of a succession is missing."))
    if checked.proved.note.text != note.text:
        raise LogGrew
    if checked.content.kind != succession.ENTRY or not isinstance(checked.body, dict):
        raise InvalidProof(_("It is not the succession of a key."))
    old = signing.fingerprint_of(checked.body.get("key"))
    if old not in line:
        return None
    *_before, new = succession.follow([old], checked.content.hearing, checked.body)
    line.add(new)
    if new != checked.proved.signer:
        return None
    return RenewedKey(VerifierKey(origin, LOG, checked.proved.key), checked.content.seq)
