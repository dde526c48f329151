"""Networks between a client and the engine: a router that gives new numbers, one that takes TCP."""

import asyncio
import contextlib
from typing import Any

HOST = "127.0.0.1"
END = "a=end-of-candidates"


class Router(asyncio.DatagramProtocol):
    """Carries a client's datagrams to the engine's port, from a port of its own."""

    def __init__(self, engine_port: int) -> None:
        self._engine_port = engine_port
        self._client: tuple[str, int] | None = None
        self._inside: Any = None
        self._outside: Any = None

    async def open(self) -> int:
        """Open it; return the port that the client sends to."""
        loop = asyncio.get_running_loop()
        self._inside, _ = await loop.create_datagram_endpoint(
            lambda: _Side(self._from_client), local_addr=(HOST, 0)
        )
        await self.renumber()
        return int(self._inside.get_extra_info("sockname")[1])

    async def renumber(self) -> None:
        """Send from another port from now on; what comes to the old one is lost."""
        if self._outside is not None:
            self._outside.close()
        loop = asyncio.get_running_loop()
        self._outside, _ = await loop.create_datagram_endpoint(
            lambda: _Side(self._from_engine), remote_addr=(HOST, self._engine_port)
        )

    def _from_client(self, data: bytes, address: tuple[str, int]) -> None:
        self._client = address
        self._outside.sendto(data)

    def _from_engine(self, data: bytes, address: tuple[str, int]) -> None:
        if self._client is not None:
            self._inside.sendto(data, self._client)

    def close(self) -> None:
        """Close it."""
        self._inside.close()
        self._outside.close()


class _Side(asyncio.DatagramProtocol):
    def __init__(self, on_data: Any) -> None:
        self._on_data = on_data

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Hand it on."""
        self._on_data(data, addr)

    def error_received(self, exc: Exception) -> None:
        """Ignore it: a closed port answers so."""


class TcpRouter(Router):
    """Carries them over TCP, each behind its length, as a client of RFC 6544 sends them."""

    async def renumber(self) -> None:
        """Connect again."""
        reader, self._writer = await asyncio.open_connection(HOST, self._engine_port)
        self._reading = asyncio.create_task(self._read(reader))

    async def _read(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                size = int.from_bytes(await reader.readexactly(2))
                self._from_engine(await reader.readexactly(size), (HOST, 0))

    def _from_client(self, data: bytes, address: tuple[str, int]) -> None:
        self._client = address
        self._writer.write(len(data).to_bytes(2) + data)

    def cut(self) -> None:
        """End the connection at once."""
        self._writer.transport.abort()

    def close(self) -> None:
        """Close it."""
        self._inside.close()
        self._reading.cancel()
        self.cut()


def through(answer: str, port: int) -> str:
    """Return the answer as a client reads it that reaches the engine by another port alone."""
    candidate = f"a=candidate:1 1 udp 2130706431 {HOST} {port} typ host"
    kept = (line for line in answer.split("\r\n") if not line.startswith("a=candidate:"))
    return "\r\n".join(kept).replace(END, f"{candidate}\r\n{END}")
