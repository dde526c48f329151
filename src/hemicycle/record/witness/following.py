"""Follow a hearing: read its checkpoint, judge it, cosign it and send the cosignature.

Standard library and `cryptography` only.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass

from hemicycle.record.log import merkle
from hemicycle.record.log.remote import LogUnreachable, RemoteLog
from hemicycle.record.signing import InvalidProof
from hemicycle.record.speech import gettext as _
from hemicycle.record.speech import noop as gettext_noop
from hemicycle.record.witness import renewed_key
from hemicycle.record.witness.judging import ClaimedCheckpoint, NotCosigned, Witness
from hemicycle.record.witness.renewed_key import LogGrew, RenewedKey
from hemicycle.record.witness.state import LastSeen


@dataclass(frozen=True, slots=True)
class LogLook:
    """The result of one look at a hearing.

    `delivered` is the hearing's answer to the cosignature, "" if it was accepted.
    """

    size: int
    is_new: bool
    delivered: str = ""


def look(
    witness: Witness,
    log: RemoteLog,
    origin: str,
    tell_renewed: Callable[[RenewedKey], None] = lambda renewed: None,
) -> LogLook:
    """Read the newest checkpoint once, cosign it, and send the cosignature to the hearing.

    `origin` is the log that must be at that address. If a known key has signed a new key on the
    log's record, the new key is accepted and passed to `tell_renewed`.

    Raises `NotCosigned` for a checkpoint that is not cosigned, `ForkFound` for a changed history,
    and `LogUnreachable` if the log does not answer as specified.
    """
    published = log.checkpoint()
    claim = _read(witness, log, published.note, tell_renewed)
    if claim.checkpoint.origin != origin:
        raise NotCosigned(
            "unknown-origin",
            gettext_noop("The log at %(address)s is “%(found)s”, not “%(origin)s”."),
            found=claim.checkpoint.origin,
            address=log.prefix,
            origin=origin,
        )
    witness.check(claim, published.server_time)
    seen = witness.seen(claim.checkpoint.origin)
    is_known = seen is not None and seen.size == claim.checkpoint.size
    if is_known and _is_shown(witness, claim) and seen is not None and _is_same(claim, seen):
        return LogLook(claim.checkpoint.size, is_new=False)
    cosignature = witness.cosign(claim, _proof(witness, claim, seen, log))
    whole = claim.note.with_signatures([cosignature])
    return LogLook(claim.checkpoint.size, not is_known, _deliver(log, str(whole)))


def _read(
    witness: Witness, log: RemoteLog, note: str, tell_renewed: Callable[[RenewedKey], None]
) -> ClaimedCheckpoint:
    try:
        return witness.read(note)
    except NotCosigned as refused:
        if refused.reason != "unknown-key":
            raise
        known = witness.keys_of(note.partition("\n")[0])
        try:
            renewed = renewed_key.successor(note, log.document("successions.json"), known)
        except LogGrew as error:
            said = _("%(address)s grew while we read it; we read it again.")
            raise LogUnreachable(said % {"address": log.prefix}) from error
        except (InvalidProof, LogUnreachable) as error:
            both = {"refused": refused, "why": error}
            raise NotCosigned("unknown-key", "%(refused)s (%(why)s)", **both) from error
    witness.learn(renewed.key)
    tell_renewed(renewed)
    return witness.read(note)


def _is_shown(witness: Witness, claim: ClaimedCheckpoint) -> bool:
    """Return whether the checkpoint already has our cosignature."""
    own = (witness.key.name, witness.key.id)
    return any((line.name, line.key_id) == own for line in claim.note.signatures)


def _is_same(claim: ClaimedCheckpoint, seen: LastSeen) -> bool:
    return base64.b64encode(claim.checkpoint.root).decode() == seen.root


def _proof(
    witness: Witness, claim: ClaimedCheckpoint, seen: LastSeen | None, log: RemoteLog
) -> list[bytes]:
    """Return the proof that the log continues the last cosigned checkpoint, made from its tiles.

    The tiles must lead to the root that was signed, so that any later error is the log's fault.
    """
    new = claim.checkpoint
    if seen is None or seen.size in {0, new.size} or new.size < seen.size:
        return []
    read = log.reader(new.size)
    proof = merkle.consistency(read, seen.size, new.size)
    other = merkle.root(read, seen.size)
    try:
        merkle.check_consistency(seen.size, other, new.size, new.root, proof)
    except merkle.InvalidPath as error:
        said = _("The tiles at %(address)s do not lead to the root that was signed (%(why)s).")
        raise LogUnreachable(said % {"address": log.prefix, "why": error}) from error
    if base64.b64encode(other).decode() != seen.root:
        raise witness.changed(claim, seen, other, proof)
    return proof


def _deliver(log: RemoteLog, note: str) -> str:
    try:
        status, says = log.deliver(note)
    except LogUnreachable as error:
        return str(error)
    if status == 200:
        return ""
    return _("The hearing answers %(status)s: %(says)s") % {"status": status, "says": says}
