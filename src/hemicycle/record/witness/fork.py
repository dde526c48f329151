"""Two histories signed with one key, and the proof of it, which anybody can check offline.

The evidence that a witness keeps needs no other document: it holds two checkpoints, and the proof
that the later one's first entries have another root than the earlier one. `statements` compares
documents from other sources.

Standard library and `cryptography` only.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hemicycle.record import signing
from hemicycle.record.log import merkle, notes
from hemicycle.record.log.notes import CheckpointText, SignedNote, VerifierKey
from hemicycle.record.signing import InvalidProof
from hemicycle.record.speech import gettext
from hemicycle.record.speech import noop as _

EVIDENCE = "hemicycle-fork-1"


class NotComparable(ValueError):
    """Documents that prove nothing; the message is a sentence for people."""


def other_root(
    old: int, old_root: bytes, new: CheckpointText, proof: Sequence[bytes]
) -> bytes | None:
    """Return the root of the first `old` entries in the new history, if a proof shows one.

    None if the proof shows nothing: anybody can send a wrong one.
    """
    if old == new.size:
        return None if proof or old_root == new.root else new.root
    if not 0 < old < new.size:
        return None
    try:
        found_old, found_new = merkle.roots_of_consistency(old, old_root, new.size, proof)
    except merkle.InvalidPath:
        return None
    return found_old if found_new == new.root and found_old != old_root else None


def evidence(
    old: tuple[str, str], new: tuple[str, str], other: bytes, proof: Sequence[bytes]
) -> dict[str, Any]:
    """Return two signed checkpoints, and the proof that the new one does not continue the old one.

    Each comes with the key that signed it, which a log may have renewed in between.
    """
    return {
        "format": EVIDENCE,
        "old_key": old[0],
        "old": old[1],
        "new_key": new[0],
        "new": new[1],
        "other_root": base64.b64encode(other).decode(),
        "proof": [base64.b64encode(hash).decode() for hash in proof],
    }


@dataclass(frozen=True, slots=True)
class HistoryFraud:
    """Two histories that one key signed: the contradiction, and the fingerprint of that key.

    `earlier` is the fingerprint of the key that signed the first history if it is another one;
    `signer` must then have succeeded it.
    """

    says: str
    signer: str
    earlier: str = ""


def check_evidence(document: dict[str, Any]) -> HistoryFraud:
    """Check the evidence of a witness; raise `InvalidProof` if it proves nothing."""
    try:
        old_key, key = (VerifierKey.parse(document[name]) for name in ("old_key", "new_key"))
        old_note, new_note = SignedNote.parse(document["old"]), SignedNote.parse(document["new"])
        other = base64.b64decode(document["other_root"], validate=True)
        proof = [base64.b64decode(hash, validate=True) for hash in document["proof"]]
    except (KeyError, TypeError, AttributeError, binascii.Error, ValueError) as error:
        if isinstance(error, InvalidProof):
            raise
        raise InvalidProof(_("This is not readable evidence.")) from error
    notes.check(old_note, old_key)
    notes.check(new_note, key)
    old, new = CheckpointText.parse(old_note.text), CheckpointText.parse(new_note.text)
    if {old.origin, new.origin, old_key.name, key.name} != {new.origin}:
        raise InvalidProof(_("The checkpoints and the key belong to different logs."))
    if old.size == 0:
        raise InvalidProof(_("Every log continues an empty one: there is no fraud."))
    try:
        merkle.check_consistency(old.size, other, new.size, new.root, proof)
    except merkle.InvalidPath as error:
        raise InvalidProof(_("The evidence is not valid: %(why)s."), why=error) from error
    if other == old.root:
        raise InvalidProof(_("The later checkpoint continues the earlier one: there is no fraud."))
    says = gettext(
        "the log %(origin)s ended at entry %(old)s with one root, and its checkpoint at entry "
        "%(new)s has another root for the same %(old)s entries"
    ) % {"origin": new.origin, "old": old.size, "new": new.size}
    earlier = "" if old_key == key else fingerprint(old_key)
    return HistoryFraud(says, fingerprint(key), earlier)


def fingerprint(key: VerifierKey) -> str:
    """Return the fingerprint of a log's key, as letters and receipts print it."""
    return signing.fingerprint(Ed25519PublicKey.from_public_bytes(key.key))
