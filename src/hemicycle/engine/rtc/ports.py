"""The UDP ports of the media engine: one for each peer, the same one on each address."""

import errno
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from aioice.ice import get_host_addresses

from hemicycle.engine.rtc.errors import NoPort

BUFFER_BYTES = 1 << 20
"""Socket buffer for one peer, in bytes: a keyframe out, or half a second in."""

NOT_OURS = {errno.EADDRNOTAVAIL}


@dataclass(frozen=True, slots=True)
class BoundSocket:
    """A socket and the addresses under which others reach it, its own first."""

    sock: socket.socket
    hosts: tuple[str, ...]
    port: int


class Ports:
    """The ports from `first` to `last` (both included), on the addresses given to peers.

    An address that no interface of this machine has (for example a router's that forwards the
    range) is announced beside the first that is ours; if none is ours, the socket listens on every
    interface.
    """

    def __init__(self, first: int, last: int, addresses: Sequence[str]) -> None:
        if not 0 < first <= last < 65536:
            raise ValueError(f"{first} to {last} is no range of ports.")
        self._range = range(first, last + 1)
        self.addresses = tuple(addresses)
        self._sockets = _grouped(addresses)
        self._taken: set[int] = set()
        self._turn = 0

    @property
    def free(self) -> int:
        """How many ports no peer of ours has."""
        return len(self._range) - len(self._taken)

    def shared(self, parts: int) -> list["Ports"]:
        """Split the range into this many parts of about one size, in order.

        Raises ValueError: too few.
        """
        size = len(self._range) // parts
        firsts = [self._range[part * size] for part in range(parts)]
        lasts = [*(first - 1 for first in firsts[1:]), self._range[-1]]
        return [
            Ports(first, last, self.addresses) for first, last in zip(firsts, lasts, strict=True)
        ]

    @property
    def ends(self) -> tuple[int, int]:
        """The first and the last port."""
        return self._range[0], self._range[-1]

    def take(self) -> tuple[BoundSocket, ...]:
        """Return sockets for one peer, all on one port; raise `NoPort`."""
        for _ in self._range:
            port = self._range[self._turn % len(self._range)]
            self._turn += 1
            if port not in self._taken and (bound := self._bind(port)):
                self._taken.add(port)
                return bound
        raise NoPort(
            f"All the media ports ({self._range[0]} to {self._range[-1]}) are in use. "
            "Try again in a minute, or follow the webcast."
        )

    def give_back(self, bound: Sequence[BoundSocket]) -> None:
        """Return a port after the peer has closed its sockets."""
        self._taken.difference_update(opened.port for opened in bound)

    def _bind(self, port: int) -> tuple[BoundSocket, ...]:
        bound: list[BoundSocket] = []
        try:
            for host, told in self._sockets.items():
                bound.append(BoundSocket(_socket(host, port), told, port))
        except OSError:
            for opened in bound:
                opened.sock.close()
            return ()
        return tuple(bound)


def _socket(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock


def _grouped(addresses: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return where to listen, and which addresses to announce for it, by kind of address."""
    grouped: dict[str, tuple[str, ...]] = {}
    for everywhere, mark in (("0.0.0.0", "."), ("::", ":")):  # noqa: S104  # if none is ours
        kind = [host for host in addresses if mark in host]
        ours = [host for host in kind if _is_ours(host)]
        others = tuple(host for host in kind if host not in ours)
        grouped |= {host: (host,) for host in ours}
        if others:
            first = ours[0] if ours else everywhere
            grouped[first] = grouped.get(first, ()) + others
    return grouped


def _is_ours(host: str) -> bool:
    try:
        _socket(host, 0).close()
    except OSError as error:
        return error.errno not in NOT_OURS
    return True


def own_addresses() -> tuple[str, ...]:
    """Return this machine's IPv4 addresses on its networks; loopback if it is on none."""
    found = get_host_addresses(use_ipv4=True, use_ipv6=False)
    return tuple(host for host in found if not host.startswith("127.")) or ("127.0.0.1",)
