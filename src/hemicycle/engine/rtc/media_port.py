"""The engine's one port for sound and picture: UDP, and TCP where UDP is blocked (RFC 6544).

All peers share it, so that a firewall opens one number. A peer is found by the user name that its
first requests carry (ICE, RFC 8445): the part before the colon is the name that our answer gave.
From an authenticated request on, the address that sent it has a connected socket of its own, bound
to the same port. So the system sorts the packets, each peer has buffers of its own, and a process
that serves listeners (`relay`) reads its own sockets.
"""

import asyncio
import contextlib
import errno
import os
import secrets
import socket
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from aioice.ice import get_host_addresses
from aioice.stun import parse_message

from hemicycle.engine.rtc.tcp_frames import DatagramConnection, FramedConnection

if TYPE_CHECKING:
    from hemicycle.engine.rtc.ice_transport import IceLine

BUFFER_BYTES = 1 << 20
"""The socket buffer for one peer, in bytes: a keyframe to send, or half a second to read."""

AT_ONCE = 64
"""The most datagrams that are read from a socket in one turn of the event loop."""

DATAGRAM_BYTES = 2048
FREE_S = 3.0
"""Seconds for which an engine that ends, or its relays, may still hold the port."""
FREE_TRIES = 5
"""How many ports are tried when the system chooses one."""
MOST_UNKNOWN = 200
"""The most TCP connections that have not named their peer yet."""

NOT_OURS = {errno.EADDRNOTAVAIL}
_NAME_LETTERS: Final = string.ascii_letters + string.digits
_NAME_LENGTH = 8
_STUN_HEAD = 20
_STUN_REQUEST, _STUN_COOKIE = b"\0\1", b"\x21\x12\xa4\x42"

type Address = tuple[str, int]
type Forward = Callable[[int, bytes, Address], None]
type TcpForward = Callable[[FramedConnection, int, bytes], bool]


class PortTaken(RuntimeError):
    """The port cannot be opened; `str()` is a sentence that says why."""


@dataclass(frozen=True, slots=True)
class HandedPort:
    """The sockets of another process's port: `sockets` by UDP, and `listeners` by TCP.

    `grouped` maps the address of each socket to the addresses that are announced for it.
    """

    grouped: Mapping[str, tuple[str, ...]]
    sockets: tuple[socket.socket, ...]
    listeners: tuple[socket.socket, ...]


