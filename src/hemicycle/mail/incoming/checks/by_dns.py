"""SPF (RFC 7208), DKIM (RFC 6376) and DMARC (RFC 7489), with questions to the DNS.

Each record is read by a library; what they amount to together is worked out here. `authheaders`
would do that too, but it reads an address only up to the first hyphen of its domain, so that
whoever owns `relief.example-of-theirs.net` would pass for `relief.example`; and of several
signatures it looks at the first alone.
"""

from dataclasses import dataclass
from functools import lru_cache

import dkim
import spf
from authheaders.dmarc_lookup import DMARCException, get_org_domain, receiver_record
from dns.exception import DNSException

from hemicycle.mail.incoming.checks.authentication import FAIL, PASS

NONE = "none"
BROKEN, LATER = "permerror", "temperror"
MOST_SIGNATURES = 5
"""Of one message; each costs a question and a look over its whole body."""
ANSWER_WITHIN_S = 20
"""How long all questions of one SPF check may take together."""


@dataclass(frozen=True, slots=True)
class Connection:
    """The SMTP client: its address, the name it gave and the envelope's sender."""

    peer: str
    helo: str
    sender: str


@dataclass(frozen=True, slots=True)
class Signature:
    """The result of one signature, and the domain that signed."""

    result: str
    domain: str


def check(raw: bytes, from_address: str, connection: Connection | None) -> dict[str, str]:
    """The results by method; without `connection` SPF is not asked and stays out.

    DMARC stays out where it cannot be known: nobody signed for the domain, nobody could ask SPF.
    """
    sent = _spf(connection) if connection else None
    signed = signatures(raw)
    told = {"spf": sent.result} if sent else {}
    told["dkim"] = _best(signed)
    verdict = _dmarc(_domain(from_address), sent, signed)
    return {**told, "dmarc": verdict} if verdict else told


def _spf(connection: Connection) -> Signature:
    """SPF vouches for the envelope's domain, or the machine's own name where that is empty."""
    result, _why = spf.check2(
        i=connection.peer, s=connection.sender, h=connection.helo, querytime=ANSWER_WITHIN_S
    )
    return Signature(result.lower(), _domain(connection.sender or f"@{connection.helo}"))


def signatures(raw: bytes) -> list[Signature]:
    """The signatures of a message, each checked against its domain's key."""
    try:
        message = dkim.DKIM(raw)
    except Exception:  # noqa: BLE001 - as below
        return []
    names = [name.lower() for name, _value in message.headers]
    number = min(names.count(b"dkim-signature"), MOST_SIGNATURES)
    return [_signature(message, index) for index in range(number)]


def _signature(message: dkim.DKIM, number: int) -> Signature:
    message.domain = None
    try:
        result = PASS if message.verify(idx=number) else FAIL
    except (dkim.DnsTimeoutError, DNSException):
        result = LATER
    except Exception:  # noqa: BLE001 - strangers' bytes make the library raise many things
        result = FAIL
    domain = (message.domain or b"").decode("ascii", "replace")
    return Signature(result, domain.lower())


def _best(signed: list[Signature]) -> str:
    """One good signature is enough."""
    found = [signature.result for signature in signed]
    return next(
        (result for result in (PASS, LATER) if result in found), found[0] if found else NONE
    )


def _dmarc(domain: str, sent: Signature | None, signed: list[Signature]) -> str:
    try:
        record = receiver_record(domain)[0] if domain else {}
    except DNSException:
        return LATER
    except DMARCException:
        return BROKEN
    return _verdict(domain, record, sent, signed) if record.get("p") else NONE


def _verdict(
    domain: str, record: dict[str, str], sent: Signature | None, signed: list[Signature]
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
    """Whether two domains count as one: the same, or (unless strict) of the same organization."""
    if domain == other or mode == "s" or not other:
        return domain == other
    return _organization(domain) == _organization(other)


@lru_cache(maxsize=512)
def _organization(domain: str) -> str:
    found: str = get_org_domain(domain)
    return found


def _domain(address: str) -> str:
    """The domain of an address as the DNS spells it; "" where it has none."""
    domain = address.rpartition("@")[2].strip(".").lower()
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return ""
