"""The lines of a peer: how each receives and sends packets at one local address, on a fast path.

aioice parses every datagram as STUN first and queues the rest for a task. Here RTP and RTCP reach
the peer in the same call; only STUN and DTLS take the slow path.
"""

import asyncio
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from aioice.candidate import Candidate, candidate_foundation, candidate_priority
from aioice.ice import CandidatePair, Connection, StunProtocol
from aioice.stun import parse_message

from hemicycle.engine.rtc.media_port import Address, MediaPort, datagrams, named_in, open_socket
from hemicycle.engine.rtc.tcp_frames import DatagramConnection, FramedConnection

if TYPE_CHECKING:
    from hemicycle.engine.rtc.peer import Peer

type Transport = Literal["udp", "tcp"]

COMPONENT = 1
"""The ICE component that RTP and RTCP share (rtcp-mux)."""

MOST_WAYS = 8
"""The most addresses of one peer at a time; a laptop with several networks has three or four."""

_TCP_PRIORITY = (90 << 24) | ((4 << 13 | 0x1FFF) << 8) | (256 - COMPONENT)
"""The priority of TCP: behind UDP, ahead of a relay (RFC 6544 section 4.2: passive, host)."""


@dataclass(frozen=True, slots=True)
class HandedWay:
    """A way for another process: the indexes of its line and descriptor, and the peer's address.

    `rest` is the beginning of a frame that a TCP connection has not received whole yet.
    """

    line: int
    host: str
    port: int
    descriptor: int
    rest: bytes = b""


@dataclass(frozen=True, slots=True)
class HandedPair:
    """A pair of addresses that was checked: the index of its line, and the peer's address."""

    line: int
    host: str
    port: int
    nominated: bool


@dataclass(frozen=True, slots=True)
class HandedIce:
    """The state of an ICE connection for another process: names, passwords, ways and pairs."""

    name: str
    password: str
    remote_name: str
    remote_password: str
    controlling: bool
    ways: tuple[HandedWay, ...]
    pairs: tuple[HandedPair, ...]


class UdpWay:
    """A connected socket to one address of a peer; it rests at first if another process had it."""

    def __init__(
        self, line: "IceLine", address: Address, inherited: socket.socket | None = None
    ) -> None:
        self.address = address
        self.heard = 0.0
        self._line = line
        self.sock: Any = inherited or open_socket(*line.local_address, to=address)
        self._loop = asyncio.get_running_loop()
        if inherited is None:
            self.go_on()

    def rest(self) -> None:
        """Stop reading: packets wait in the socket."""
        self._loop.remove_reader(self.sock)

    def go_on(self) -> None:
        """Read the waiting packets, and later ones."""
        self._loop.add_reader(self.sock, self._read)

    def handed(self, line: int, descriptors: list[int]) -> HandedWay:
        """Return the way for another process, and append its descriptor to `descriptors`."""
        descriptors.append(self.sock.fileno())
        return HandedWay(line, *self.address, len(descriptors) - 1)

    def _read(self) -> None:
        for data, address in datagrams(self.sock):
            # Before the socket was connected, it may have received datagrams of other peers.
            if address == self.address:
                self._line.came(self, data)
            else:
                self._line.pass_on(data, address)

    def close(self) -> None:
        """Close the socket."""
        self._loop.remove_reader(self.sock)
        self.sock.close()


class TcpWay:
    """A TCP connection from one address of a peer."""

    def __init__(self, line: "IceLine", connection: DatagramConnection) -> None:
        self.address = connection.address
        self.heard = 0.0
        self.sock: Any = connection
        connection.known()
        connection.on_frame = lambda data: line.came(self, data)
        connection.on_end = lambda: line.ended(self)

    def rest(self) -> None:
        """Stop reading: packets wait in the socket."""
        self.sock.rest()

    def go_on(self) -> None:
        """Read the waiting packets, and later ones."""
        self.sock.go_on()

    def handed(self, line: int, descriptors: list[int]) -> HandedWay | None:
        """Return the way for another process, and append its descriptor to `descriptors`.

        Return None if the connection cannot be moved, as when frames still wait for a slow link.
        """
        whole = self.sock
        if not isinstance(whole, FramedConnection) or whole.behind:
            return None
        descriptors.append(whole.fileno())
        return HandedWay(line, *self.address, len(descriptors) - 1, whole.incomplete)

    def close(self) -> None:
        """End the connection."""
        self.sock.on_end = lambda: None
        self.sock.abort()


