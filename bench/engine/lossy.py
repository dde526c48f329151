"""A network that loses datagrams: a relay on loopback between a client and an engine.

The client gets the relay's ports instead of the engine's (`through`).
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
    """A relay that loses the shares `up` to and `down` from the engine; all packets while `cut`."""

    def __init__(self, *, up: float = 0.0, down: float = 0.0) -> None:
        self.up, self.down, self.cut = up, down, False
        self.passed = self.lost = 0
        self._random = Random(5)
        self._transports: list[asyncio.BaseTransport] = []

    async def through(self, answer: str) -> str:
        """Return an engine's answer (SDP) with the relay's ports instead of the engine's."""
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
        """Call `send`, or lose the datagram with the probability `share`.

        `size` (bytes) and `upward` are for networks that also have delays and rates.
        """
        if self.passes(share):
            send()

    def passes(self, share: float) -> bool:
        """Decide at random whether the next datagram passes, and count it; `share` are lost."""
        through = not self.cut and self._random.random() >= share
        self.passed += through
        self.lost += not through
        return through

    def close(self) -> None:
        """Close the relay's sockets."""
        for transport in self._transports:
            transport.close()


class _Way:
    """The path between one client and one port of the engine, in both directions."""

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
