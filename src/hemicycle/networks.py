"""PURE: which IP addresses belong to the open internet."""

import ipaddress
from typing import Final

_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
_COMPATIBLE: Final = ipaddress.ip_network("::/96")


def is_open(address: str, *, private: bool = False, loopback: bool = False) -> bool:
    """Whether requests on people's behalf may go to an IP address.

    `private` lets all networks in, `loopback` this machine. Raises `ValueError` for what is no
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
    """The address of the older internet that a newer one leads to, if it is such a one."""
    if ip in _NAT64 or (ip in _COMPATIBLE and int(ip) > 0xFFFF):  # below lie :: and ::1
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour
