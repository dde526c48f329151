"""Two histories signed with one key: the proof of it, which anybody checks offline.

A hearing's key signs receipts, the ends of published chains, and checkpoints. Where two of them
cannot both belong to one history, whoever holds the key has signed two: `hemicycle verify --fork A
B` says so, and needs neither the hearing nor a witness. What a witness keeps as evidence is checked
alone: it holds two checkpoints, and the proof that the later one's first entries have another root
than the earlier one.

Standard library and `cryptography` only.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hemicycle.record import receipts, seals, signing
from hemicycle.record.chain import genesis, link
from hemicycle.record.log import merkle, notes
from hemicycle.record.log.notes import CheckpointText, SignedNote, VerifierKey
from hemicycle.record.signing import InvalidProof
from hemicycle.record.verify.chains import CHAIN

EVIDENCE = "hemicycle-fork-1"


class NotComparable(ValueError):
    """Documents of which nothing follows; the message is a sentence for people."""


# ── What a witness keeps ──────────────────────────────────────────────────────────────────────


def other_root(
    old: int, old_root: bytes, new: CheckpointText, proof: Sequence[bytes]
) -> bytes | None:
    """The root that the first `old` entries have in the new history, where a proof shows one.

    None where the proof shows nothing: anybody can send a wrong one.
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
    """Two signed checkpoints, and the proof that the new one does not continue the old one.

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
    """Two histories that one key signed: how it shows, and the fingerprint of that key.

    `earlier` is the fingerprint of the key that signed the first history where it is another, from
    which `signer` must have taken over.
    """

    says: str
    signer: str
    earlier: str = ""


def check_evidence(document: dict[str, Any]) -> HistoryFraud:
    """Check what a witness kept; raises `InvalidProof` where it proves nothing."""
    try:
        old_key, key = (VerifierKey.parse(document[name]) for name in ("old_key", "new_key"))
        old_note, new_note = SignedNote.parse(document["old"]), SignedNote.parse(document["new"])
        other = base64.b64decode(document["other_root"], validate=True)
        proof = [base64.b64decode(hash, validate=True) for hash in document["proof"]]
    except (KeyError, TypeError, AttributeError, binascii.Error, ValueError) as error:
        if isinstance(error, InvalidProof):
            raise
        raise InvalidProof("This is no evidence that can be read.") from error
    notes.check(old_note, old_key)
    notes.check(new_note, key)
    old, new = CheckpointText.parse(old_note.text), CheckpointText.parse(new_note.text)
    if {old.origin, new.origin, old_key.name, key.name} != {new.origin}:
        raise InvalidProof("The checkpoints are of another log than the key.")
    if old.size == 0:
        raise InvalidProof("Every log continues an empty one: there is no fraud.")
    try:
        merkle.check_consistency(old.size, other, new.size, new.root, proof)
    except merkle.InvalidPath as error:
        raise InvalidProof("The evidence does not hold: %(why)s.", why=error) from error
    if other == old.root:
        raise InvalidProof("The later checkpoint continues the earlier one: there is no fraud.")
    says = (
        f"the log {new.origin} ended at entry {old.size} with one root, and its checkpoint at "
        f"entry {new.size} has another root for the same {old.size} entries"
    )
    earlier = "" if old_key == key else _fingerprint(old_key)
    return HistoryFraud(says, _fingerprint(key), earlier)


def _fingerprint(key: VerifierKey) -> str:
    return signing.fingerprint(Ed25519PublicKey.from_public_bytes(key.key))


# ── Any two documents that were signed ────────────────────────────────────────────────────────


@dataclass(slots=True)
class SignedStatement:
    """What one signed document says of a history.

    `logs` are the names of the log in it (the hearing's id, the origin of a checkpoint), `entries`
    the chain's hashes by the number of the entry, `roots` the tree's roots by its size. `whole`
    says whether `entries` go from the first to the last.
    """

    name: str
    kind: str
    signer: str
    logs: set[str]
    entries: dict[int, str] = field(default_factory=dict)
    roots: dict[int, bytes] = field(default_factory=dict)
    whole: bool = False

    def root(self, size: int) -> bytes | None:
        """The root of the tree of `size` entries, where the document tells it."""
        if size in self.roots:
            return self.roots[size]
        if not self.whole or size > len(self.entries):
            return None
        leaves = (bytes.fromhex(self.entries[seq]) for seq in range(1, size + 1))
        return merkle.Tree(leaves).root()


def read(path: Path, key: VerifierKey | None) -> SignedStatement:
    """Read a receipt, a published chain or a checkpoint, and check its signature.

    `key` is needed for a checkpoint, which does not bring its own. Raises `InvalidProof`, and
    `NotComparable` for what is none of them.
    """
    text = path.read_bytes().decode("utf-8", "replace")
    if not text.lstrip().startswith("{"):
        return _checkpoint(path.name, text, key)
    document = signing.parse(text)
    match document.get("format"):
        case receipts.RECEIPT | receipts.PROVED:
            return _receipt(path.name, text)
        case str(form) if form == CHAIN:
            return _chain(path.name, document)
    raise NotComparable(f"{path.name} is neither a receipt nor a published chain nor a checkpoint.")


def _receipt(name: str, text: str) -> SignedStatement:
    checked = receipts.check(text, None)
    seq, hearing = checked.content.seq, checked.content.hearing
    entries = {seq: checked.hash}
    if seq > 1:
        entries[seq - 1] = json.loads(text)["previous"]
    said = SignedStatement(name, "receipt", checked.signer, {hearing}, entries)
    if checked.proved is not None and checked.proved.signer == checked.signer:
        checkpoint = checked.proved.checkpoint
        said.logs.add(checkpoint.origin)
        said.roots[checkpoint.size] = checkpoint.root
    return said


def _chain(name: str, document: dict[str, Any]) -> SignedStatement:
    try:
        seal = seals.check_chain_seal(json.dumps(document["seal"]))
        rows, hearing = document["entries"], str(document["hearing"])
        hash = genesis(hearing)
        entries = {}
        for seq, row in enumerate(rows, start=1):
            hash = link(hash, row["digest"])
            entries[seq] = hash
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, InvalidProof):
            raise
        raise NotComparable(f"{name} is no published chain that can be read.") from error
    if seal.end != seals.End(hearing, len(entries), hash):
        raise InvalidProof("The chain in %(name)s does not lead to its seal.", name=name)
    return SignedStatement(name, "chain", seal.signer, {hearing}, entries, whole=True)


def _checkpoint(name: str, text: str, key: VerifierKey | None) -> SignedStatement:
    note = SignedNote.parse(text)
    checkpoint = CheckpointText.parse(note.text)
    if key is None:
        raise NotComparable(f"{name} is a checkpoint: give the log's key with --key.")
    notes.check(note, key)
    roots = {checkpoint.size: checkpoint.root}
    return SignedStatement(name, "checkpoint", _fingerprint(key), {checkpoint.origin}, roots=roots)


def compare(one: SignedStatement, other: SignedStatement) -> HistoryFraud | None:
    """How two documents of one signer contradict each other; None where they do not.

    Raises `NotComparable` where they say nothing of the same entries, so that nothing follows.
    """
    if one.signer != other.signer:
        raise NotComparable("They are signed with two keys, so nobody contradicts themselves.")
    if not one.logs & other.logs:
        raise NotComparable("They are of two different hearings.")
    common = sorted(one.entries.keys() & other.entries.keys())
    for seq in common:
        if one.entries[seq] != other.entries[seq]:
            says = f"entry {seq} is not the same in {one.name} and in {other.name}"
            return HistoryFraud(says, one.signer)
    sizes = sorted(one.roots.keys() | other.roots.keys())
    told = [(size, one.root(size), other.root(size)) for size in sizes]
    both = [(size, mine, theirs) for size, mine, theirs in told if mine and theirs]
    for size, mine, theirs in both:
        if mine != theirs:
            says = f"the first {size} entries have one root in {one.name}, another in {other.name}"
            return HistoryFraud(says, one.signer)
    if not common and not both:
        raise NotComparable(
            "They tell of different entries, so nothing follows. Compare each with the published "
            "chain (chain.json)."
        )
    return None
