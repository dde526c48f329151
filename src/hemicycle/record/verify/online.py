"""Check a receipt against the log as it is published now.

The log must still contain the entry, and must only have grown. All reads are limited in size and
time, and prove nothing by themselves. Standard library and `cryptography` only.
"""

from hemicycle.record import receipts
from hemicycle.record.log import merkle, notes, proofs
from hemicycle.record.log.notes import CheckpointText, SignedNote, VerifierKey
from hemicycle.record.log.proofs import Proved
from hemicycle.record.log.remote import LogUnreachable, RemoteLog
from hemicycle.record.signing import InvalidProof, require
from hemicycle.record.speech import gettext
from hemicycle.record.speech import noop as _
from hemicycle.record.verify.report import Unreadable


def check_online(checked: receipts.Checked, prefix: str) -> CheckpointText:
    """Check a receipt with the log whose addresses begin with `prefix`; return its newest state.

    Raises `InvalidProof` if the log contradicts the receipt, `Unreadable` if it cannot be reached.
    """
    try:
        return _check(checked, RemoteLog(prefix))
    except LogUnreachable as error:
        raise Unreadable(str(error)) from error


def _check(checked: receipts.Checked, log: RemoteLog) -> CheckpointText:
    proved = checked.proved or _fetched_proof(checked, log)
    note = SignedNote.parse(log.checkpoint().note)
    newest = CheckpointText.parse(note.text)
    if newest.origin != proved.checkpoint.origin:
        raise InvalidProof(
            _("The receipt belongs to the log %(own)s, but this is the log %(found)s."),
            own=proved.checkpoint.origin,
            found=newest.origin,
        )
    notes.check(note, VerifierKey(newest.origin, notes.LOG, proved.key))
    _require_grown(proved.checkpoint, newest, log)
    return newest


def _fetched_proof(checked: receipts.Checked, log: RemoteLog) -> Proved:
    content = checked.content
    told = log.document(f"inclusion/{content.seq}.json")
    if not isinstance(told.get("proof"), dict):
        raise Unreadable(gettext("The answer of the log cannot be read."))
    proved = proofs.check(told["proof"], seq=content.seq, hash=checked.hash, at=content.at)
    require(proved.signer, {checked.signer})
    return proved


def _require_grown(old: CheckpointText, new: CheckpointText, log: RemoteLog) -> None:
    if new.size < old.size:
        raise InvalidProof(
            _(
                "The log has %(new)d entries now, and had %(old)d before: entries have been "
                "removed."
            ),
            new=new.size,
            old=old.size,
        )
    path = log.document(f"consistency/{old.size}-{new.size}.json").get("path")
    if not isinstance(path, str):
        raise Unreadable(gettext("The answer of the log cannot be read."))
    try:
        hashes = proofs.hashes(path)
        merkle.check_consistency(old.size, old.root, new.size, new.root, hashes)
    except merkle.InvalidPath as error:
        raise InvalidProof(
            _(
                "The log of today does not begin as the receipt’s checkpoint says: its history has "
                "been changed."
            )
        ) from error
