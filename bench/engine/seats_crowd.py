"""Seats for the curve, in a separate process: each line of the input sets their number.

`python -m bench.engine.seats_crowd '{"door": {…}, "core": 1, "speaker": true}'`. After each line it
prints JSON: how many are up, and how many packets and octets reached them, and how many were lost,
since the line before.
"""

import asyncio
import json
import os
import sys
import time
from typing import Any

import aiohttp

from bench.engine.crowd import Door, Ear, Look, Mouth, stay_here

AT_ONCE = 8
CAMERA = Look(640, 360, 25, 1_500_000, noise=60)
"""More than the program has bits for, so that its encoder fills them all."""


class Seats:
    """The present seats."""

    def __init__(self, http: aiohttp.ClientSession, door: Door) -> None:
        self._http, self._door = http, door
        self._ears: list[Ear] = []
        self._before = (time.monotonic(), 0, 0)

    async def speak(self) -> None:
        """Somebody has the floor, with a picture that is never still."""
        token = self._door.token("publish", "speaker", "s0", person="person-s0", slot="s0")
        await Mouth(self._http, self._door, token, 600, CAMERA).start()

    async def fill(self, count: int) -> None:
        """Set the number of seats."""
        while (lacking := count - len(self._ears)) > 0:
            await asyncio.gather(*(self._join() for _ in range(min(AT_ONCE, lacking))))

    async def _join(self) -> None:
        seat = f"seat-{len(self._ears)}-{time.monotonic_ns()}"
        ear = Ear(self._http, self._door, self._door.token("listen", "listener", seat), "floor")
        await ear.start()
        self._ears.append(ear)

    async def report(self) -> None:
        """Let each report what it received, about once a second."""
        while True:
            for number, ear in enumerate(self._ears):
                await ear.report()
                if number % 20 == 19:
                    await asyncio.sleep(0.02)
            await asyncio.sleep(1)

    def figures(self) -> dict[str, float]:
        """Since the last time."""
        at, packets, octets = self._before
        self._before = now = (
            time.monotonic(),
            sum(ear.packets for ear in self._ears),
            sum(ear.octets for ear in self._ears),
        )
        seconds, seats = now[0] - at, max(1, len(self._ears))
        return {
            "up": sum(ear.up for ear in self._ears),
            "packets": now[1] - packets,
            "lost": sum(ear.lost() for ear in self._ears),
            "kbps_each": round((now[2] - octets) * 8 / 1000 / seconds / seats),
        }


async def main(told: dict[str, Any]) -> None:
    """Do as each line says, and end with the input."""
    stay_here()
    os.sched_setaffinity(0, told["cores"])
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(
        connector=connector, timeout=aiohttp.ClientTimeout(total=None)
    ) as http:
        seats = Seats(http, Door(**told["door"]))
        if told["speaker"]:
            await seats.speak()
        reporting = asyncio.create_task(seats.report())
        while line := await asyncio.to_thread(sys.stdin.readline):
            await seats.fill(int(line))
            print(json.dumps(seats.figures()), flush=True)
        reporting.cancel()
    os._exit(0)  # hundreds of farewells would be measured by nobody


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
