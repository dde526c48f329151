"""Failed requests, and the longest gap in the sound, while every process is replaced.

`hemicycle demo` plays a hearing in progress, with synthetic people at their microphones. Clients
request its pages 50 times a second, on persistent and on new connections in turn, screens follow
its feed, and a seat listens to the floor. Meanwhile `hemicycle restart` replaces web, mail, worker
and the media engine, which hands its connections over.
`RESTARTS=5 make bench ONLY=rolling_restart` restarts more often.
"""

import asyncio
import html
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any

import aiohttp

from bench.sizes import size

FIGURES = (
    *("failed", "failures", "silence_ms", "requests", "p99_ms", "calm_p99_ms", "screens"),
    *("screens_moved", "screens_back_worst_ms", "restarts", "restart_s"),
)
RESTARTS = size(1, variable="RESTARTS")
PER_SECOND = size(50, 10)
SCREENS = size(40, 4)
CALM_S = size(5.0, 2.0)
START_S = 600.0
PACKET_MS = 20.0
COMMAND = (sys.executable, "-m", "hemicycle.site.cli")


@dataclass(slots=True)
class Demo:
    """A running demonstration: its address, its data folder, and the paths of pages by label."""

    address: str
    folder: Path
    paths: dict[str, str]


@dataclass(slots=True)
class Requests:
    """The waiting times of all requests, and the failures."""

    waits_ms: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def run() -> dict[str, Any]:
    """Return the number of `failed` requests, and the longest gap in the sound (`silence_ms`)."""
    with _demo() as demo:
        return asyncio.run(_measure(demo))


async def _measure(demo: Demo) -> dict[str, Any]:
    requests, heard = Requests(), _Heard()
    async with _listening(demo, heard), _screens(demo) as screens, _visitors(demo, requests):
        await asyncio.sleep(CALM_S)
        calm = len(requests.waits_ms)
        begun = time.monotonic()
        for _ in range(RESTARTS):
            await _restart(demo)
        took_s = time.monotonic() - begun
        await asyncio.sleep(CALM_S)
    return {
        "failed": len(requests.failed),
        "failures": sorted(set(requests.failed))[:3],
        "silence_ms": round(heard.longest_gap_s * 1000 - PACKET_MS),
        "requests": len(requests.waits_ms),
        "p99_ms": round(quantiles(requests.waits_ms[calm:], n=100)[-1]),
        "calm_p99_ms": round(quantiles(requests.waits_ms[:calm], n=100)[-1]),
        "screens": SCREENS,
        "screens_moved": screens.moved,
        "screens_back_worst_ms": round(max(screens.away_ms, default=0)),
        "restarts": RESTARTS,
        "restart_s": round(took_s / RESTARTS, 1),
    }


async def _restart(demo: Demo) -> None:
    environment = os.environ | {"HEMICYCLE_DATA_DIR": str(demo.folder)}
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "restart", "--json", env=environment, stdout=asyncio.subprocess.PIPE
    )
    told, _ = await process.communicate()
    assert json.loads(told)["done"], told.decode()


# ── The demonstration ─────────────────────────────────────────────────────────────────────────
@contextmanager
def _demo() -> Iterator[Demo]:
    with tempfile.TemporaryDirectory(prefix="hemicycle-bench-") as scratch:
        folder = Path(scratch) / "demo"
        environment = os.environ | {
            "HEMICYCLE_DATA_DIR": str(folder),
            "HEMICYCLE_LIMIT_FREE_NETWORKS": "127.0.0.1,::1",  # all requests come from one machine
            "PYTHONUNBUFFERED": "1",
        }
        process = subprocess.Popen(
            [*COMMAND, "demo", "--port", "0"],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
            process_group=0,  # in our session: see decision 0040
        )
        try:
            yield _shown(process, folder)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def _shown(process: subprocess.Popen[str], folder: Path) -> Demo:
    """Read the output of the demonstration until it has listed its pages, and return them.

    A thread reads the rest of the output. Raises AssertionError if it does not start.
    """
    assert process.stdout is not None
    paths: dict[str, str] = {}
    limit = time.monotonic() + START_S
    for line in process.stdout:
        assert time.monotonic() < limit, "the demonstration does not start"
        if found := re.match(r"\s+(\S.*?)\s+(http://[^/\s]+)(/\S*)$", line):
            label, address, path = found.groups()
            paths[label] = path
            if "A speaker's seat" in paths:
                threading.Thread(target=process.stdout.read, daemon=True).start()
                return Demo(address, folder, paths)
    raise AssertionError(f"the demonstration ended: {paths}")


