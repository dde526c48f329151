"""Make, find and write the checkpoints of hearings' records.

A checkpoint is made from committed entries, without the record's lock, so writers never wait for
it. Before a checkpoint is signed, the tree is compared with the previous one: so this installation
never signs two histories, whatever happened to its database.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import DatabaseError, transaction
from django.db.models import Count, Max

from hemicycle.record import clock, keys, receipts, renewal, signing, succession
from hemicycle.record.chain import Content
from hemicycle.record.key_stores.base import KeyUnavailable
from hemicycle.record.log import carried as carrying
from hemicycle.record.log import merkle, notes, proofs, store
from hemicycle.record.log.merkle import Read
from hemicycle.record.log.notes import CheckpointText, NoteSignature, SignedNote, VerifierKey
from hemicycle.record.models import Checkpoint, Cosignature, Entry, Head, TimeStamp
from hemicycle.record.witness import renewed_key

EVERY_MS = 10_000
"""The age of a checkpoint, in ms, after which the next one is made while entries arrive."""


class HistoryChanged(Exception):
    """The record no longer begins with its last checkpoint; nothing is signed."""


@dataclass(frozen=True, slots=True)
class Inclusion:
    """A checkpoint that covers an entry, and the proof of inclusion."""

    checkpoint: Checkpoint
    path: list[bytes]


def origin_of(hearing: UUID, named: str) -> str:
    """Return the name of a hearing's log: as its checkpoints name it, or `named` before the first.

    The name stays the same when the site moves or its key is renewed.
    """
    last = latest(hearing)
    return last.origin if last else named


def public_key(hearing: UUID) -> Ed25519PublicKey:
    """Return the key that signs a hearing's log, according to its record and its checkpoints.

    So readers can check what is published while the key store is unreachable. Raises
    `KeyUnavailable` if it is unreachable and nothing has been signed yet.
    """
    if line := renewal.successions_of(hearing):
        return signing.decoded(line[-1]["new_key"])
    if last := latest(hearing):
        return signing.decoded(last.key)
    try:
        return keys.signing_key().public_key()
    except KeyUnavailable:
        if newest := _newest_key():
            return signing.decoded(newest)
        raise


def verifier_key(hearing: UUID, named: str) -> VerifierKey:
    """Return the key of a hearing's log as of now, in C2SP's form; raise as `public_key`."""
    return VerifierKey.of(origin_of(hearing, named), public_key(hearing))


def known_fingerprint() -> str:
    """Return the fingerprint of the current key; of the last one that signed if it is unreachable.

    A web process that has started since then has never seen the key, and letters and pages need
    only its fingerprint. Raises `KeyUnavailable` if there is no checkpoint either.
    """
    try:
        return keys.fingerprint()
    except KeyUnavailable:
        if newest := _newest_key():
            return signing.fingerprint_of(newest)
        raise


def _newest_key() -> str | None:
    """Return the key of the newest checkpoint of any hearing, as signed documents hold it."""
    return Checkpoint.objects.order_by("-pk").values_list("key", flat=True).first()


def latest(hearing: UUID) -> Checkpoint | None:
    """Return the newest checkpoint of a hearing's record."""
    return Checkpoint.objects.filter(hearing=hearing).order_by("-size").first()


def make(hearing: UUID, named: str) -> Checkpoint | None:
    """Make a checkpoint of the record now; return the last one if no entry was added.

    `named` is the name of the log, which its first checkpoint fixes. Returns None if the record is
    empty, or if another process is making one at this moment. Raises `HistoryChanged`.
    """
    head = Head.objects.filter(hearing=hearing).first()
    last = latest(hearing)
    if head is None or head.seq == 0 or (last is not None and last.size == head.seq):
        return last
    try:
        # Not under the record's lock: the tree is made of committed entries, and writers must not
        # wait while it is hashed.
        return _make(hearing, head.seq, last, named)
    # If the newest checkpoint has changed, another process was faster; any other error is raised.
    except DatabaseError:
        if latest(hearing) == last:
            raise
        return None


def _make(hearing: UUID, size: int, last: Checkpoint | None, named: str) -> Checkpoint:
    store.grow(hearing, size)
    read = store.reader(hearing, size)
    if last is not None and not (last.size < size and _begins_with(last, read)):
        raise HistoryChanged(
            f"the record of hearing {hearing} does not begin as its checkpoint of {last.size} "
            "entries says: its history was changed, or an old copy of the database restored"
        )
    signer = keys.signing_key()
    text = CheckpointText(last.origin if last else named, size, merkle.root(read, size))
    made = Checkpoint(
        hearing=hearing,
        size=size,
        root=text.root.hex(),
        at=clock.now_ms(),
        origin=text.origin,
        key=signing.encoded(signer.public_key()),
        signature=str(notes.sign(str(text), text.origin, signer)),
    )
    with transaction.atomic():
        made.save(force_insert=True)
    return made


