"""What a relay and the engine send each other, over a socket: messages (JSON) and packets."""

import asyncio
import json
from collections.abc import AsyncIterator
from struct import Struct
from typing import Any

from hemicycle.engine.streams import Packet

_head = Struct("!IB")
_packet = Struct("!H?QI")
_MESSAGE, _PACKET = 0, 1

MOST_WAITING = 8 << 20
"""Bytes that may wait for the other end; one that is further behind counts as dead."""


class RelayPipe:
    """One end."""

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
        head = _packet.pack(output, packet.keyframe, packet.pts, packet.duration)
        self._write(_PACKET, head + packet.data)

    def _write(self, kind: int, data: bytes) -> None:
        if not self._writer.is_closing():  # the other end may be gone
            self._writer.write(_head.pack(len(data), kind) + data)

    async def listen(self) -> AsyncIterator[dict[str, Any] | tuple[int, Packet]]:
        """Yield messages, and packets with the number of their output, until the other end is
        gone.
        """
        try:
            while True:
                size, kind = _head.unpack(await self._reader.readexactly(_head.size))
                data = await self._reader.readexactly(size)
                yield json.loads(data) if kind == _MESSAGE else _read(data)
        except (asyncio.IncompleteReadError, ConnectionError):
            return

    def close(self) -> None:
        """Close this end."""
        self._writer.close()


def _read(data: bytes) -> tuple[int, Packet]:
    output, keyframe, pts, duration = _packet.unpack_from(data)
    return output, Packet(data[_packet.size :], pts, duration, keyframe)
