"""Checks of the public site: its name, certificates, proxy and imprint."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address, ip_network
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from cryptography import x509
from django.conf import settings
from django.utils.translation import gettext as _

from hemicycle.mail.incoming import config as mailroom
from hemicycle.site import env
from hemicycle.site.http import arrival
from hemicycle.site.http.arrival import ARRIVAL
from hemicycle.site.operating.checks.machine import clocks_agree
from hemicycle.site.operating.doctor import TIMEOUT_S, Diagnosis, Health, ok

RENEW_BEFORE = timedelta(days=14)
FORGED = "192.0.2.77"
"""An address that no machine has (RFC 5737); the doctor forges requests from it."""


def _site() -> SplitResult:
    return urlsplit(settings.BASE_URL)


def name_resolves() -> Iterator[Diagnosis]:
    """Check that the site's host name has an address."""
    host = _site().hostname or ""
    try:
        found = {str(row[4][0]) for row in socket.getaddrinfo(host, None)}
    except OSError as error:
        advice = f"Add a DNS record for {host}, or correct HEMICYCLE_BASE_URL."
        yield Diagnosis("name", Health.FAULT, f"{host} has no address ({error})", advice)
        return
    yield ok("name", f"{host} is {', '.join(sorted(found))}")


def certificate_is_valid() -> Iterator[Diagnosis]:
    """Check that browsers accept the site's certificate, and for how long."""
    site = _site()
    if site.scheme != "https":
        if env.is_loopback(site.hostname or ""):
            return
        advice = "Put a proxy with TLS before it: browsers give cameras to https sites only."
        yield Diagnosis("certificate", Health.WARNING, "the site has no TLS", advice)
        return
    host, port = site.hostname or "", site.port or 443
    try:
        with (
            socket.create_connection((host, port), timeout=TIMEOUT_S) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secured,
        ):
            raw = secured.getpeercert(binary_form=True) or b""
    except ssl.SSLCertVerificationError as error:
        advice = f"Let the proxy use a valid certificate for {host}, with its whole chain."
        found = f"browsers refuse it: {error.verify_message.rstrip('.')}"
        yield Diagnosis("certificate", Health.FAULT, found, advice)
    except OSError as error:
        advice = "Start the proxy, and open its port in the firewall."
        yield Diagnosis("certificate", Health.FAULT, f"{host}:{port} gives none: {error}", advice)
    else:
        yield lifetime("certificate", raw)


def lifetime(check: str, raw: bytes) -> Diagnosis:
    """Return a finding on how long a certificate (DER) is still valid."""
    until = x509.load_der_x509_certificate(raw).not_valid_after_utc
    left = until - datetime.now(UTC)
    found = f"valid until {until:%Y-%m-%d}"
    if left < timedelta():
        return Diagnosis(check, Health.FAULT, f"expired on {until:%Y-%m-%d}", "Renew it.")
    if left < RENEW_BEFORE:
        return Diagnosis(check, Health.WARNING, found, "Renew it, and automate that.")
    return ok(check, found)


def mail_certificate_is_valid() -> Iterator[Diagnosis]:
    """Check that the certificate for incoming mail is valid."""
    file = mailroom.current().certificate
    if file:
        first = x509.load_pem_x509_certificates(file.read_bytes())[0]
        from cryptography.hazmat.primitives.serialization import Encoding

        yield lifetime("mail certificate", first.public_bytes(Encoding.DER))


