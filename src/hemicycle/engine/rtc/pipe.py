"""The data that a relay and the engine send each other over a socket.

It consists of messages (JSON), packets of outputs, and what the engine's port receives for a
relay's peers: datagrams from new addresses, and the datagrams of TCP connections in both
directions.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from struct import Struct
from typing import Any

from hemicycle.engine.streams import Packet

_head = Struct("!IB")
_packet = Struct("!H?QII")
_datagram = Struct("!BH")
_frame = Struct("!I")
_MESSAGE, _PACKET, _DATAGRAM, _FRAME = range(4)

MOST_WAITING = 8 << 20
"""Bytes that may wait for the other end; one that is further behind counts as dead."""


@dataclass(frozen=True, slots=True)
class OutputPacket:
    """A packet of an output, by the output's number."""

    output: int
    packet: Packet


@dataclass(frozen=True, slots=True)
class Datagram:
    """A first request: the index of the socket that received it, its sender, and its bytes."""

    index: int
    host: str
    port: int
    data: bytes


@dataclass(frozen=True, slots=True)
class TcpFrame:
    """A datagram of the TCP connection `connection`; an empty one ends the connection."""

    connection: int
    data: bytes


type Said = dict[str, Any] | OutputPacket | Datagram | TcpFrame


class RelayPipe:
    """One end of the socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @property
    def stuck(self) -> bool:
        """Whether the other end no longer reads."""
        return self._writer.transport.get_write_buffer_size() > MOST_WAITING

    def say(self, what: str, **more: Any) -> None:
        """Send a message."""
        self._write(_MESSAGE, json.dumps({"what": what, **more}).encode())

    def send(self, output: int, packet: Packet) -> None:
        """Send a packet of an output, by its number."""
        size = len(packet.data)
        head = _packet.pack(output, packet.keyframe, packet.pts, packet.duration, size)
        self._write(_PACKET, head + packet.data + packet.small)

    def pass_on(self, index: int, data: bytes, address: tuple[str, int]) -> None:
        """Send a datagram that came to a socket of the engine."""
        host, port = address
        head = _datagram.pack(index, port) + bytes([len(host)]) + host.encode()
        self._write(_DATAGRAM, head + data)

    def frame(self, connection: int, data: bytes | memoryview) -> None:
        """Send a datagram of a TCP connection; an empty one ends the connection."""
        self._write(_FRAME, _frame.pack(connection) + data)

    def _write(self, kind: int, data: bytes) -> None:
        if not self._writer.is_closing():  # the other end may be gone
            self._writer.write(_head.pack(len(data), kind) + data)

    async def listen(self) -> AsyncIterator[Said]:
        """Yield what the other end sends, until it is gone."""
        try:
            while True:
                size, kind = _head.unpack(await self._reader.readexactly(_head.size))
                data = await self._reader.readexactly(size)
                yield _READ[kind](data)
        except (asyncio.IncompleteReadError, ConnectionError):
            return

    def close(self) -> None:
        """Close this end."""
        self._writer.close()


def _read_packet(data: bytes) -> OutputPacket:
    output, keyframe, pts, duration, size = _packet.unpack_from(data)
    end = _packet.size + size
    return OutputPacket(
        output, Packet(data[_packet.size : end], pts, duration, keyframe, data[end:])
    )


def _read_datagram(data: bytes) -> Datagram:
    index, port = _datagram.unpack_from(data)
    at = _datagram.size + 1
    end = at + data[_datagram.size]
    return Datagram(index, data[at:end].decode(), port, data[end:])


def _read_frame(data: bytes) -> TcpFrame:
    (connection,) = _frame.unpack_from(data)
    return TcpFrame(connection, data[_frame.size :])


_READ: dict[int, Callable[[bytes], Said]] = {
    _MESSAGE: json.loads,
    _PACKET: _read_packet,
    _DATAGRAM: _read_datagram,
    _FRAME: _read_frame,
}
