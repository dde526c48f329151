"""SPF (RFC 7208), DKIM (RFC 6376) and DMARC (RFC 7489), with DNS queries.

Libraries read each record; the results are combined here. `authheaders` would do that too, but it
reads an address only up to the first hyphen of its domain, so that the owner of
`relief.example-of-theirs.net` would pass for `relief.example`; and it checks only the first of
several signatures. The message itself is parsed elsewhere (`signatures`).
"""

from dataclasses import dataclass
from functools import lru_cache

import spf
from authheaders.dmarc_lookup import DMARCException, get_org_domain, receiver_record
from dns import name as names
from dns import resolver
from dns.exception import DNSException

from hemicycle.mail.incoming.checks import signatures
from hemicycle.mail.incoming.checks.authentication import FAIL, PASS

NONE = "none"
BROKEN, LATER = "permerror", "temperror"
ANSWER_WITHIN_S = 20
"""The most seconds for all DNS queries of one SPF check together."""
KEY_WITHIN_S = 5
ABSENT = (
    *(resolver.NXDOMAIN, resolver.NoAnswer, UnicodeError),
    *(names.NameTooLong, names.LabelTooLong, names.EmptyLabel, names.BadEscape),
    names.IDNAException,
)
"""Exceptions for a missing record: the DNS has none, or the name is not possible there."""


@dataclass(frozen=True, slots=True)
class Connection:
    """The connection of an SMTP client: its address, its HELO name and the envelope's sender."""

    peer: str
    helo: str
    sender: str


@dataclass(frozen=True, slots=True)
class Voucher:
    """The result of SPF or of a signature, and the domain that it vouches for."""

    result: str
    domain: str


def check(raw: bytes, from_address: str, connection: Connection | None) -> dict[str, str]:
    """Return the results by method; "spf" is left out without a `connection`.

    "dmarc" is left out if it cannot be known: no signature is by the domain, and SPF was not
    checked.
    """
    sent = _spf(connection) if connection else None
    signed = _signed(raw)
    told = {"spf": sent.result} if sent else {}
    told["dkim"] = _best(signed)
    verdict = _dmarc(_domain(from_address), sent, signed)
    return {**told, "dmarc": verdict} if verdict else told


def _spf(connection: Connection) -> Voucher:
    """Check SPF for the envelope's domain, or for the HELO name if the envelope has no sender."""
    result, _why = spf.check2(
        i=connection.peer, s=connection.sender, h=connection.helo, querytime=ANSWER_WITHIN_S
    )
    return Voucher(result.lower(), _domain(connection.sender or f"@{connection.helo}"))


def _signed(raw: bytes) -> list[Voucher]:
    """Return the results of a message's signatures, each checked with its domain's key."""
    if b"dkim-signature" not in raw.lower():
        return []
    found = signatures.check(raw, {})
    keys, later = dict[str, bytes | None](), set[str]()
    for name in {signature.key for signature in found} - {""}:
        try:
            keys[name] = _key(name)
        except DNSException:
            later.add(name)
    return [
        Voucher(LATER if one.key in later else PASS if one.is_good else FAIL, one.domain)
        for one in (signatures.check(raw, keys) if keys else found)
    ]


def _key(name: str) -> bytes | None:
    """Return the TXT record with that name; None if there is no such record."""
    try:
        (first, *_) = resolver.resolve(name, "TXT", lifetime=KEY_WITHIN_S)
    except ABSENT:
        return None
    return b"".join(first.strings)


def _best(signed: list[Voucher]) -> str:
    """Return the best result, since one good signature is enough."""
    found = [signature.result for signature in signed]
    return next(
        (result for result in (PASS, LATER) if result in found), found[0] if found else NONE
    )


def _dmarc(domain: str, sent: Voucher | None, signed: list[Voucher]) -> str:
    try:
        record = receiver_record(domain)[0] if domain else {}
    except DNSException:
        return LATER
    except DMARCException:
        return BROKEN
    return _verdict(domain, record, sent, signed) if record.get("p") else NONE


def _verdict(
    domain: str, record: dict[str, str], sent: Voucher | None, signed: list[Voucher]
) -> str:
    by_spf = [sent] if sent and _aligned(domain, sent.domain, record.get("aspf")) else []
    by_dkim = [
        signature for signature in signed if _aligned(domain, signature.domain, record.get("adkim"))
    ]
    found = {signature.result for signature in (*by_spf, *by_dkim)}
    if PASS in found:
        return PASS
    if LATER in found:
        return LATER
    return FAIL if sent or by_dkim else ""


def _aligned(domain: str, other: str, mode: str | None) -> bool:
    """Return whether two domains count as one: equal, or (unless strict) of one organization."""
    if domain == other or mode == "s" or not other:
        return domain == other
    return _organization(domain) == _organization(other)


@lru_cache(maxsize=512)
def _organization(domain: str) -> str:
    found: str = get_org_domain(domain)
    return found


def _domain(address: str) -> str:
    """Return the domain of an address as the DNS spells it; "" if it has none."""
    domain = address.rpartition("@")[2].strip(".").lower()
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return ""
