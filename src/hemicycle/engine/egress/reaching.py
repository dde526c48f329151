"""The address that a push connects to: looked up once, checked, and then used as it is.

FFmpeg would look a name up again, and by then it might lead to a private network (DNS rebinding).
So FFmpeg gets the checked address, and the name only for the other side.
"""

import ipaddress
import socket
from collections.abc import Callable
from urllib.parse import SplitResult, urlsplit, urlunsplit

PORTS = {"rtmp": 1935, "rtmps": 443}

type MayReach = Callable[[str], bool]
"""Whether a push may go to an IP address."""


class Inside(OSError):
    """Raised for a name or an address in a network to which pushes are not permitted."""


def resolved(host: str, port: int, kind: int, may_reach: MayReach) -> tuple[int, str]:
    """Return the family and the IP address to which a host's name resolves now.

    Raises `Inside` if any of its addresses is not permitted, and `OSError` for an unknown name.
    """
    found = socket.getaddrinfo(host, port, type=kind)
    addresses = [(int(family), str(where[0])) for family, *_, where in found]
    if not all(may_reach(address) for _, address in addresses):
        raise Inside("the address lies inside a private network")
    return addresses[0]


def rtmp(url: str, may_reach: MayReach) -> tuple[str, dict[str, str]]:
    """Return an RTMP address with the IP address instead of the name, and more options for FFmpeg.

    Raises `OSError`.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    family, address = resolved(host, port, socket.SOCK_STREAM, may_reach)
    if _is_number(host):
        return url, {}
    number = f"[{address}]" if family == socket.AF_INET6 else address
    user, at, _named = parts.netloc.rpartition("@")
    named = f"{host}:{parts.port}" if parts.port else host
    told = {"rtmp_tcurl": f"{parts.scheme}://{named}/{_application(parts)}"}
    if parts.scheme == "rtmps":
        told["verifyhost"] = host
    there = f"{user}{at}{number}:{port}"
    return urlunsplit((parts.scheme, there, parts.path, parts.query, parts.fragment)), told


def _application(parts: SplitResult) -> str:
    """Return FFmpeg's application: one part of the path, or two if there are three."""
    path = parts.path.lstrip("/").split("/")
    return "/".join(path[:2] if len(path) > 2 and ":" not in path[1] else path[:1])


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
