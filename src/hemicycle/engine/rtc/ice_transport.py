"""The UDP sockets of a peer, and the fast path of its packets.

aioice parses every datagram as STUN first and queues the rest for a task. Here RTP and RTCP reach
the peer in the same call; only STUN and DTLS take the slow path.
"""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from aioice.candidate import Candidate, candidate_foundation, candidate_priority
from aioice.ice import StunProtocol

from hemicycle.engine.rtc.ports import BoundSocket

if TYPE_CHECKING:
    from hemicycle.engine.rtc.peer import Peer

COMPONENT = 1
"""RTP and RTCP share one (rtcp-mux)."""


class IceTransport(StunProtocol):
    """One socket of a peer, as an aioice protocol."""

    def __init__(self, connection: Any, bound: BoundSocket, peer: "Peer") -> None:
        super().__init__(connection)
        self.sock = bound.sock
        self._peer = peer
        self.candidates = [_candidate(host, bound.port) for host in bound.hosts]
        self.local_candidate = self.candidates[0]

    def datagram_received(self, data: bytes | str, addr: tuple[Any, ...]) -> None:
        """Distinguish the kinds by the first byte (RFC 7983)."""
        if not data or isinstance(data, str):
            return
        first = data[0]
        if 127 < first < 192:
            self._peer.media_came(data)
        elif 19 < first < 64:
            self._peer.heard_now()
            self.receiver.data_received(data, COMPONENT)
        else:
            self._peer.heard_now()
            super().datagram_received(data, addr)


async def open_transports(connection: Any, bound: Sequence[BoundSocket], peer: "Peer") -> None:
    """Give an aioice connection these sockets instead of those it would gather."""
    loop = asyncio.get_running_loop()
    connection._local_candidates_start = True
    for socket in bound:
        line = IceTransport(connection, socket, peer)
        await loop.create_datagram_endpoint(partial(_same, line), sock=socket.sock)
        connection._protocols.append(line)
        connection._local_candidates.extend(line.candidates)
    connection._local_candidates_end = True


def _same(line: IceTransport) -> IceTransport:
    return line


def _candidate(host: str, port: int) -> Candidate:
    return Candidate(
        foundation=candidate_foundation("host", "udp", host),
        component=COMPONENT,
        transport="udp",
        priority=candidate_priority(COMPONENT, "host"),
        host=host,
        port=port,
        type="host",
    )
