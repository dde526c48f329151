"""How long a hearing is silent after its media machine was killed, if there is a second machine.

`FAILOVERS=10 make bench ONLY=engine_failover` kills more machines.
"""

import asyncio
import signal
import time
from contextlib import ExitStack
from typing import Any

from bench.fixtures import fresh, serving
from bench.sizes import size

FIGURES = ("heard_s", "lease_s", "rounds")
ROUNDS = size(3, 1, "FAILOVERS")


def run() -> dict[str, Any]:
    """Return the longest times: `heard_s` from the kill until a listener hears the speaker again.

    `lease_s` is the part of it until the other machine has the hearing.
    """
    with fresh("postgresql") as folder, serving(folder) as site, ExitStack() as running:
        from tests.engine.machines import started  # Django is set up by now
        from tests.support.panel import panel_today

        panel = running.enter_context(panel_today(site, speakers=2))
        machines = started(panel, folder, running, {"a": site.url, "b": site.url})
        return asyncio.run(_measure(machines))


async def _measure(machines: Any) -> dict[str, Any]:
    from tests.engine.aired import until

    heard_s, lease_s = [], []
    async with machines.heard(machines.panel.site.url) as ear:
        holder, other = "b", "a"
        for _ in range(ROUNDS):
            await machines.held_by(holder)
            killed = time.monotonic()
            await asyncio.to_thread(machines.engines[holder].end, signal.SIGKILL)
            lease_s.append(await machines.held_by(other) - killed)
            await until(lambda since=killed: any(ear.again_after(since)), "it is heard again", 30)
            heard_s.append(next(ear.again_after(killed)) - killed)
            await asyncio.to_thread(machines.engines[holder].start)
            holder, other = other, holder
            await asyncio.sleep(2)
    return {
        "heard_s": round(max(heard_s), 2),
        "lease_s": round(max(lease_s), 2),
        "rounds": ROUNDS,
    }
