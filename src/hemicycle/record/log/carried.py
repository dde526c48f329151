"""The checkpoints that an archive or a published chain contains, and what they prove of its record.

They are a list of JSON objects, each with the `checkpoint` (the note, with the cosignatures
received so far), the `key` that signed it and, if an authority stamped it, the `token`: its answer
in DER, in base64. In an archive the list is a file of its own, `NAME`.

The verifier has the whole record, so no proof is needed: the root is computed from its hashes.

Standard library and `cryptography` only, so it works where Hemicycle is not installed as a service.
"""

import base64
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.x509 import Certificate

from hemicycle.record import signing
from hemicycle.record.log import merkle, notes, proofs, timestamps
from hemicycle.record.log.merkle import Frontier, Place
from hemicycle.record.log.notes import CheckpointText, SignedNote, VerifierKey
from hemicycle.record.log.proofs import Witnessed
from hemicycle.record.signing import InvalidProof
from hemicycle.record.speech import noop as _

NAME = "checkpoints.json"
FORMAT = "hemicycle-checkpoints-1"
MOST = 256
"""The most checkpoints that are read: one for each witness is enough."""


@dataclass(frozen=True, slots=True)
class Judges:
    """Witnesses and time stamp authorities that the reader knows from elsewhere.

    `must_sign` says whether each witness, and one of the authorities, must have signed.
    """

    witnesses: tuple[VerifierKey, ...] = ()
    authorities: tuple[Certificate, ...] = ()
    must_sign: bool = True


NOBODY = Judges()


@dataclass(frozen=True, slots=True)
class UnjudgedCheckpoint:
    """A checkpoint whose log signature is checked, and nothing else yet."""

    note: SignedNote
    checkpoint: CheckpointText
    key: VerifierKey
    signer: str
    token: bytes | None = None


@dataclass(frozen=True, slots=True)
class CarriedCheckpoint:
    """A checkpoint that the record's entries lead to.

    `root` is 64 hexadecimal digits, `signer` a fingerprint. `unknown` are the names on cosignatures
    that were not checked, because their keys were not given. `stamped_at` is the time (in seconds
    since the Unix epoch) that an authority names; None if there is no stamp (`has_stamp`), or if no
    trusted authority was given.
    """

    origin: str
    size: int
    root: str
    signer: str
    witnessed: tuple[Witnessed, ...] = ()
    unknown: tuple[str, ...] = ()
    has_stamp: bool = False
    stamped_at: int | None = None
    authority: str = ""


class RecordRoots:
    """The roots of a record at some sizes, computed while its entries are read once."""

    def __init__(self, sizes: Iterable[int]) -> None:
        self._wanted = frozenset(sizes)
        self._last = max(self._wanted, default=0)
        self._frontier = Frontier.empty()
        self._found: dict[int, tuple[bytes, int]] = {}
        self.count = 0

    def add(self, hash: str, at: int = 0) -> None:
        """Add the next entry: its hash in the chain, and its time in ms since the Unix epoch."""
        self.count += 1
        if self.count > self._last:
            return
        self._made(self._frontier.add(merkle.leaf_hash(bytes.fromhex(hash))))
        if self.count in self._wanted:
            self._found[self.count] = self._frontier.root(), at

    def _made(self, nodes: Iterable[tuple[Place, bytes]]) -> None:
        """Receive the nodes of the tree that an entry has completed; a subclass can keep them."""

    def at(self, size: int) -> tuple[bytes, int]:
        """Return the root of the first `size` entries, and the time of the last of them.

        The time is in ms since the Unix epoch, 0 if unknown.
        """
        return self._found[size]


def spelled(note: SignedNote, key: str, token: bytes | None = None) -> dict[str, str]:
    """Return one checkpoint as a JSON object."""
    found = {"checkpoint": str(note), "key": key}
    if token is not None:
        found["token"] = base64.b64encode(token).decode()
    return found


