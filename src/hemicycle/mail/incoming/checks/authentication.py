"""Check whether the sender is genuine, by the results of SPF, DKIM and DMARC.

Results are trusted if they come from a server that the settings name (the topmost
`Authentication-Results` header with its id, which that server wrote itself). Otherwise, if the
settings allow DNS queries, they are computed here. Without either, nothing is known and nothing is
shown. The packages for both are an extra (`mail-authentication`), so they are imported only if a
setting needs them.
"""

import logging
from ipaddress import ip_address
from typing import TYPE_CHECKING

from hemicycle.mail.incoming.config import Config
from hemicycle.mail.incoming.models import Mail

if TYPE_CHECKING:
    from authres import AuthenticationResultsHeader

log = logging.getLogger(__name__)

PASS, FAIL = "pass", "fail"
METHODS = ("spf", "dkim", "dmarc")
LARGEST_CHECKED = 12 * 2**20
"""Bytes; hashing the body of a larger message for DKIM would delay other messages."""


def results(mail: Mail, raw: bytes, headers: tuple[str, ...], config: Config) -> dict[str, str]:
    """Return `{"by": "server" or "here", "dmarc": …, "dkim": …}`; empty if nothing is known."""
    told = _from_server(headers, {server.lower() for server in config.trusted}, mail.from_address)
    if told:
        return {"by": "server", **told}
    if config.dns and len(raw) <= LARGEST_CHECKED:
        return _checked(mail, raw)
    return {}


def _from_server(headers: tuple[str, ...], trusted: set[str], sender: str) -> dict[str, str] | None:
    """Return the results in the trusted server's headers; None if it has written none.

    Many servers write a header for each method. Headers below the topmost one may have come with
    the message if the server does not remove them. So DMARC, which is weighed, is read from the
    topmost one only; the other results are only shown.
    """
    told: dict[str, str] | None = None
    for header in headers if trusted else ():
        found = _parsed(header)
        if found is None or str(found.authserv_id).lower() not in trusted:
            continue
        own = _of_sender(found, _told(found), sender)
        if told is not None:
            own.pop("dmarc", None)
        told = {**own, **(told or {})}
    return told


def _of_sender(
    found: "AuthenticationResultsHeader", told: dict[str, str], sender: str
) -> dict[str, str]:
    """Leave out a DMARC result about another domain than the sender's as we read it."""
    domain = sender.rpartition("@")[2].lower()
    about = {
        str(prop.value).lower().rpartition("@")[2]
        for result in found.results or ()
        for prop in result.properties or ()
        if (str(result.method).lower(), prop.type, prop.name) == ("dmarc", "header", "from")
    }
    return {name: said for name, said in told.items() if name != "dmarc" or about <= {domain}}


def _parsed(header: str) -> "AuthenticationResultsHeader | None":
    from authres import AuthenticationResultsHeader, AuthResError

    try:
        return AuthenticationResultsHeader.parse(f"Authentication-Results: {header}")
    except (AuthResError, ValueError, AttributeError, IndexError, RecursionError):
        return None


def _told(found: "AuthenticationResultsHeader") -> dict[str, str]:
    """Return the best result of each method, since one good signature is enough."""
    told: dict[str, str] = {}
    for reported in found.results or ():
        method, result = str(reported.method).lower(), str(reported.result).lower()
        if method in METHODS and told.get(method) != PASS:
            told[method] = result[:16]
    return told


def _checked(mail: Mail, raw: bytes) -> dict[str, str]:
    from hemicycle.mail.incoming.checks import by_dns

    outside = _is_outside(mail.peer) and mail.source == Mail.Source.SMTP
    connection = by_dns.Connection(mail.peer, mail.helo, mail.sender) if outside else None
    try:
        return {"by": "here", **by_dns.check(raw, mail.from_address, connection)}
    except Exception:  # raised by libraries, for input from strangers and from the DNS
        log.warning("The sender of message %s could not be checked", mail.pk, exc_info=True)
        return {}


def _is_outside(peer: str) -> bool:
    try:
        return ip_address(peer).is_global
    except ValueError:
        return False


def failed(authentic: dict[str, str]) -> bool:
    """Return whether the owner of the domain denies that the message is theirs."""
    return authentic.get("dmarc") == FAIL


def passed(authentic: dict[str, str]) -> bool:
    """Return whether the owner of the domain confirms that the message is theirs."""
    return authentic.get("dmarc") == PASS
