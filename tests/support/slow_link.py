"""`python -m tests.support.slow_link NAMESPACE INTERFACE`: the link of a `narrow_network`.

The program makes an interface of this name here and one in the namespace, and prints "ready". It
carries each packet from one to the other with a delay, or drops it if it falls in a hole. It reads
the shapes of both directions as lines of JSON from its standard input, and ends with that input.
"""

import asyncio
import fcntl
import json
import os
import struct
import sys
from pathlib import Path
from typing import Any

_SET_INTERFACE = 0x400454CA
_TUN, _WITHOUT_HEADER = 0x1, 0x1000
_LARGEST = 1 << 16


class Direction:
    """Carries packets from one interface to the other."""

    def __init__(self, source: int, target: int) -> None:
        self._source, self._target = source, target
        self.delay_s = self.hole_s = self.hole_every_s = 0.0

    def carry(self) -> None:
        """Read the packets that have passed the kernel's queue, and send each after the delay."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                packet = os.read(self._source, _LARGEST)
            except OSError:  # there is no packet, or the interface is not up yet
                return
            now = loop.time()
            if not self.hole_every_s or now % self.hole_every_s >= self.hole_s:
                loop.call_at(now + self.delay_s, self._give, packet)

    def _give(self, packet: bytes) -> None:
        try:
            os.write(self._target, packet)
        except OSError:
            """The other side is not up yet, or not any more."""


def interface(name: str) -> int:
    """Make an interface in the network of this thread, and return its open descriptor."""
    opened = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    asked = struct.pack("16sH22x", name.encode(), _TUN | _WITHOUT_HEADER)
    fcntl.ioctl(opened, _SET_INTERFACE, asked)
    return opened


async def carry(near: int, far: int) -> None:
    """Carry packets between two interfaces until standard input ends."""
    directions = Direction(far, near), Direction(near, far)
    loop = asyncio.get_running_loop()
    for source, direction in zip((far, near), directions, strict=True):
        loop.add_reader(source, direction.carry)
    print("ready", flush=True)
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        shapes: list[dict[str, Any]] = json.loads(line)
        for direction, shape in zip(directions, shapes, strict=True):
            direction.delay_s = shape["delay_s"]
            direction.hole_s, direction.hole_every_s = shape["hole_s"], shape["hole_every_s"]
        print("shaped", flush=True)


def main(namespace: str, name: str) -> None:
    """Make both interfaces, and carry packets between them."""
    near = interface(name)
    with Path("/run/netns", namespace).open() as network:
        os.setns(network.fileno(), os.CLONE_NEWNET)
    asyncio.run(carry(near, interface(name)))


if __name__ == "__main__":
    main(*sys.argv[1:])
