"""Check incoming cosignatures, and keep them with their checkpoint."""

import logging
from collections.abc import Sequence
from uuid import UUID

from django.db import DatabaseError, transaction

from hemicycle.record import clock
from hemicycle.record.log import checkpoints, notes
from hemicycle.record.log.notes import CheckpointText, InvalidNote, SignedNote, VerifierKey
from hemicycle.record.models import Checkpoint, Cosignature

log = logging.getLogger(__name__)

TOLERANCE_S = 300
"""Seconds by which a witness's clock may differ from ours."""


class CosignatureRefused(Exception):
    """A cosignature that is not kept.

    `reason` is one of: malformed, checkpoint, witness, signature, clock, history. The message is a
    sentence for the operator of the witness.
    """

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


def take(hearing: UUID, text: str, witnesses: Sequence[VerifierKey]) -> list[str]:
    """Keep the cosignatures of known witnesses on one of our checkpoints; return their names.

    A cosignature that is already kept is not an error. Raises `CosignatureRefused` if no known
    witness signed, or if a known witness's cosignature is invalid.
    """
    try:
        note = SignedNote.parse(text)
        claimed = CheckpointText.parse(note.text)
    except InvalidNote as error:
        raise CosignatureRefused("malformed", str(error)) from error
    checkpoint = _checkpoint(hearing, note, claimed)
    known = {(key.name, key.id): key for key in witnesses}
    lines = {(line.name, line.key_id): line for line in note.signatures}
    found = [
        _checked(checkpoint, note, known[who], line) for who, line in lines.items() if who in known
    ]
    if not found:
        raise CosignatureRefused(
            "witness",
            "No witness of this hearing signed it. Give your key to the secretariat of the "
            "hearing, which names its witnesses.",
        )
    for cosignature in found:
        _keep(cosignature)
    return [cosignature.name for cosignature in found]


def _keep(cosignature: Cosignature) -> None:
    """Keep a cosignature, unless this checkpoint already has one by the same witness."""
    kept = Cosignature.objects.filter(
        checkpoint=cosignature.checkpoint, name=cosignature.name, key_hash=cosignature.key_hash
    )
    if kept.exists():
        return
    try:
        with transaction.atomic():
            cosignature.save(force_insert=True)
    except DatabaseError:  # another process has just kept a cosignature, which is never replaced
        if not kept.exists():
            raise


def _checkpoint(hearing: UUID, note: SignedNote, claimed: CheckpointText) -> Checkpoint:
    """Return our checkpoint for a note; raise `CosignatureRefused` if there is none.

    A checkpoint that our key signed and that we do not have proves a fork; it is logged.
    """
    found = Checkpoint.objects.filter(hearing=hearing, size=claimed.size).first()
    if found is not None and str(checkpoints.text_of(found)) == note.text:
        return found
    last = checkpoints.latest(hearing)
    if last is not None and _is_signed_by_us(note, last):
        log.critical(
            "a checkpoint at entry %d that our key signed is not one of hearing %s: "
            "another history was signed with this key",
            claimed.size,
            hearing,
        )
        raise CosignatureRefused(
            "history", "Our key signed it, but it is none of our checkpoints: keep it as evidence."
        )
    raise CosignatureRefused("checkpoint", "This hearing has no such checkpoint.")


def _is_signed_by_us(note: SignedNote, last: Checkpoint) -> bool:
    try:
        notes.check(note, checkpoints.key_of(last))
    except InvalidNote:
        return False
    return True


def _checked(
    checkpoint: Checkpoint, note: SignedNote, key: VerifierKey, line: notes.NoteSignature
) -> Cosignature:
    try:
        at = notes.check_cosignature(note, key)
    except InvalidNote as error:
        raise CosignatureRefused("signature", str(error)) from error
    off_s = at - clock.now_ms() // 1000
    if abs(off_s) > TOLERANCE_S:
        raise CosignatureRefused(
            "clock",
            f"The clock of {key.name} is {abs(off_s)} seconds {'fast' if off_s > 0 else 'slow'} "
            "by ours. Set it, and cosign again.",
        )
    return Cosignature(
        checkpoint=checkpoint,
        name=key.name,
        key_hash=key.id.hex(),
        timestamp=at,
        line=str(line),
    )
