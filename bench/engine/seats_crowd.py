"""Seats for the curve, in a separate process: each line of its input sets their number.

`python -m bench.engine.seats_crowd '{"door": {…}, "cores": [1], "speaker": true}'` prints JSON
after each line: the number of connected seats, and the packets received, the packets lost and the
bit rate of a seat since the previous line.
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
"""A picture with more bits than the program's, so that the program's encoder uses all it may."""


class Seats:
    """The seats that are connected now."""

    def __init__(self, http: aiohttp.ClientSession, door: Door) -> None:
        self._http, self._door = http, door
        self._ears: list[Ear] = []
        self._before = (time.monotonic(), 0, 0)

    async def speak(self) -> None:
        """Connect the speaker, with a picture that always moves."""
        token = self._door.token("publish", "speaker", "s0", person="person-s0", slot="s0")
        await Mouth(self._http, self._door, token, 600, CAMERA).start()

    async def fill(self, count: int) -> None:
        """Connect more seats until there are `count`; never disconnect any."""
        while (lacking := count - len(self._ears)) > 0:
            await asyncio.gather(*(self._join() for _ in range(min(AT_ONCE, lacking))))

    async def _join(self) -> None:
        seat = f"seat-{len(self._ears)}-{time.monotonic_ns()}"
        ear = Ear(self._http, self._door, self._door.token("listen", "listener", seat), "floor")
        await ear.start()
        self._ears.append(ear)

    async def report(self) -> None:
        """Send each seat's receiver report about once a second, until cancelled."""
        while True:
            for number, ear in enumerate(self._ears):
                await ear.report()
                if number % 20 == 19:
                    await asyncio.sleep(0.02)
            await asyncio.sleep(1)

    def figures(self) -> dict[str, float]:
        """Return the figures since the last call."""
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
    """Set the number of seats for each line of the input, and end the process with the input."""
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
    os._exit(0)  # do not disconnect hundreds of seats: nothing measures it


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