class MediaPort:
    """The port `number` on the addresses given to peers; also TCP port `tcp`, unless it is 0.

    An address that no interface of this machine has (for example that of a router that forwards the
    port) is announced beside the first address that is ours. If none is ours, the port is opened on
    every interface. `owner` is the first letter of the names that this process gives: requests for
    other names are handed to `forwards[letter]`, and their TCP connections to
    `tcp_forwards[letter]`. `sockets` are the sockets of another process, which reads them.
    `inherited` are those of the previous process, which stops reading them once this one reads.
    Raises ValueError if a number is not a port.
    """

    def __init__(
        self,
        number: int,
        addresses: Sequence[str],
        *,
        tcp: int = 0,
        owner: str = "a",
        sockets: Sequence[socket.socket] = (),
        inherited: "HandedPort | None" = None,
    ) -> None:
        if not (0 < number < 65536 and 0 <= tcp < 65536):
            raise ValueError(f"{number} and {tcp} are not both ports.")
        self.number, self.tcp = number, tcp
        self.addresses = tuple(addresses)
        self.forwards: dict[str, Forward] = {}
        self.tcp_forwards: dict[str, TcpForward] = {}
        self._inherited = inherited
        self._grouped = dict(inherited.grouped) if inherited else _grouped(addresses)
        self._owner = owner
        self._reads = not sockets
        self._sockets = list(sockets)
        self._listeners: list[Any] = []
        self._servers: list[asyncio.Server] = []
        self._lines: dict[str, tuple[IceLine, ...]] = {}
        self._unknown: set[FramedConnection] = set()

    @property
    def taken(self) -> int:
        """How many peers this process has."""
        return len(self._lines)

    @property
    def hosts(self) -> tuple[tuple[str, ...], ...]:
        """For each socket, the addresses under which others reach it, its own first."""
        return tuple(self._grouped.values())

    @property
    def sockets(self) -> tuple[socket.socket, ...]:
        """The sockets that receive first requests, one for each of `hosts`."""
        return tuple(self._sockets)

    async def open(self) -> None:
        """Start to listen, unless another process reads the sockets. Raises `PortTaken`."""
        if not self._reads:
            return
        if self._inherited is not None:
            await self._inherit(self._inherited)
            return
        loop = asyncio.get_running_loop()
        over = loop.time() + FREE_S
        while True:
            try:
                await self._open()
            except OSError as error:
                self.close()
                if error.errno != errno.EADDRINUSE or loop.time() > over:
                    raise self._taken(error) from error
                await asyncio.sleep(0.1)
            else:
                return

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        for index, host in enumerate(self._grouped):
            # Sharing would hide that another engine of this user has the port: try without first.
            open_socket(host, self.number, shared=False).close()
            sock = open_socket(host, self.number)
            self._sockets.append(sock)
            loop.add_reader(sock, self._read, index)
        for index, host in enumerate(self._grouped if self.tcp else ()):
            self._servers.append(await loop.create_server(self._accept(index), host, self.tcp))
            self._listeners.append(self._servers[-1].sockets[0])

    async def _inherit(self, handed: "HandedPort") -> None:
        """Take the sockets of the previous process; `go_on` starts to read them."""
        self._sockets, self._listeners = list(handed.sockets), list(handed.listeners)
        for sock in (*self._sockets, *self._listeners):
            sock.setblocking(False)

    async def another(self) -> "MediaPort":
        """Return another open port on these addresses, for one peer that calls.

        It uses UDP alone, and a number that the system chooses. A server tells peers apart by their
        addresses, so two peers that call it must not share a port. Raises `PortTaken`.
        """
        first = next(iter(self._grouped))
        for _ in range(FREE_TRIES):
            with contextlib.closing(open_socket(first, 0)) as sock:
                number = sock.getsockname()[1]
            made = MediaPort(number, [hosts[0] for hosts in self.hosts])
            # The number may be taken in the meantime, or on another of the addresses.
            with contextlib.suppress(PortTaken):
                await made.open()
                return made
        raise PortTaken("no port for a connection to an edge can be opened.")

    def handed(self) -> tuple[dict[str, tuple[str, ...]], list[int], list[int]]:
        """Return the addresses, and the descriptors by UDP and by TCP, for another process."""
        listeners = [listener.fileno() for listener in self._listeners]
        return self._grouped, [sock.fileno() for sock in self._sockets], listeners

    def rest(self) -> None:
        """Stop reading datagrams; new TCP connections are still accepted."""
        for sock in self._sockets:
            asyncio.get_running_loop().remove_reader(sock)

    async def go_on(self) -> None:
        """Read again, or start to read the sockets that the previous process has left."""
        loop = asyncio.get_running_loop()
        for index, sock in enumerate(self._sockets):
            loop.add_reader(sock, self._read, index)
        for index, listener in enumerate(self._listeners if not self._servers else ()):
            self._servers.append(await loop.create_server(self._accept(index), sock=listener))

    def _taken(self, error: OSError) -> PortTaken:
        by_tcp = f" and {self.tcp} by TCP" if self.tcp else ""
        return PortTaken(
            f"the port for sound and picture, {self.number} by UDP{by_tcp}, cannot be opened "
            f"({os.strerror(error.errno or 0)}). Another program may have it: choose another one "
            "with HEMICYCLE_MEDIA_PORT and HEMICYCLE_MEDIA_TCP_PORT."
        )

    def close(self) -> None:
        """Stop listening; the peers' own sockets stay."""
        for server in self._servers:
            server.close()
        for connection in tuple(self._unknown):
            connection.abort()
        for sock in self._sockets:
            if self._reads:
                asyncio.get_running_loop().remove_reader(sock)
            sock.close()
        for listener in self._listeners if not self._servers else ():
            listener.close()
        self._listeners.clear()
        self._servers.clear()
        self._sockets.clear()

    # -- peers

    def new_name(self) -> str:
        """Return a user name (ice-ufrag) that no peer of this process has."""
        while True:
            rest = "".join(secrets.choice(_NAME_LETTERS) for _ in range(_NAME_LENGTH - 1))
            if (name := self._owner + rest) not in self._lines:
                return name

    def add(self, name: str, lines: Sequence["IceLine"]) -> None:
        """Hand requests for `name` to these lines: one for each socket by UDP, then one for each by
        TCP.
        """
        self._lines[name] = tuple(lines)

    def remove(self, name: str) -> None:
        """Forget a peer."""
        self._lines.pop(name, None)

    def local_address(self, index: int) -> Address:
        """Return where a socket is bound: host and port."""
        host, port = self._sockets[index].getsockname()[:2]
        return host, port

    # -- incoming packets

    def _read(self, index: int) -> None:
        for data, address in datagrams(self._sockets[index]):
            self.came(index, data, address)

    def came(self, index: int, data: bytes, address: Address) -> None:
        """Take a datagram from an address that has no socket of its own yet."""
        name = named_in(data)
        if lines := self._lines.get(name):
            lines[index].first_came(data, address)
        elif forward := self.forwards.get(name[:1]):
            forward(index, data, address)

    def framed(self, index: int, data: bytes, connection: DatagramConnection) -> bool:
        """Take the first datagram of a TCP connection; return whether it is for a peer here."""
        lines = self._lines.get(named_in(data))
        if lines is None:
            return False
        lines[len(self._grouped) + index].first_frame(data, connection)
        return True

    def _accept(self, index: int) -> Callable[[], FramedConnection]:
        def made() -> FramedConnection:
            connection = FramedConnection(lambda data: self._first_frame(index, connection, data))
            connection.on_end = lambda: self._unknown.discard(connection)
            connection.refused = len(self._unknown) >= MOST_UNKNOWN
            self._unknown.add(connection)
            return connection

        return made

    def _first_frame(self, index: int, connection: FramedConnection, data: bytes) -> None:
        self._unknown.discard(connection)
        forward = self.tcp_forwards.get(named_in(data)[:1], _forward_nothing)
        if not self.framed(index, data, connection) and not forward(connection, index, data):
            connection.abort()


