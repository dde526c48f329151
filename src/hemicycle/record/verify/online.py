"""A receipt against the log as it is published now: it still holds the entry, and has only grown.

What is read from there is bounded in size and time, and proves nothing by itself. Standard library
and `cryptography` only.
"""

import json
import urllib.request
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from hemicycle.record import receipts
from hemicycle.record.log import merkle, notes, proofs
from hemicycle.record.log.notes import CheckpointText, SignedNote, VerifierKey
from hemicycle.record.log.proofs import Proved
from hemicycle.record.signing import InvalidProof, require
from hemicycle.record.verify.report import Unreadable

TIMEOUT_S = 20.0
MOST_BYTES = 64 * 1024


def check_online(checked: receipts.Checked, prefix: str) -> CheckpointText:
    """Check a receipt with the log whose addresses begin with `prefix`; returns its newest state.

    Raises `InvalidProof` where the log contradicts the receipt, `Unreadable` where it is not there.
    """
    if urlsplit(prefix).scheme not in {"http", "https"}:
        raise Unreadable(f"{prefix} is no web address; it should begin with https://.")
    proved = checked.proved or _fetched_proof(checked, prefix)
    note = SignedNote.parse(_get(prefix, "checkpoint"))
    newest = CheckpointText.parse(note.text)
    if newest.origin != proved.checkpoint.origin:
        raise InvalidProof(
            "The receipt is of the log %(own)s, and this is %(found)s.",
            own=proved.checkpoint.origin,
            found=newest.origin,
        )
    notes.check(note, VerifierKey(newest.origin, notes.LOG, proved.key))
    _require_grown(proved.checkpoint, newest, prefix)
    return newest


def _fetched_proof(checked: receipts.Checked, prefix: str) -> Proved:
    content = checked.content
    told = _json(prefix, f"inclusion/{content.seq}.json")
    if not isinstance(told.get("proof"), dict):
        raise Unreadable("What the log answers cannot be read.")
    proved = proofs.check(told["proof"], seq=content.seq, hash=checked.hash, at=content.at)
    require(proved.signer, {checked.signer})
    return proved


def _require_grown(old: CheckpointText, new: CheckpointText, prefix: str) -> None:
    if new.size < old.size:
        raise InvalidProof(
            "The log has %(new)d entries now, and had %(old)d: it has been cut.",
            new=new.size,
            old=old.size,
        )
    path = _json(prefix, f"consistency/{old.size}-{new.size}.json").get("path")
    if not isinstance(path, str):
        raise Unreadable("What the log answers cannot be read.")
    try:
        hashes = proofs.hashes(path)
        merkle.check_consistency(old.size, old.root, new.size, new.root, hashes)
    except merkle.InvalidPath as error:
        raise InvalidProof(
            "The log of today does not begin as the receipt’s checkpoint says: its history has "
            "been changed."
        ) from error


def _json(prefix: str, path: str) -> dict[str, Any]:
    try:
        document = json.loads(_get(prefix, path))
    except (ValueError, RecursionError) as error:
        raise Unreadable("What the log answers cannot be read.") from error
    if not isinstance(document, dict):
        raise Unreadable("What the log answers cannot be read.")
    return document


def _get(prefix: str, path: str) -> str:
    url = f"{prefix.rstrip('/')}/{path}"
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:  # noqa: S310 - see above
            body: bytes = answer.read(MOST_BYTES + 1)
    except (OSError, HTTPException, ValueError) as error:
        raise Unreadable(f"{url} cannot be read ({error}).") from error
    if len(body) > MOST_BYTES:
        raise Unreadable(f"{url} sends more than {MOST_BYTES} bytes.")
    return body.decode("utf-8", "replace")
