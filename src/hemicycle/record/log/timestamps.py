"""Time stamps of checkpoints by an outside authority (RFC 3161): requested, and checked offline.

The stamp covers the text of a checkpoint, so it proves that the record had at least that length,
and that content, at that time. A *token* is the whole answer of the authority in DER, which
`openssl ts -verify` reads too. A *time proof* is a JSON object that leads from one entry to a
stamped checkpoint (`log.proofs`), with the token.

Needs `rfc3161-client` beside `cryptography`; without it, `missing_library` says what to install.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from cryptography.x509 import Certificate, load_pem_x509_certificates

from hemicycle.record.log import proofs
from hemicycle.record.signing import InvalidProof
from hemicycle.record.speech import noop as _

if TYPE_CHECKING:
    from rfc3161_client import TimeStampResponse

PROOF = "hemicycle-time-proof-1"
CLOCK_S = 300
"""How far an authority's clock may be from ours, in seconds."""
MOST_BYTES = 64 * 1024
"""The most bytes of a token: many times the usual 2 to 6 KB."""

_GRANTED = 0
_FIELDS = {"format", "entry", "hash", "proof", "token"}


class InvalidTimestamp(InvalidProof):
    """An invalid token; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """The content of a token: its time, in UTC, and the name in the signer's certificate."""

    at: datetime
    authority: str


@dataclass(frozen=True, slots=True)
class TimestampQuery:
    """A request to an authority in DER, and the number that its answer must repeat."""

    der: bytes
    nonce: int


def certificates(pem: bytes) -> list[Certificate]:
    """Return the certificates of the trusted authorities; raise `ValueError` for invalid PEM."""
    return load_pem_x509_certificates(pem)


def question(message: bytes) -> TimestampQuery:
    """Return a request for a time stamp of a message; the authority sees only its SHA-256."""
    client = _client()
    made = client.TimestampRequestBuilder(
        data=message, hash_algorithm=client.HashAlgorithm.SHA256
    ).build()
    assert made.nonce is not None
    return TimestampQuery(made.as_bytes(), made.nonce)


def check(
    token: bytes, message: bytes, trusted: Sequence[Certificate], nonce: int | None = None
) -> Stamp:
    """Check a token for a message by the trusted authorities; raise `InvalidTimestamp`.

    The signer's certificate must be for time stamps alone, and must lead to a trusted certificate
    at the time that the token names. With a `nonce`, the token must answer the request that has it.
    """
    client = _client()
    try:
        answer = _granted(token)
        info = answer.tst_info
        if nonce is not None and info.nonce != nonce:
            raise InvalidTimestamp(_("The time stamp answers another request."))
        if info.message_imprint.message != sha256(message).digest():
            raise InvalidTimestamp(_("The time stamp belongs to another text."))
        signer, at = _signer(answer), info.gen_time.astimezone(UTC)
    except ValueError as error:
        if isinstance(error, InvalidTimestamp):
            raise
        raise InvalidTimestamp(_("The time-stamping authority’s answer cannot be read.")) from error
    try:
        client.VerifierBuilder(roots=list(trusted)).build().verify_message(answer, message)
    except (client.VerificationError, ValueError) as error:
        raise InvalidTimestamp(
            _("The time-stamping authority is not trusted here (%(why)s)."), why=error
        ) from error
    return Stamp(at, signer)


def require_clock(stamp: Stamp, now: datetime) -> None:
    """Raise `InvalidTimestamp` if the clock of a new stamp differs too much from ours."""
    apart = abs(stamp.at - now)
    if apart > timedelta(seconds=CLOCK_S):
        raise InvalidTimestamp(
            _("The time-stamping authority’s clock and ours are %(seconds)d seconds apart."),
            seconds=int(apart.total_seconds()),
        )


def proof(seq: int, hash: str, found: Mapping[str, str], token: bytes) -> dict[str, Any]:
    """Return a time proof of an entry, from the proof that a stamped checkpoint covers it."""
    spelled = base64.b64encode(token).decode()
    return {"format": PROOF, "entry": seq, "hash": hash, "proof": dict(found), "token": spelled}


def check_proof(
    document: Mapping[str, Any], trusted: Sequence[Certificate], *, seq: int, hash: str, at: int
) -> tuple[Stamp, proofs.Proved]:
    """Check that an entry was on the record at the time of a stamp; raise `InvalidProof`.

    `seq`, `hash` and `at` (milliseconds since the Unix epoch) are the entry's own, from a receipt.
    """
    if document.get("format") != PROOF or document.keys() != _FIELDS:
        raise InvalidTimestamp(_("This is not a readable time proof."))
    if (document["entry"], document["hash"]) != (seq, hash):
        raise InvalidTimestamp(_("The time proof and the receipt belong to different entries."))
    if not isinstance(document["proof"], dict):
        raise InvalidTimestamp(_("This is not a readable time proof."))
    proved = proofs.check(document["proof"], seq=seq, hash=hash, at=at)
    stamp = check(_decoded(document["token"]), str(proved.checkpoint).encode(), trusted)
    require_after(stamp, at)
    return stamp, proved


def require_after(stamp: Stamp, at: int) -> None:
    """Raise `InvalidTimestamp` for a stamp that is older than its entry (ms since the epoch)."""
    if stamp.at.timestamp() + CLOCK_S < at / 1000:
        raise InvalidTimestamp(_("The time stamp is older than the entry: a clock was wrong."))


def _decoded(text: Any) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (TypeError, ValueError, binascii.Error) as error:
        raise InvalidTimestamp(_("This is not a readable time proof.")) from error


def _granted(token: bytes) -> "TimeStampResponse":
    """Return the answer, which grants a stamp; raise `ValueError` if it cannot be read.

    Raises `InvalidTimestamp` for a refusal.
    """
    if len(token) > MOST_BYTES:
        raise InvalidTimestamp(_("The time-stamping authority’s answer cannot be read."))
    answer: TimeStampResponse = _client().decode_timestamp_response(token)
    if answer.status != _GRANTED:
        said = "; ".join(answer.status_string) or str(answer.status)
        raise InvalidTimestamp(_("The time-stamping authority refused: %(said)s."), said=said)
    return answer


def _signer(answer: "TimeStampResponse") -> str:
    """Return the name in the certificate that signed; raises `ValueError` if it is missing."""
    from cryptography.x509 import load_der_x509_certificate

    (signer,) = answer.signed_data.signer_infos
    for der in answer.signed_data.certificates:
        found = load_der_x509_certificate(der)
        if (found.issuer, found.serial_number) == (signer.issuer, signer.serial_number):
            return found.subject.rfc4514_string()
    raise ValueError("the certificate that signed is not in the token")


def missing_library() -> str:
    """Return what to install to make or check time stamps; "" if nothing is missing."""
    try:
        import rfc3161_client as _found  # noqa: F401 - whether it is there
    except ImportError:
        return _("Time stamps need a library here. Run: python -m pip install rfc3161-client")
    return ""


def _client() -> Any:
    if missing := missing_library():
        raise InvalidTimestamp(missing)
    import rfc3161_client

    return rfc3161_client
