"""The cost of a packet to a seat with our relay and with Pion, the library of LiveKit and MediaMTX.

Both are measured in one run, on one core, with the same kind of crowd. First an engine on air
serves the seats with one relay. Then a small SFU on Pion (`pion/main.go`), which receives the same
program by WHEP, serves as many seats. `PEERS_SEATS=100` sets their number.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bench.engine.crowd import stay_here
from bench.engine.packet_parts import parts
from bench.engine.seats import SETTLE_S, Crowd, crowd_at, packets_sent, speaking
from bench.sizes import size
from tests.engine.aired import HEARING, Aired, until
from tools.clients import golang

RUN = (
    *("us_per_packet", "seats_per_core", "kb_per_seat", "core_percent", "idle_core_percent"),
    *("packets_per_s_each", "kbps_each", "lost", "arrived", "up"),
)
FIGURES = (
    *("seats", *RUN, *(f"pion_{name}" for name in RUN)),
    *(f"parts.{name}" for name in ("seal_us", "sendto_us", "sendmmsg_us", "gso_us")),
)
SEATS = size(80, 2, "PEERS_SEATS")
SECONDS = size(10.0, 1.0)
SOURCE = Path(__file__).parent / "pion"
TICK = os.sysconf("SC_CLK_TCK")


def run() -> dict[str, Any]:
    """Return the figures of both. Raises RuntimeError if the SFU cannot be built."""
    program = golang.BUILT / "pion-sfu"
    if failed := golang.build(SOURCE, program):
        raise RuntimeError(failed)
    stay_here()
    return asyncio.run(_both(program))


async def _both(program: Path) -> dict[str, Any]:
    cores = sorted(os.sched_getaffinity(0))
    own, others = cores[:1], cores[1:] or cores
    os.sched_setaffinity(0, others)
    folder = Path(tempfile.mkdtemp(prefix="hemicycle-peers-"))
    try:
        async with speaking(folder, relays=1) as engine:
            relay = _relay(engine)
            os.sched_setaffinity(relay, own)
            async with crowd_at(engine.base, others, speaker=True):
                async with crowd_at(engine.base, others, speaker=False) as crowd:
                    ours = await _measured(relay, engine.base, crowd)
                await _until_empty(engine)
                async with (
                    _pion(program, engine, own) as (pid, base),
                    crowd_at(base, others, speaker=False) as crowd,
                ):
                    pion = await _measured(pid, base, crowd)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    pions = {f"pion_{key}": value for key, value in pion.items()}
    return {"seats": SEATS, **ours, **pions, "parts": parts()}


async def _until_empty(engine: Aired) -> None:
    """Wait until the engine has ended the sessions of all seats."""
    sessions = engine.parts.sessions
    await until(lambda: all(one.kind != "listen" for one in sessions.all()), "seats remain", 60)


def _relay(engine: Aired) -> int:
    """Return the id of the process of the engine's only relay."""
    (relay,) = engine.parts.exchange._relays  # noqa: SLF001
    assert relay._process is not None  # noqa: SLF001
    return relay._process.pid  # noqa: SLF001


@asynccontextmanager
async def _pion(program: Path, engine: Aired, cores: list[int]) -> AsyncIterator[tuple[int, str]]:
    token = engine.token("listen", "listener", "pion")
    whep = f"{engine.base}/media/whep/{HEARING}?channel=floor"
    process = await asyncio.create_subprocess_exec(
        program, whep, token,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "GOMAXPROCS": str(len(cores))},
    )  # fmt: skip
    os.sched_setaffinity(process.pid, cores)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        base = (await process.stdout.readline()).decode().strip()
        if not base:
            raise RuntimeError("The SFU on Pion did not start.")
        yield process.pid, base
    finally:
        process.stdin.close()
        await process.wait()


async def _measured(pid: int, base: str, crowd: Crowd) -> dict[str, Any]:
    """Return the processor time, memory and packets of a server with `SEATS` seats.

    The cost for a packet and a seat is the difference to the server without seats.
    """
    await asyncio.sleep(SETTLE_S)
    idle_s, _ = await _spent(pid, base)
    empty_kb = _kb(pid)
    await crowd.ask(SEATS)
    await asyncio.sleep(SETTLE_S)
    await crowd.ask(SEATS)
    busy_s, sent = await _spent(pid, base)
    got = await crowd.ask(SEATS)
    kb = _kb(pid)
    us = (busy_s - idle_s) * 1e6 / max(1, sent)
    per_seat_s = sent / SECONDS / SEATS
    return {
        "us_per_packet": round(us, 2),
        "seats_per_core": int(1e6 / (us * per_seat_s)) if us > 0 and sent else 0,
        "kb_per_seat": round((kb - empty_kb) / SEATS),
        "core_percent": round(100 * busy_s / SECONDS, 1),
        "idle_core_percent": round(100 * idle_s / SECONDS, 1),
        "packets_per_s_each": round(per_seat_s, 1),
        "kbps_each": got["kbps_each"],
        "lost": got["lost"],
        "arrived": got["packets"],
        "up": got["up"],
    }


async def _spent(pid: int, base: str) -> tuple[float, int]:
    """Return the processor time (s) that a process uses, and the packets it sends, in `SECONDS`."""
    before, sent = _cpu_s(pid), await packets_sent(base)
    await asyncio.sleep(SECONDS)
    return _cpu_s(pid) - before, await packets_sent(base) - sent


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def _kb(pid: int) -> int:
    """Return the memory that a process uses (RSS), in KiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (line,) = (line for line in lines if line.startswith("VmRSS"))
    return int(line.split()[1])
