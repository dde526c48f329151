"""`hemicycle verify --fork`: check whether one key signed two histories.

Standard library and `cryptography` only.
"""

import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hemicycle.record import signing
from hemicycle.record.log.notes import InvalidNote, VerifierKey
from hemicycle.record.signing import InvalidProof
from hemicycle.record.speech import gettext as _
from hemicycle.record.verify.report import text_of
from hemicycle.record.verify.telling import printable
from hemicycle.record.witness import fork, statements
from hemicycle.record.witness.fork import HistoryFraud, NotComparable

AGREE, PROVED, UNREADABLE, UNKNOWN_SIGNER = 0, 1, 2, 3
"""The exit codes of the command: as in `hemicycle verify`, 1 says that something is wrong."""


def run(paths: Sequence[Path], key: str) -> int:
    """Compare two documents, or check the evidence of a witness; print the result.

    `key` is the log's key as its page prints it, or a fingerprint; "" for none.
    """
    try:
        trusted, log_key = _key(key)
        fraud = _found(paths, log_key)
        if fraud is None:
            print(_("They agree: they can belong to the same history."))
            return AGREE
    except (InvalidProof, NotComparable, OSError) as error:
        print(printable(_("Nothing could be proved: %(why)s") % {"why": error}), file=sys.stderr)
        return UNREADABLE
    if trusted and trusted not in {fraud.signer, fraud.earlier}:
        said = _("They are signed with another key: %(key)s.")
        print(said % {"key": fraud.signer}, file=sys.stderr)
        return UNREADABLE
    fraud_says = _("FRAUD: one key signed two histories: %(says)s.") % {"says": fraud.says}
    print(printable(fraud_says))
    print(_("Signed with the key %(key)s.") % {"key": fraud.signer})
    if fraud.earlier:
        print(_("The first history was signed with the key %(key)s.") % {"key": fraud.earlier})
        print(_("Check in the published chain whether that key was replaced by the other."))
        return UNKNOWN_SIGNER
    if trusted:
        return PROVED
    print(
        _(
            "Compare this key with the one in a letter or on a receipt, and give that one with "
            "--key."
        )
    )
    return UNKNOWN_SIGNER


def _key(spelled: str) -> tuple[str, VerifierKey | None]:
    """Return the fingerprint of the trusted key, and the key itself if it was given whole."""
    if not spelled:
        return "", None
    if (found := signing.read_fingerprint(spelled)) is not None:
        return found, None
    try:
        key = VerifierKey.parse(spelled)
        public = Ed25519PublicKey.from_public_bytes(key.key)
        return signing.fingerprint(public), key
    except (InvalidNote, ValueError, UnsupportedAlgorithm):
        return signing.fingerprint_of_pem(Path(spelled).read_bytes()), None


def _found(paths: Sequence[Path], key: VerifierKey | None) -> HistoryFraud | None:
    if len(paths) == 1:
        return _alone(paths[0], key)
    if len(paths) != 2:
        raise NotComparable(_("Give two documents."))
    return statements.compare(*(statements.read(path, key) for path in paths))


def _alone(path: Path, key: VerifierKey | None) -> HistoryFraud | None:
    """Return the fraud that one document (evidence, or a record with checkpoints) proves."""
    if path.is_file() and not zipfile.is_zipfile(path):
        document = signing.parse(text_of(path))
        if document.get("format") == fork.EVIDENCE:
            return fork.check_evidence(document)
    said = statements.read(path, key)
    if not (said.whole and said.roots):
        raise NotComparable(_("Give two documents, or what a witness kept as evidence."))
    return statements.contradiction(said)
