"""What the signing process signs: documents of our own formats, and nothing else.

A process that holds the key and signs any bytes is worth as much to an attacker as the key itself.
So this module checks what is to be signed: a receipt, a seal, the succession of a key (canonical
JSON, with exactly its fields and the signer's own key), or the text of a checkpoint in the form of
C2SP's tlog-checkpoint. No text is both, since JSON begins with a brace, which the origin of a
checkpoint does not.

Standard library and `cryptography` only.
"""

import re
from collections.abc import Collection
from typing import Any

from hemicycle.record import receipts, seals, succession
from hemicycle.record.chain import Content, canonical, link
from hemicycle.record.log import notes
from hemicycle.record.signing import InvalidProof, fingerprint_of, parse

CHECKPOINT = "checkpoint"
MOST_BYTES = 64 * 1024
"""The most bytes of a message; our own messages are much shorter."""

_HEX_64 = re.compile("[0-9a-f]{64}")
_RECEIPT_FIELDS = {"format", "entry", "previous", "hash", "key"}
_SUCCESSION_FIELDS = {*succession.FIELDS} - {"signature"}


class NotSignable(ValueError):
    """A message that is not signed; `str()` is a sentence that says why."""


def check(message: bytes, key: str, successors: Collection[str]) -> str:
    """Return the format of a message that the key may sign; raise `NotSignable` for any other.

    `key` is the signer's public key as signed documents hold it, `successors` the fingerprints of
    the keys that may succeed it.
    """
    if len(message) > MOST_BYTES:
        raise NotSignable("It is longer than anything that is signed here.")
    try:
        text = message.decode("utf-8")
    except UnicodeDecodeError:
        raise NotSignable("It is not text.") from None
    if not text.startswith("{"):
        return _checkpoint(text)
    try:
        document = parse(text)
    except InvalidProof:
        raise NotSignable("It is not a readable document.") from None
    if canonical(document) != message:
        raise NotSignable("It is not spelled in the one way in which documents are signed.")
    if document.get("key") != key:
        raise NotSignable("It names another key than the one that is to sign it.")
    return _document(document, successors)


def _document(document: dict[str, Any], successors: Collection[str]) -> str:
    form = document.get("format")
    if not isinstance(form, str):
        raise NotSignable("It is of no format that is signed here.")
    if form == receipts.RECEIPT:
        _require(_is_receipt(document), form)
    elif form in {seals.CHAIN, seals.ARCHIVE}:
        _require(seals.is_well_formed(document), form)
    elif form == succession.SUCCESSION:
        _require(_is_succession(document), form)
        new = fingerprint_of(document["new_key"])
        if new not in successors:
            raise NotSignable(
                f"It lets the key {new} succeed, which is not the next one here. If it lies in "
                f"another place, start `hemicycle signer` with --successor {new}"
            )
    else:
        raise NotSignable("It is of no format that is signed here.")
    return form


def _require(holds: bool, form: str) -> None:
    if not holds:
        raise NotSignable(f"It does not say what a document of the format {form} must say.")


def _is_receipt(document: dict[str, Any]) -> bool:
    if document.keys() != _RECEIPT_FIELDS or not isinstance(document["entry"], dict):
        return False
    previous = document["previous"]
    if not (isinstance(previous, str) and _HEX_64.fullmatch(previous)):
        return False
    try:
        content = Content.of(document["entry"])
        return bool(link(previous, content.digest()) == document["hash"])
    except (KeyError, TypeError, ValueError):
        return False


def _is_succession(document: dict[str, Any]) -> bool:
    try:
        fingerprint_of(document["new_key"])
    except (KeyError, InvalidProof):
        return False
    at, hearing = document.get("at"), document.get("hearing")
    return (
        document.keys() == _SUCCESSION_FIELDS
        and type(at) is int
        and at >= 0
        and isinstance(hearing, str)
        and bool(seals.HEX_32.fullmatch(hearing))
    )


def _checkpoint(text: str) -> str:
    """Check the text of a checkpoint (https://c2sp.org/tlog-checkpoint)."""
    try:
        is_whole = str(notes.CheckpointText.parse(text)) == text
        if is_whole and all(line.isprintable() for line in text.split("\n")):
            return CHECKPOINT
    except InvalidProof:
        pass
    raise NotSignable("It is of no format that is signed here.")