def _begins_with(last: Checkpoint, read: Read) -> bool:
    """Return whether the tree of the last checkpoint, and the entry at its end, are unchanged.

    The hash of each entry depends on all entries before it, so this one entry stands for them all,
    although their tiles are not computed again.
    """
    leaves = store.leaves(last.hearing, last.size - 1, last.size)
    return [merkle.leaf_hash(leaf) for leaf in leaves] == read([(0, last.size - 1)]) and (
        merkle.root(read, last.size) == bytes.fromhex(last.root)
    )


def text_of(checkpoint: Checkpoint) -> CheckpointText:
    """Return the text of a checkpoint."""
    return CheckpointText(checkpoint.origin, checkpoint.size, bytes.fromhex(checkpoint.root))


def note_of(checkpoint: Checkpoint) -> SignedNote:
    """Return a checkpoint as a note, with the cosignatures received so far: one query."""
    cosigned = checkpoint.cosignatures.order_by("timestamp", "name").values_list("line", flat=True)
    lines = (checkpoint.signature, *cosigned)
    return SignedNote(str(text_of(checkpoint)), tuple(NoteSignature.parse(line) for line in lines))


def key_of(checkpoint: Checkpoint) -> VerifierKey:
    """Return the key that signed a checkpoint, in C2SP's form."""
    return VerifierKey.of(checkpoint.origin, signing.decoded(checkpoint.key))


def inclusion(hearing: UUID, seq: int) -> Inclusion | None:
    """Return the proof that an entry is in the best checkpoint; None if none covers it yet."""
    best = best_for(hearing, seq)
    return inclusion_in(best, seq) if best else None


def best_for(hearing: UUID, seq: int) -> Checkpoint | None:
    """Return the most cosigned checkpoint that covers an entry; of several, the earliest."""
    covering = Checkpoint.objects.filter(hearing=hearing, size__gte=seq)
    return covering.annotate(count=Count("cosignatures")).order_by("-count", "size").first()


def inclusion_in(checkpoint: Checkpoint, seq: int) -> Inclusion:
    """Return the proof that an entry is in a checkpoint; raise `ValueError` if it is not."""
    read = store.reader(checkpoint.hearing, checkpoint.size)
    return Inclusion(checkpoint, merkle.inclusion(read, seq - 1, checkpoint.size))


def proof_of(found: Inclusion) -> dict[str, str]:
    """Return the proof as receipts hold it, with the cosignatures received so far: one query."""
    return proofs.proof(note_of(found.checkpoint), found.path, found.checkpoint.key)


def carried(hearing: UUID, size: int) -> list[dict[str, str]]:
    """Return the checkpoints for an archive or a chain of `size` entries (`log.carried`).

    The newest checkpoint of these entries, the newest that each witness cosigned, and the newest
    that was stamped, each once and in order. The newest one alone is not enough: often no witness
    has seen it yet.
    """
    own = Checkpoint.objects.filter(hearing=hearing, size__lte=size)
    cosigned = Cosignature.objects.filter(checkpoint__in=own).values("name", "key_hash")
    stamps = TimeStamp.objects.filter(hearing=hearing, size__lte=size).order_by("-size")
    stamp = stamps.first()
    wanted = {row["size"] for row in cosigned.annotate(size=Max("checkpoint__size"))}
    if stamp is not None:
        wanted.add(stamp.size)
    newest = own.order_by("-size").values_list("size", flat=True).first()
    if newest is not None:
        wanted.add(newest)
    found = own.filter(size__in=wanted).order_by("size")
    tokens = {stamp.size: bytes(stamp.token)} if stamp else {}
    return [carrying.spelled(note_of(row), row.key, tokens.get(row.size)) for row in found]


def successions(hearing: UUID, checkpoint: Checkpoint) -> list[dict[str, Any]]:
    """Return the entries in which a key signed its successor, with their proofs, for witnesses."""
    found = Entry.objects.filter(hearing=hearing, kind=succession.ENTRY, seq__lte=checkpoint.size)
    own = SignedNote(str(text_of(checkpoint)), (NoteSignature.parse(checkpoint.signature),))
    spelled = []
    for entry in found.order_by("-seq")[: renewed_key.MOST]:
        (before,) = store.leaves(hearing, entry.seq - 2, entry.seq - 1)
        path = inclusion_in(checkpoint, entry.seq).path
        content = Content.of(entry.__dict__)
        made = receipts.proved_receipt(content, before.hex(), own, path, checkpoint.key)
        spelled.append(made)
    return spelled[::-1]


def consistency(hearing: UUID, old: int, new: int) -> list[bytes]:
    """Return the proof that the first `old` entries of a record of `new` entries are unchanged."""
    return merkle.consistency(store.reader(hearing, new), old, new)