def document(carried: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """Return the content of an archive's file of checkpoints."""
    return {"format": FORMAT, "checkpoints": list(carried)}


def documents_of(text: str) -> list[Any]:
    """Return the list in an archive's file of checkpoints; raise `InvalidProof`."""
    found = signing.parse(text)
    if found.keys() != {"format", "checkpoints"} or found["format"] != FORMAT:
        raise _unreadable()
    if not isinstance(found["checkpoints"], list):
        raise _unreadable()
    return found["checkpoints"]


def sizes_in(documents: Any) -> set[int]:
    """Return the sizes that a list claims, even if other parts of it are invalid."""
    try:
        return {claim.checkpoint.size for claim in read(documents)}
    except InvalidProof:
        return set()


def read(documents: Any) -> list[UnjudgedCheckpoint]:
    """Read a list of checkpoints and check who signed them; raises `InvalidProof`."""
    if not isinstance(documents, list) or len(documents) > MOST:
        raise _unreadable()
    claims = [_read(document) for document in documents]
    for claim in claims[1:]:
        one, other = claims[0].checkpoint.origin, claim.checkpoint.origin
        if one != other:
            raise InvalidProof(
                _("It has checkpoints of two logs: %(one)s and %(other)s."), one=one, other=other
            )
    return claims


def _read(document: Any) -> UnjudgedCheckpoint:
    fields = document if isinstance(document, dict) else {}
    texts = all(isinstance(text, str) for text in fields.values())
    if not texts or fields.keys() - {"token"} != {"checkpoint", "key"}:
        raise _unreadable()
    token = fields.get("token")
    try:
        stamp = None if token is None else base64.b64decode(token, validate=True)
    except ValueError as error:
        raise _unreadable() from error
    note = SignedNote.parse(fields["checkpoint"])
    return claimed(note, signing.decoded(fields["key"]), stamp)


def claimed(
    note: SignedNote, key: Ed25519PublicKey, token: bytes | None = None
) -> UnjudgedCheckpoint:
    """Return a checkpoint that this key signed; raise `InvalidProof` if it did not."""
    checkpoint = CheckpointText.parse(note.text)
    if checkpoint.size == 0:
        raise _unreadable()
    log = VerifierKey.of(checkpoint.origin, key)
    notes.check(note, log)
    return UnjudgedCheckpoint(note, checkpoint, log, signing.fingerprint(key), token)


def _unreadable() -> InvalidProof:
    return InvalidProof(_("It is not a readable list of checkpoints."))


def judge(
    claims: Sequence[UnjudgedCheckpoint],
    roots: RecordRoots,
    signers: Collection[str],
    judges: Judges = NOBODY,
) -> tuple[CarriedCheckpoint, ...]:
    """Check that a record leads to its checkpoints, and who signed them.

    `signers` are the fingerprints of the record's keys. Raises `InvalidProof`, also if one of the
    given judges has signed none of them.
    """
    found = tuple(_judged(claim, roots, signers, judges) for claim in claims)
    if judges.must_sign:
        require(found, judges)
    return found


def require(found: Collection[CarriedCheckpoint], judges: Judges) -> None:
    """Raise `InvalidProof` if a witness, or all the authorities, signed none of the checkpoints."""
    signed = {witnessed.name for carried in found for witnessed in carried.witnessed}
    for witness in judges.witnesses:
        if witness.name not in signed:
            raise InvalidProof(
                _("%(name)s has cosigned none of the checkpoints."), name=witness.name
            )
    if judges.authorities and not any(carried.has_stamp for carried in found):
        raise InvalidProof(_("None of the checkpoints has a time stamp."))


def _judged(
    claim: UnjudgedCheckpoint, roots: RecordRoots, signers: Collection[str], judges: Judges
) -> CarriedCheckpoint:
    said = claim.checkpoint
    if claim.signer not in signers:
        raise InvalidProof(
            _(
                "The checkpoint of %(size)d entries is signed with a key other than the one that "
                "the record names: %(signer)s."
            ),
            size=said.size,
            signer=claim.signer,
        )
    if said.size > roots.count:
        raise InvalidProof(
            _(
                "The checkpoint covers %(size)d entries, but the record has only %(count)d: "
                "entries were removed from the record, or the checkpoint belongs to another "
                "hearing."
            ),
            size=said.size,
            count=roots.count,
        )
    root, at = roots.at(said.size)
    if root != said.root:
        raise InvalidProof(
            _(
                "The record does not lead to the root of the checkpoint of %(size)d entries of "
                "%(origin)s: the checkpoint belongs to another hearing, or the history was "
                "changed."
            ),
            size=said.size,
            origin=said.origin,
        )
    witnessed, unknown = proofs.cosigners(claim.note, claim.key, judges.witnesses, at)
    stamped_at, authority = _stamp(claim, judges.authorities, at)
    return CarriedCheckpoint(
        origin=said.origin,
        size=said.size,
        root=said.root.hex(),
        signer=claim.signer,
        witnessed=witnessed,
        unknown=unknown,
        has_stamp=claim.token is not None,
        stamped_at=stamped_at,
        authority=authority,
    )


def _stamp(
    claim: UnjudgedCheckpoint, authorities: Sequence[Certificate], at: int
) -> tuple[int | None, str]:
    if claim.token is None or not authorities:
        return None, ""
    stamp = timestamps.check(claim.token, str(claim.checkpoint).encode(), authorities)
    timestamps.require_after(stamp, at)
    return int(stamp.at.timestamp()), stamp.authority
