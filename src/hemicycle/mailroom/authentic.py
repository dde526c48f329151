"""Is the sender who they say they are? Results of SPF, DKIM and DMARC, shown and weighed.

They are believed from the one server that the settings name (`Authentication-Results` with its id,
the topmost, which is the one it wrote itself), or else, where the settings allow questions to the
DNS, worked out here. Without either nothing is known, and nothing is claimed.
"""

import logging
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

from authheaders import authenticate_message
from authres import AuthenticationResultsHeader, AuthResError

from hemicycle.mailroom.config import Config
from hemicycle.mailroom.models import Mail

log = logging.getLogger(__name__)

METHODS = ("spf", "dkim", "dmarc")
PASS, FAIL = "pass", "fail"
LARGEST_CHECKED = 12 * 2**20
"""Bytes; hashing the body of a larger message for DKIM would hold up the others."""

_HEAD = 256 * 1024

DnsFunction = Callable[..., Any]


def results(
    mail: Mail, raw: bytes, headers: tuple[str, ...], config: Config, dns: DnsFunction | None = None
) -> dict[str, str]:
    """`{"by": "server" or "here", "dmarc": …, "dkim": …}`; empty where nothing is known."""
    trusted = {each.lower() for each in config.trusted}
    for header in headers if trusted else ():
        found = _parsed(header)
        if found is not None and str(found.authserv_id).lower() in trusted:
            return {"by": "server", **_of_sender(found, _told(found), mail.from_address)}
    if (config.dns or dns) and len(raw) <= LARGEST_CHECKED:
        return _checked(mail, raw, dns)
    return {}


def _of_sender(
    found: AuthenticationResultsHeader, told: dict[str, str], sender: str
) -> dict[str, str]:
    """Without a result of DMARC that is about another domain than the sender's as we read it."""
    domain = sender.rpartition("@")[2].lower()
    about = {
        str(each.value).lower().rpartition("@")[2]
        for result in found.results or ()
        for each in result.properties or ()
        if (str(result.method).lower(), each.type, each.name) == ("dmarc", "header", "from")
    }
    return {name: said for name, said in told.items() if name != "dmarc" or about <= {domain}}


def _parsed(header: str) -> AuthenticationResultsHeader | None:
    try:
        return AuthenticationResultsHeader.parse(f"Authentication-Results: {header}")
    except (AuthResError, ValueError, AttributeError, IndexError, RecursionError):
        return None


def _told(found: AuthenticationResultsHeader) -> dict[str, str]:
    """For each method its best result, since one good signature is enough."""
    told: dict[str, str] = {}
    for each in found.results or ():
        method, result = str(each.method).lower(), str(each.result).lower()
        if method in METHODS and told.get(method) != PASS:
            told[method] = result[:16]
    return told


def _checked(mail: Mail, raw: bytes, dns: DnsFunction | None) -> dict[str, str]:
    outside = _is_outside(mail.peer) and mail.source == Mail.Source.SMTP
    options = {"ip": mail.peer, "mail_from": mail.sender, "helo": mail.helo} if outside else {}
    try:
        header = authenticate_message(
            raw, "here", spf=outside, dkim=True, dmarc=True, dnsfunc=dns, **options
        )
    except Exception:  # the library, fed by strangers and by the DNS
        log.warning("The sender of message %s could not be checked", mail.pk, exc_info=True)
        return {}
    found = _parsed(header.partition(":")[2].strip())
    return {"by": "here", **_fair(_told(found), raw, outside=outside)} if found else {}


def _fair(told: dict[str, str], raw: bytes, *, outside: bool) -> dict[str, str]:
    """Without a signature nothing failed; DMARC cannot either where nobody could ask SPF."""
    if b"dkim-signature:" in raw[:_HEAD].lower():
        return told
    kept = {**told, "dkim": "none"}
    if not outside and kept.get("dmarc") == FAIL:
        del kept["dmarc"]
    return kept


def _is_outside(peer: str) -> bool:
    try:
        return ip_address(peer).is_global
    except ValueError:
        return False


def failed(authentic: dict[str, str]) -> bool:
    """Whether the owner of the domain says that this is not theirs."""
    return authentic.get("dmarc") == FAIL


def passed(authentic: dict[str, str]) -> bool:
    """Whether the owner of the domain says that this is theirs."""
    return authentic.get("dmarc") == PASS