type Way = UdpWay | TcpWay


class IceLine(StunProtocol):
    """One local address of a peer, by UDP or TCP, as an aioice protocol."""

    def __init__(
        self, connection: Any, peer: "Peer", port: MediaPort, index: int, transport: Transport
    ) -> None:
        super().__init__(connection)
        self.ways: dict[Address, Way] = {}
        self.local_address = port.local_address(index)
        self.transport: Any = _Sender(self)
        self._peer, self._port, self._index = peer, port, index
        number = port.number if transport == "udp" else port.tcp
        self.candidates = [_candidate(host, number, transport) for host in port.hosts[index]]
        self.local_candidate = self.candidates[0]

    def sock_to(self, address: Address) -> Any:
        """Return the socket to an address of the peer: one that is connected to it, or a
        `DatagramConnection`. Raise OSError if it is gone.
        """
        if way := self.ways.get(address):
            return way.sock
        raise OSError(f"No way leads to {address[0]}.")

    # -- incoming packets

    def first_came(self, data: bytes, address: Address) -> None:
        """Take a request from a new address, if the sender knows our password."""
        way = self.ways.get(address)
        if way is None:
            if not self._is_authentic(data) or len(self.ways) >= MOST_WAYS:
                return
            with suppress(OSError):
                way = self.ways[address] = UdpWay(self, address)
        if way is not None:
            self.came(way, data)

    def first_frame(self, data: bytes, connection: DatagramConnection) -> None:
        """Take a TCP connection's first datagram; end the connection if it is not authentic."""
        if not self._is_authentic(data) or len(self.ways) >= MOST_WAYS:
            connection.abort()
            return
        way = self.ways[connection.address] = TcpWay(self, connection)
        self.came(way, data)

    def came(self, way: Way, data: bytes) -> None:
        """Pass on a datagram by its kind, which the first byte shows (RFC 7983)."""
        if not data:
            return
        way.heard = self._peer.now()
        first = data[0]
        if 127 < first < 192:
            self._peer.media_came(data)
        elif 19 < first < 64:
            self._peer.handshake_came(data)
        elif named_in(data) in ("", self.receiver.local_username):
            self._peer.heard_now()
            self.datagram_received(data, way.address)
        else:
            self.pass_on(data, way.address)  # the address belongs to another of our peers now

    def pass_on(self, data: bytes, address: Address) -> None:
        """Give a datagram that is not for this peer to the port."""
        self._port.came(self._index, data, address)

    def ended(self, way: Way) -> None:
        """Forget a way that the other side has closed."""
        if self.ways.get(way.address) is way:
            del self.ways[way.address]
            self._peer.way_ended(self, way.address)

    def inherit(self, address: Address, way: Way) -> None:
        """Take over a way from another process."""
        self.ways[address] = way

    def end(self) -> None:
        """Close all ways."""
        for way in self.ways.values():
            way.close()
        self.ways.clear()

    def _is_authentic(self, data: bytes) -> bool:
        try:
            message = parse_message(data)
        except ValueError:
            return False
        key = self.receiver.local_password.encode()
        return "MESSAGE-INTEGRITY" in message.attributes and message.check_message_integrity(key)


class CallingLine(IceLine):
    """A line of a peer that calls: it sends the first request, to an address in the answer."""

    _has_ended = False

    def sock_to(self, address: Address) -> Any:
        """Return the socket to an address, opened at first use; raise OSError if that fails."""
        is_new = address not in self.ways and len(self.ways) < MOST_WAYS
        if is_new and not self._has_ended:
            self.ways[address] = UdpWay(self, address)
        return super().sock_to(address)

    def end(self) -> None:
        """Close all ways and open no more: what is sent after that is lost."""
        self._has_ended = True
        super().end()


class _Sender:
    """The transport of a line, as aioice expects it."""

    def __init__(self, line: IceLine) -> None:
        self._line = line

    def sendto(self, data: bytes, address: Address) -> None:
        """Send a datagram; if that fails, it is lost, as on the network."""
        with suppress(OSError):
            self._line.sock_to(address).send(data)

    def close(self) -> None:
        """Close the ways, and report the end in the next turn of the event loop."""
        self._line.end()
        asyncio.get_running_loop().call_soon(self._line.connection_lost, None)


