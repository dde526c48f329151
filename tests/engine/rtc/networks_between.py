"""Networks between client and engine: a router that changes its port, and one that uses TCP."""

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
        """Open the router; return the port to which the client sends."""
        loop = asyncio.get_running_loop()
        self._inside, _ = await loop.create_datagram_endpoint(
            lambda: _Side(self._from_client), local_addr=(HOST, 0)
        )
        await self.renumber()
        return int(self._inside.get_extra_info("sockname")[1])

    async def renumber(self) -> None:
        """Send from another port from now on; packets to the old port are lost."""
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
        """Close the router."""
        self._inside.close()
        self._outside.close()


class _Side(asyncio.DatagramProtocol):
    def __init__(self, on_data: Any) -> None:
        self._on_data = on_data

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Hand on a datagram."""
        self._on_data(data, addr)

    def error_received(self, exc: Exception) -> None:
        """Ignore the error, with which a closed port answers."""


class TcpRouter(Router):
    """Carries datagrams over TCP, each after its length, as a client of RFC 6544 does."""

    async def renumber(self) -> None:
        """Connect again from another port."""
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
        """Abort the TCP connection at once."""
        self._writer.transport.abort()

    def close(self) -> None:
        """Close the router and its connection."""
        self._inside.close()
        self._reading.cancel()
        self.cut()


def through(answer: str, port: int) -> str:
    """Return the answer for a client that can reach the engine only by `port`."""
    candidate = f"a=candidate:1 1 udp 2130706431 {HOST} {port} typ host"
    kept = (line for line in answer.split("\r\n") if not line.startswith("a=candidate:"))
    return "\r\n".join(kept).replace(END, f"{candidate}\r\n{END}")
