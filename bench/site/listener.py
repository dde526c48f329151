"""A listener in a separate process, which the other work of a benchmark does not delay.

`python -m bench.site.listener ADDRESS` reads a pass from its input, prints "hears" when the first
sound arrives, listens until its input ends, and prints the longest time between two packets of
sound, in seconds.
"""

import asyncio
import os
import sys
import time
from contextlib import suppress
from itertools import pairwise

from hemicycle.engine.streams import Samples
from hemicycle.engine.synthetic.client import SyntheticListener

PRIORITY = -15
"""The priority of the process: it measures others and must not wait for them. It needs root."""


async def _listen(whep: str, token: str) -> float:
    arrivals: list[float] = []
    hears = asyncio.Event()

    def heard(_samples: Samples) -> None:
        arrivals.append(time.monotonic())
        hears.set()

    async with SyntheticListener(whep, token, on_sound=heard):
        await hears.wait()
        print("hears", flush=True)
        await asyncio.to_thread(sys.stdin.read)
    return max(after - before for before, after in pairwise(arrivals))


if __name__ == "__main__":
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, PRIORITY)
    print(asyncio.run(_listen(sys.argv[1], sys.stdin.readline().strip())))