def open_lines(
    connection: Any, port: MediaPort, peer: "Peer", line_type: type[IceLine] = IceLine
) -> None:
    """Give an aioice connection the engine's port instead of sockets that it would open.

    A peer that calls uses UDP alone.
    """
    connection._local_candidates_start = True
    has_tcp = port.tcp and line_type is IceLine
    kinds: Sequence[Transport] = ("udp", "tcp") if has_tcp else ("udp",)
    for kind in kinds:
        for index in range(len(port.hosts)):
            line = line_type(connection, peer, port, index, kind)
            connection._protocols.append(line)
            connection._local_candidates.extend(line.candidates)
    port.add(connection.local_username, connection._protocols)
    connection._local_candidates_end = True


def _candidate(host: str, port: int, transport: Transport) -> Candidate:
    is_tcp = transport == "tcp"
    return Candidate(
        foundation=candidate_foundation("host", transport, host),
        component=COMPONENT,
        transport=transport,
        priority=_TCP_PRIORITY if is_tcp else candidate_priority(COMPONENT, "host"),
        host=host,
        port=port,
        type="host",
        tcptype="passive" if is_tcp else None,
    )


def handed(connection: Any, descriptors: list[int]) -> HandedIce:
    """Return the state of an ICE connection for another process; append its ways' descriptors."""
    lines: list[IceLine] = connection._protocols
    ways = [
        way.handed(number, descriptors)
        for number, line in enumerate(lines)
        for way in line.ways.values()
    ]
    nominated = connection._nominated.get(COMPONENT)
    pairs = [
        HandedPair(
            lines.index(pair.protocol),
            pair.remote_addr[0],
            pair.remote_addr[1],
            nominated=pair is nominated,
        )
        for pair in connection._check_list
        if pair.state == CandidatePair.State.SUCCEEDED
    ]
    return HandedIce(
        connection.local_username,
        connection.local_password,
        connection.remote_username,
        connection.remote_password,
        connection.ice_controlling,
        tuple(way for way in ways if way is not None),
        tuple(pairs),
    )


async def resumed(
    ice: HandedIce, port: MediaPort, peer: "Peer", sockets: Sequence[socket.socket]
) -> Any:
    """Return the connection of another process with its `sockets`, which rest.

    Raises ValueError or IndexError if it is not a connection on this port.
    """
    connection: Any = Connection(
        ice_controlling=ice.controlling,
        local_username=ice.name,
        local_password=ice.password,
    )
    connection.remote_username, connection.remote_password = ice.remote_name, ice.remote_password
    open_lines(connection, port, peer)
    # The checks are over: from here on the connection answers requests and learns new addresses.
    connection._early_checks_done = connection._check_list_done = True
    connection._remote_candidates_end = True
    for way in ice.ways:
        line: IceLine = connection._protocols[way.line]
        await _resume_way(line, way, sockets[way.descriptor])
    for found in ice.pairs:
        pair = CandidatePair(connection._protocols[found.line], _remote(found))
        pair.state, pair.nominated = CandidatePair.State.SUCCEEDED, found.nominated
        connection._remote_candidates.append(pair.remote_candidate)
        connection._check_list.append(pair)
        if found.nominated:
            connection._nominated[COMPONENT] = pair
    return connection


async def _resume_way(line: IceLine, way: HandedWay, sock: socket.socket) -> None:
    address = (way.host, way.port)
    if sock.type == socket.SOCK_DGRAM:
        line.inherit(address, UdpWay(line, address, sock))
        return
    _, connection = await asyncio.get_running_loop().connect_accepted_socket(
        lambda: FramedConnection(lambda data: None, inherited=way.rest), sock
    )
    line.inherit(address, TcpWay(line, connection))


def _remote(pair: HandedPair) -> Candidate:
    found: Any = Candidate(
        foundation="handed",
        component=COMPONENT,
        transport="udp",
        priority=candidate_priority(COMPONENT, "prflx"),
        host=pair.host,
        port=pair.port,
        type="prflx",
    )
    found._network_host = pair.host
    return found  # type: ignore[no-any-return]
