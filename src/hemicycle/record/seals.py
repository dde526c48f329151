"""Seals: signed statements of where a hearing's record ends, for a chain or for an archive.

The two are different documents. The seal of a chain is public and says nothing about files, so it
must never be accepted for an archive. The seal of an archive always covers the archive's manifest,
and the manifest covers every other file. Each seal names its format, the hearing and the origin
(the address of the site that signed it), has exactly the fields of its format, and is refused in
the place of the other.

Standard library and `cryptography` only.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hemicycle.record.signing import InvalidProof, Signer, checked, parse, sign
from hemicycle.record.speech import gettext
from hemicycle.record.speech import noop as _

CHAIN = "hemicycle-chain-seal-1"
ARCHIVE = "hemicycle-archive-seal-1"
_NAMES = {
    CHAIN: _("the seal of a chain"),
    ARCHIVE: _("the seal of an archive"),
    "hemicycle-receipt-1": _("a receipt"),
    "hemicycle-receipt-2": _("a receipt"),
    "hemicycle-key-succession-1": _("the succession of a key"),
}
_OTHER = _("something else")
_HEX_64 = re.compile("[0-9a-f]{64}")
HEX_32 = re.compile("[0-9a-f]{32}")
_COMMON = frozenset({"format", "origin", "hearing", "seq", "hash", "at", "key"})
_FIELDS = {CHAIN: _COMMON, ARCHIVE: _COMMON | {"manifest"}}


@dataclass(frozen=True, slots=True)
class End:
    """The end of a record: the hearing (32 hexadecimal digits), the last entry and its hash."""

    hearing: str
    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal with a valid signature.

    `at` is in milliseconds since the Unix epoch, `signer` the fingerprint of the key in it.
    `manifest` is the SHA-256 of an archive's manifest, and empty in the seal of a chain.
    """

    origin: str
    end: End
    at: int
    manifest: str
    signer: str


def seal_chain(end: End, *, origin: str, at: int, signer: Signer) -> dict[str, Any]:
    """Sign the end of a hearing's chain, at `at` milliseconds since the Unix epoch."""
    return sign(_payload(CHAIN, end, origin, at), signer)


def seal_archive(
    end: End, manifest: str, *, origin: str, at: int, signer: Signer
) -> dict[str, Any]:
    """Sign an archive's manifest (its SHA-256) and the end of its record."""
    return sign({**_payload(ARCHIVE, end, origin, at), "manifest": manifest}, signer)


def _payload(form: str, end: End, origin: str, at: int) -> dict[str, Any]:
    place = {"hearing": end.hearing, "seq": end.seq, "hash": end.hash}
    return {"format": form, "origin": origin, **place, "at": at}


def check_chain_seal(text: str) -> Seal:
    """Check a chain's seal with the key in it; raise `InvalidProof`."""
    return _check(text, CHAIN)


def check_archive_seal(text: str) -> Seal:
    """Check an archive's seal with the key in it; raise `InvalidProof`."""
    return _check(text, ARCHIVE)


def _check(text: str, form: str) -> Seal:
    document = parse(text)
    found = document.get("format")
    if found != form:
        known = _NAMES.get(found, _OTHER) if isinstance(found, str) else _OTHER
        raise InvalidProof(
            _("It is %(found)s, not %(wanted)s."),
            found=gettext(known),
            wanted=gettext(_NAMES[form]),
        )
    signed = checked(document)
    if not is_well_formed(signed.fields):
        raise InvalidProof(
            _("It does not say what %(wanted)s must say."), wanted=gettext(_NAMES[form])
        )
    fields = signed.fields
    return Seal(
        origin=fields["origin"],
        end=End(fields["hearing"], fields["seq"], fields["hash"]),
        at=fields["at"],
        manifest=fields.get("manifest", ""),
        signer=signed.signer,
    )


def is_well_formed(fields: Mapping[str, Any]) -> bool:
    """Return whether a seal, without its signature, has exactly the fields of its format."""
    form = fields.get("format", "")
    if form not in _FIELDS or fields.keys() != _FIELDS[form]:
        return False
    texts = [(HEX_32, fields["hearing"]), (_HEX_64, fields["hash"])]
    if "manifest" in fields:
        texts.append((_HEX_64, fields["manifest"]))
    return (
        all(isinstance(text, str) and form.fullmatch(text) for form, text in texts)
        and all(type(fields[name]) is int and fields[name] >= 0 for name in ("seq", "at"))
        and isinstance(fields["origin"], str)
        and bool(fields["origin"])
    )
