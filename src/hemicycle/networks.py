"""PURE: the networks of IP addresses, and which addresses are on the open internet."""

import ipaddress
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
_COMPATIBLE: Final = ipaddress.ip_network("::/96")


def is_open(address: str, *, private: bool = False, loopback: bool = False) -> bool:
    """Whether requests on people's behalf may be sent to an IP address.

    `private` permits all networks, `loopback` this machine. Raises `ValueError` for an invalid
    address.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    inner = _carried(ip) if isinstance(ip, ipaddress.IPv6Address) else None
    if inner is not None:
        return is_open(str(inner), private=private, loopback=loopback)
    if private or (loopback and ip.is_loopback):
        return True
    return ip.is_global and not ip.is_multicast


def _carried(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 address embeds or leads to; None if there is none."""
    if ip in _NAT64 or (ip in _COMPATIBLE and int(ip) > 0xFFFF):  # not :: and ::1
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour


def around(address: str, prefixes: Mapping[int, int]) -> str:
    """Return the network of an IP address, such as `2001:db8::/64`; "" for an invalid address.

    A network of one address is written as that address. `prefixes` gives the length of a network in
    bits for each version of the protocol, 4 and 6.
    """
    return _around(address, prefixes[4], prefixes[6])


@lru_cache(maxsize=4096)
def _around(address: str, prefix4: int, prefix6: int) -> str:
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    found = getattr(found, "ipv4_mapped", None) or found  # ::ffff:192.0.2.1 is 192.0.2.1
    prefix = prefix4 if found.version == 4 else prefix6
    network = ipaddress.ip_network((found, prefix), strict=False)
    return str(network.network_address if network.num_addresses == 1 else network)
