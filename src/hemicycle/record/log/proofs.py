"""The proof that an entry is in a checkpoint, as receipts and published addresses hold it.

A proof is a JSON object. Its `checkpoint` is the note: the text that the log signed, and the
cosignatures of witnesses. Its `path` is the hashes that lead from the entry to the checkpoint's
root, 32 bytes each, one after another, in base64. Its `key` is the public key that signed the
checkpoint, as signed documents hold it.

Standard library and `cryptography` only, so it works where Hemicycle is not installed as a service.
"""

import base64
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hemicycle.record import signing
from hemicycle.record.log import merkle, notes
from hemicycle.record.log.merkle import HASH_BYTES
from hemicycle.record.log.notes import COSIGNATURE, CheckpointText, SignedNote, VerifierKey
from hemicycle.record.signing import InvalidProof
from hemicycle.record.speech import noop as _

CLOCK_S = 300
"""How many seconds a witness's clock may be behind the time of the entry."""


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A witness with a checked cosignature, and its time in seconds since the Unix epoch."""

    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Proved:
    """What a proof shows: the entry is in this checkpoint, which the log's key signed.

    `key` is that key, 32 bytes, and `signer` its fingerprint. `witnessed` are the checked
    cosignatures of witnesses whose keys were given, `unknown` the names on all others, which are
    not checked.
    """

    checkpoint: CheckpointText
    note: SignedNote
    key: bytes
    signer: str
    witnessed: tuple[Witnessed, ...] = ()
    unknown: tuple[str, ...] = ()


def proof(note: SignedNote, path: Sequence[bytes], key: str) -> dict[str, str]:
    """Return a proof as a JSON object."""
    return {"checkpoint": str(note), "path": spelled(path), "key": key}


def spelled(path: Sequence[bytes]) -> str:
    """Return a path as proofs hold it: its hashes one after another, in base64."""
    return base64.b64encode(b"".join(path)).decode()


def check(
    document: Mapping[str, Any],
    *,
    seq: int,
    hash: str,
    at: int,
    witnesses: Iterable[VerifierKey] = (),
) -> Proved:
    """Check that a proof leads from entry `seq` to its checkpoint; raise `InvalidProof`.

    `hash` is the entry's hash in the chain and `at` its time in milliseconds since the Unix epoch.
    The caller decides whether to trust the signer. `witnesses` are the keys of witnesses that are
    known from elsewhere.
    """
    try:
        note = SignedNote.parse(document["checkpoint"])
        path = hashes(document["path"])
        signed_by = signing.decoded(document["key"])
    except (KeyError, TypeError, AttributeError) as error:
        raise InvalidProof(_("This receipt’s proof is incomplete.")) from error
    checkpoint = CheckpointText.parse(note.text)
    log = VerifierKey.of(checkpoint.origin, signed_by)
    notes.check(note, log)
    try:
        merkle.check_inclusion(bytes.fromhex(hash), seq - 1, checkpoint.size, path, checkpoint.root)
    except merkle.InvalidPath as error:
        raise InvalidProof(
            _("The proof does not lead from the entry to the checkpoint of %(origin)s."),
            origin=checkpoint.origin,
        ) from error
    witnessed, unknown = cosigners(note, log, tuple(witnesses), at)
    signer = signing.fingerprint(signed_by)
    return Proved(checkpoint, note, log.key, signer, witnessed, unknown)


def cosigners(
    note: SignedNote, log: VerifierKey, witnesses: Collection[VerifierKey], at: int
) -> tuple[tuple[Witnessed, ...], tuple[str, ...]]:
    """Return who cosigned a checkpoint of `log`: the known witnesses, and the names of others.

    `at` is the time of the entry in milliseconds since the Unix epoch. Raises `InvalidProof` for a
    cosignature that is invalid, or older than the entry.
    """
    witnessed = tuple(_witnessed(note, witnesses, at))
    names = {witness.name for witness in witnessed}
    others = (line.name for line in note.signatures if line.key_id != log.id)
    return witnessed, tuple(dict.fromkeys(name for name in others if name not in names))


def hashes(spelled: str) -> list[bytes]:
    """Return the hashes of a path in a proof; raise `InvalidProof` for a truncated one."""
    try:
        data = base64.b64decode(spelled, validate=True)
    except (ValueError, TypeError) as error:
        raise InvalidProof(_("This receipt’s proof is incomplete.")) from error
    if len(data) % HASH_BYTES:
        raise InvalidProof(_("This receipt’s proof is incomplete."))
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def _witnessed(
    note: SignedNote, witnesses: Collection[VerifierKey], at: int
) -> Iterable[Witnessed]:
    for witness in witnesses:
        if witness.type != COSIGNATURE:
            raise InvalidProof(
                _("The key of %(name)s is not the key of a witness."), name=witness.name
            )
        if not any(
            (line.name, line.key_id) == (witness.name, witness.id) for line in note.signatures
        ):
            continue
        signed_at = notes.check_cosignature(note, witness)
        if signed_at + CLOCK_S < at // 1000:
            raise InvalidProof(
                _("The cosignature of %(name)s is older than the entry: a clock was wrong."),
                name=witness.name,
            )
        yield Witnessed(witness.name, signed_at)
