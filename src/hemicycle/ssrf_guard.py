"""Restricts requests that this server sends on people's behalf to the open internet.

A person who sets up a webhook or a source of the wall makes this server send requests. These must
not reach what only this server can reach. An address is checked when it is typed (`check`), and
again when a socket is opened for it (`connector`): the socket connects to the address that was
checked, even if a name, a redirect or a spelling that only the system understands led to it. So a
name that has changed its target in the meantime (DNS rebinding) gives no access.
"""

import ipaddress
import socket
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp.connector import AddrInfoType
from django.conf import settings
from django.utils.translation import gettext as _

from hemicycle import networks

LONGEST: Final = 500


class Forbidden(Exception):
    """An address to which nothing may be sent; `str()` is a sentence with the reason."""


class ForbiddenPlace(OSError):
    """A connection to an address to which nothing may be sent."""


def check(url: str) -> None:
    """Raise `Forbidden` if the text of a URL shows that it is not permitted."""
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
        raise Forbidden(_("The address must not contain a name or password."))
    if parts.scheme == "http" and not _may_be_plain(host):
        raise Forbidden(_("The address must begin with https://."))
    check_literal(host)


def check_literal(host: str) -> None:
    """Raise `Forbidden` for a host that is written as an internal IP address.

    This is for URLs of other protocols, whose connections are checked when they are opened.
    """
    if not _literal_is_allowed(host):
        says = _("This address is in a private network. Use an address on the public internet.")
        raise Forbidden(says)


def connector(**options: Any) -> aiohttp.TCPConnector:
    """Return a connector for permitted addresses; others raise `ForbiddenPlace` as the cause."""
    return aiohttp.TCPConnector(socket_factory=_open, use_dns_cache=False, **options)


def _open(place: AddrInfoType) -> socket.socket:
    family, kind, protocol, _name, address = place
    if not _may(str(address[0])):
        raise ForbiddenPlace("this address lies inside a private network")
    return socket.socket(family, kind, protocol)


def _may_be_plain(host: str) -> bool:
    """Whether http is permitted: for internal hosts by a setting, for this machine with DEBUG."""
    here = host == "localhost" or _is_loopback(host)
    return settings.REACH_PRIVATE_NETWORKS or (settings.DEBUG and here)


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
    """Whether an IP address is on the open internet, or permitted by the settings."""
    return networks.is_open(
        address, private=settings.REACH_PRIVATE_NETWORKS, loopback=settings.DEBUG
    )
