"""Where a webhook may lead: to https addresses of the open internet, and nowhere inside.

Whoever sets up a webhook makes this server send requests, so it must not be a way to reach what
only this server can reach. An address is checked when it is typed, and what its name resolves to is
checked again for each connection, by the resolver that the connection itself uses: a name that
meanwhile points elsewhere opens nothing.
"""

import ipaddress
import socket
from urllib.parse import urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from django.conf import settings
from django.utils.translation import gettext as _

LONGEST = 500
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Forbidden(Exception):
    """An address that no webhook may have; `str()` is a sentence that says why."""


class ForbiddenPlace(OSError):
    """A name that leads to a place where no webhook may."""


def check(url: str) -> None:
    """Raise `Forbidden` for an address that cannot be a webhook's, as far as it tells itself."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise Forbidden(_("This is not a web address.")) from None
    if len(url) > LONGEST or not url.isascii() or any(ord(char) <= 32 for char in url):
        raise Forbidden(_("This is not a web address."))
    if parts.scheme not in {"http", "https"} or not host:
        raise Forbidden(_("The address must begin with https:// and name a host."))
    if parts.username is not None or parts.password is not None:
        raise Forbidden(_("The address must not carry a name or password."))
    if parts.scheme == "http" and not _is_test(host):
        raise Forbidden(_("The address must begin with https://."))
    if not _literal_is_allowed(host):
        says = _("This address lies inside a private network. Give one of the open internet.")
        raise Forbidden(says)


def _is_test(host: str) -> bool:
    """Whether plain http will do: on this machine, while developing."""
    return settings.DEBUG and (host == "localhost" or _is_loopback(host))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _literal_is_allowed(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host != "localhost" or _may("127.0.0.1")
    return _may(host)


def _may(address: str) -> bool:
    """Whether an IP address is one of the open internet, or one that the settings let in."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return _may(str(inner))
    if settings.WEBHOOKS_INSIDE or (settings.DEBUG and ip.is_loopback):
        return True
    return ip.is_global and not ip.is_multicast


class GuardedResolver(AbstractResolver):
    """Resolves a name, and refuses it when any of its addresses is forbidden."""

    def __init__(self) -> None:
        self._inner = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a host; raises `ForbiddenPlace`."""
        found = await self._inner.resolve(host, port, family)
        if not all(_may(each["host"]) for each in found):
            raise ForbiddenPlace(f"{host} leads inside")
        return found

    async def close(self) -> None:
        """Nothing is held."""
        await self._inner.close()