# ── Participants ──────────────────────────────────────────────────────────────────────────────
@asynccontextmanager
async def _visitors(demo: Demo, requests: Requests) -> AsyncIterator[None]:
    """Request pages at a steady rate, without waiting for earlier responses."""
    pages = [demo.paths[label] for label in ("Hearing", "Live page", "A speaker's seat")]
    pages += ["/time", "/"]
    kept = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
    new = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, force_close=True))

    async def ask(number: int) -> None:
        begun = time.perf_counter()
        url = demo.address + pages[number % len(pages)]
        try:
            async with (kept, new)[number % 2].get(url) as answer:
                await answer.read()
                if answer.status != 200:
                    requests.failed.append(f"{answer.status} {pages[number % len(pages)]}")
        except (aiohttp.ClientError, TimeoutError) as error:
            requests.failed.append(repr(error))
        requests.waits_ms.append((time.perf_counter() - begun) * 1000)

    async def ask_on() -> None:
        async with asyncio.TaskGroup() as group:
            begun = time.monotonic()
            for number in range(10**9):
                group.create_task(ask(number))
                if is_over.is_set():
                    return
                await asyncio.sleep(max(0, begun + number / PER_SECOND - time.monotonic()))

    is_over = asyncio.Event()
    task = asyncio.create_task(ask_on())
    yield
    is_over.set()
    await task  # until all requests are answered
    await kept.close()
    await new.close()


class _Screens:
    """Screens that follow a seat's feed like pages, and reconnect at once when it ends."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.moved = 0
        self.away_ms: list[float] = []

    async def follow(self, browser: aiohttp.ClientSession) -> None:
        left_at = None
        while True:
            try:
                async with browser.get(self._url) as feed:
                    async for line in feed.content:
                        if left_at is not None:
                            self.away_ms.append((time.perf_counter() - left_at) * 1000)
                            left_at = None
                        if line == b"event: restart\n":
                            self.moved += 1
            except aiohttp.ClientError:
                await asyncio.sleep(0.5)
            left_at = left_at or time.perf_counter()


@asynccontextmanager
async def _screens(demo: Demo) -> AsyncIterator[_Screens]:
    timeout = aiohttp.ClientTimeout(total=None)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as browser:
        async with browser.get(demo.address + demo.paths["A speaker's seat"]) as page:
            found = re.search(r'data-feed="(/feed/[^"]+)"', await page.text())
            assert found, "the seat's page names no feed"
        screens = _Screens(demo.address + html.unescape(found[1]))
        tasks = [asyncio.create_task(screens.follow(browser)) for _ in range(SCREENS)]
        yield screens
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@dataclass(slots=True)
class _Heard:
    longest_gap_s: float = 0.0


@asynccontextmanager
async def _listening(demo: Demo, heard: _Heard) -> AsyncIterator[None]:
    """Listen to the floor from a seat; record the longest time between two packets in `heard`."""
    seat = demo.paths["A speaker's seat"]
    async with aiohttp.ClientSession() as browser:
        async with browser.get(demo.address + seat) as page:
            text = await page.text()
        csrf = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', text)
        assert csrf, "the seat's page has no form"
        data = {"use": "listen", "csrfmiddlewaretoken": csrf[1]}
        async with browser.post(f"{demo.address}{seat}pass/", data=data) as answer:
            granted = await answer.json()
    whep = granted["whep"]
    if whep.startswith("/"):
        whep = demo.address + whep
    listener = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.site.listener", whep),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert listener.stdin is not None
    assert listener.stdout is not None
    listener.stdin.write(f"{granted['token']}\n".encode())
    assert await listener.stdout.readline() == b"hears\n"
    yield
    listener.stdin.close()
    heard.longest_gap_s = float(await listener.stdout.read())
    await listener.wait()