def site_answers() -> Iterator[Diagnosis]:
    """Check that the public address leads here, with the right headers of the proxy."""
    site = _site()
    if not (answer := _fetched(site, "/sign-in/")) or not (time := _fetched(site, "/time")):
        advice = "Start it with `hemicycle up`, and see that the proxy leads there."
        yield Diagnosis("site", Health.FAULT, f"{settings.BASE_URL} does not answer", advice)
        return
    status = answer.status
    if status == 400:
        advice = f"Let the proxy pass the Host header, or add {site.hostname} to HEMICYCLE_HOSTS."
        yield Diagnosis("site", Health.FAULT, f"{settings.BASE_URL} answers 400", advice)
        return
    if status != 200:
        advice = "Look at the site's and the proxy's log."
        yield Diagnosis("site", Health.FAULT, f"{settings.BASE_URL} answers {status}", advice)
        return
    yield ok("site", f"{settings.BASE_URL} answers")
    if time.text.isdecimal():
        yield clocks_agree(_("the site"), int(time.text) / 1000)
    if site.scheme == "https" or not env.is_loopback(site.hostname or ""):
        # Without a proxy, our request has an address of this machine, which may be a trusted proxy.
        yield from _visitors_are_told_apart(time)
    if site.scheme == "https" and time.scheme != "https":
        advice = (
            "Let the proxy send X-Forwarded-Proto, and name its address in "
            "HEMICYCLE_TRUSTED_PROXIES."
        )
        found = "requests by https arrive as http, so cookies and limits fail"
        yield Diagnosis("proxy", Health.FAULT, found, advice)
    elif site.scheme == "https":
        yield ok("proxy", "it passes on the scheme")


def _visitors_are_told_apart(time: "Fetched") -> Iterator[Diagnosis]:
    """Check that the site sees the true address of a request, and not a forged one."""
    if not time.seen_from:
        return
    if time.seen_from == FORGED:
        advice = "Let the proxy replace the X-Forwarded-For that visitors send, not pass it on."
        found = "visitors can choose the address by which they are limited"
        yield Diagnosis("proxy", Health.FAULT, found, advice)
    elif time.seen_from != time.sent_from and _is_trusted_proxy(time.seen_from):
        advice = "Let the proxy send X-Forwarded-For with the visitor's address."
        found = f"all visitors seem to come from the proxy, {time.seen_from}, and share its limits"
        yield Diagnosis("proxy", Health.FAULT, found, advice)
    else:
        yield ok("proxy", "it passes on the visitor's address")


def _is_trusted_proxy(address: str) -> bool:
    return any(
        ip_address(address) in ip_network(trusted, strict=False)
        for trusted in settings.TRUSTED_PROXIES
    )


class Fetched(NamedTuple):
    """An answer of the site: status, scheme on arrival, and the first bytes."""

    status: int
    scheme: str
    text: str
    sent_from: str
    """The address of this end of the connection."""
    seen_from: str
    """The address from which the site saw the request come; "" if the site does not say."""


def _fetched(site: SplitResult, path: str) -> Fetched | None:
    """Fetch a page of the site; None if nothing answers."""
    host, port = site.hostname or "", site.port
    # An invalid certificate is reported by another check; this one only checks who answers.
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    link = (
        HTTPSConnection(host, port or 443, timeout=TIMEOUT_S, context=context)
        if site.scheme == "https"
        else HTTPConnection(host, port or 80, timeout=TIMEOUT_S)
    )
    with closing(link):
        try:
            headers = {"Accept": "text/html", "X-Forwarded-For": FORGED}
            link.request("GET", path, headers=headers | {ARRIVAL: arrival.question()})
            sent_from = link.sock.getsockname()[0]
            answer = link.getresponse()
            text = answer.read(100).decode("ascii", "replace")
        except (OSError, HTTPException):
            return None
        scheme, seen_from = (answer.getheader(name, "") for name in ("X-Arrived-By", ARRIVAL))
        return Fetched(answer.status, scheme, text, sent_from, seen_from)


def operator_is_named() -> Iterator[Diagnosis]:
    """Check that a public site names its operator."""
    if not settings.PUBLIC:
        return
    wanted = ("OPERATOR_NAME", "OPERATOR_ADDRESS", "CONTACT_EMAIL", "SECURITY_CONTACT")
    missing = [f"HEMICYCLE_{name}" for name in wanted if not getattr(settings, name)]
    if missing:
        advice = f"Set {', '.join(missing)}: docs/about-pages.md says what for."
        found = "the imprint and the pages beside it do not say who operates the site"
        yield Diagnosis("operator", Health.WARNING, found, advice)
    else:
        yield ok("operator", f"{settings.OPERATOR_NAME}, {settings.CONTACT_EMAIL}")
