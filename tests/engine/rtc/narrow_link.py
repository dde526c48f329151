"""A narrow link: a bit rate, a delay, a queue and holes, like those of `tc` with `netem`.

It consists of sockets on loopback, because these tests also run on kernels without that module, and
because losses happen at the same moments in each run. `through` directs a client to its ports.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from bench.engine.lossy import Lossy

IP_AND_UDP = 28
"""The bytes that the IP and UDP headers add to each datagram."""


@dataclass(frozen=True, slots=True)
class LinkShape:
    """One direction: `kbps` kilobits a second, `delay_s` one way, at most `queue_s` of waiting.

    In every `hole_every_s` seconds, everything is lost for `hole_s` seconds.
    """

    kbps: float
    delay_s: float = 0.0
    queue_s: float = 0.3
    hole_s: float = 0.0
    hole_every_s: float = 0.0

    def clear(self) -> "LinkShape":
        """Return the same shape without holes."""
        return replace(self, hole_s=0.0, hole_every_s=0.0)


POOR = LinkShape(256, delay_s=0.15, hole_s=0.1, hole_every_s=3.3)
"""256 kb/s, a round trip of 300 ms, and 3 % lost in holes of 100 ms."""

WIDE = LinkShape(50_000, delay_s=0.02)


class Direction:
    """One direction of a link, packet by packet."""

    def __init__(self, shape: LinkShape) -> None:
        self.shape = shape
        self._free_at = 0.0
        self.lost = 0

    def waits_s(self, now: float) -> float:
        """Return how long a datagram that is sent now waits in the queue, in seconds."""
        return max(0.0, self._free_at - now)

    def arrives_at(self, now: float, size: int) -> float | None:
        """Return the time when a datagram that is sent now arrives, or None if it is lost."""
        shape = self.shape
        begins = now + self.waits_s(now)
        if begins - now > shape.queue_s:
            self.lost += 1
            return None
        self._free_at = begins + 8 * (size + IP_AND_UDP) / (1000 * shape.kbps)
        # A lost datagram has used the bit rate before it is lost.
        if shape.hole_every_s and now % shape.hole_every_s < shape.hole_s:
            self.lost += 1
            return None
        return self._free_at + shape.delay_s


class NarrowLink(Lossy):
    """A link with a shape in each direction, which may change at any moment."""

    def __init__(self, up: LinkShape, down: LinkShape) -> None:
        super().__init__()
        self._up, self._down = Direction(up), Direction(down)
        self._under_way: deque[asyncio.TimerHandle] = deque(maxlen=10_000)

    def reshape(self, up: LinkShape, down: LinkShape) -> None:
        """Change the shapes of both directions from now on."""
        self._up.shape, self._down.shape = up, down

    def carry(self, send: Callable[[], Any], *, size: int, share: float, upward: bool) -> None:
        """Send a datagram once it has crossed the link, unless it is lost."""
        loop = asyncio.get_running_loop()
        direction = self._up if upward else self._down
        arrives = direction.arrives_at(loop.time(), size)
        if arrives is not None and not self.cut:
            self._under_way.append(loop.call_at(arrives, send))

    def close(self) -> None:
        """Close the ports; datagrams on their way are lost."""
        for datagram in self._under_way:
            datagram.cancel()
        super().close()
