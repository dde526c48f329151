"""A stretch of network that loses datagrams: a relay on loopback between a client and an engine.

The client is given the relay's port in the place of the engine's (`through`).
"""

import asyncio
import re
from collections.abc import Callable
from random import Random
from typing import Any

_CANDIDATE = re.compile(
    r"^(a=candidate:\S+ \d+ udp \d+) (\d+\.\d+\.\d+\.\d+) (\d+)", re.MULTILINE | re.IGNORECASE
)
HERE = "127.0.0.1"


class Lossy:
    """Loses a share of packets to the engine and from it; all of them while it is `cut`."""

    def __init__(self, *, up: float = 0.0, down: float = 0.0) -> None:
        self.up, self.down, self.cut = up, down, False
        self.passed = self.lost = 0
        self._random = Random(5)
        self._transports: list[asyncio.BaseTransport] = []

    async def through(self, answer: str) -> str:
        """Return an engine's answer (SDP) with this relay's ports in place of the engine's."""
        ends = {(found[2], int(found[3])) for found in _CANDIDATE.finditer(answer)}
        fronts = {end: await self._open(end) for end in ends}
        return _CANDIDATE.sub(
            lambda found: f"{found[1]} {HERE} {fronts[found[2], int(found[3])]}", answer
        )

    async def _open(self, target: tuple[str, int]) -> int:
        loop = asyncio.get_running_loop()
        way = _Way(self)
        self._transports.append((await loop.create_datagram_endpoint(
            lambda: _End(way.went_up), local_addr=(HERE, 0)))[0])  # fmt: skip
        way.front = self._transports[-1]
        self._transports.append((await loop.create_datagram_endpoint(
            lambda: _End(way.went_down), remote_addr=target))[0])  # fmt: skip
        way.back = self._transports[-1]
        port: int = way.front.get_extra_info("sockname")[1]
        return port

    def carry(self, send: Callable[[], Any], *, size: int, share: float, upward: bool) -> None:
        """Send a datagram of this size, if it gets through where this share is lost."""
        if self.passes(share):
            send()

    def passes(self, share: float) -> bool:
        """Whether the next datagram gets through where this share is lost."""
        through = not self.cut and self._random.random() >= share
        self.passed += through
        self.lost += not through
        return through

    def close(self) -> None:
        """Give its ports back."""
        for transport in self._transports:
            transport.close()


class _Way:
    """From one client to one port of the engine, and back."""

    def __init__(self, network: Lossy) -> None:
        self.network = network
        self.front: Any = None
        self.back: Any = None
        self.client: Any = None

    def went_up(self, data: bytes, address: Any) -> None:
        self.client = address
        share, size = self.network.up, len(data)
        self.network.carry(lambda: self.back.sendto(data), size=size, share=share, upward=True)

    def went_down(self, data: bytes, _: Any) -> None:
        if self.client is None:
            return
        client, share, size = self.client, self.network.down, len(data)
        self.network.carry(
            lambda: self.front.sendto(data, client), size=size, share=share, upward=False
        )


class _End(asyncio.DatagramProtocol):
    def __init__(self, take: Callable[[bytes, Any], None]) -> None:
        self._take = take

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._take(data, addr)