def _forward_nothing(connection: FramedConnection, index: int, data: bytes) -> bool:
    return False


def named_in(data: bytes) -> str:
    """Return the name that a request (STUN) is for; "" for any other datagram."""
    if len(data) < _STUN_HEAD or data[:2] != _STUN_REQUEST or data[4:8] != _STUN_COOKIE:
        return ""
    try:
        return str(parse_message(data).attributes.get("USERNAME", "")).partition(":")[0]
    except ValueError:
        return ""


def datagrams(sock: socket.socket) -> Iterator[tuple[bytes, Address]]:
    """Yield the datagrams that wait in a socket, with their senders; at most `AT_ONCE` of them."""
    for _ in range(AT_ONCE):
        try:
            data, address = sock.recvfrom(DATAGRAM_BYTES)
        except BlockingIOError:
            return
        except OSError:
            if sock.fileno() < 0:  # the handler of the last datagram has closed it
                return
            continue  # the system reports that an earlier packet did not arrive (ICMP)
        yield data, (address[0], address[1])


def open_socket(
    host: str, port: int, *, shared: bool = True, to: Address | None = None
) -> socket.socket:
    """Return a UDP socket bound to a port, which others of this user may share if it is `shared`.

    With `to`, the socket is connected to that address.

    Raises OSError.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        if shared:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind((host, port))
        if to is not None:
            sock.connect(to)
    except OSError:
        sock.close()
        raise
    return sock


def _grouped(addresses: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the addresses to listen at, each with the addresses to announce for it."""
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
        open_socket(host, 0).close()
    except OSError as error:
        return error.errno not in NOT_OURS
    return True


def own_addresses() -> tuple[str, ...]:
    """Return this machine's IPv4 addresses on its networks; loopback if it is on none."""
    found = get_host_addresses(use_ipv4=True, use_ipv6=False)
    return tuple(host for host in found if not host.startswith("127.")) or ("127.0.0.1",)
