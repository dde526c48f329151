"""How fast a press reaches 5,000 screens from one process on one core, with the client on another.

The latency is the time from the commit of the act's transaction until a screen has the whole frame,
over all screens and acts. The memory is the growth of the server's resident set.
"""

import os
import select
import socket
import statistics
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from bench.fixtures import fresh, serving
from bench.sizes import size

FIGURES = ("connections", "acts", "missed", "p50_ms", "p99_ms", "kb_per_connection")
CONNECTIONS = size(5000, 50, "BENCH_CONNECTIONS")
ACTS = size(20, 3)
PAUSE_S = 0.5


class Screens:
    """Open connections to a feed, read by one epoll loop."""

    def __init__(self, port: int, path: str, count: int) -> None:
        self.count = count
        self._poll = select.epoll()
        self._open: dict[int, socket.socket] = {}
        request = f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".encode()
        for _ in range(count):
            screen = socket.create_connection(("127.0.0.1", port))
            screen.sendall(request)
            screen.setblocking(False)
            self._open[screen.fileno()] = screen
            self._poll.register(screen, select.EPOLLIN)
            if len(self._open) % 100 == 0:
                self.wait_for(b"HTTP/1.1 200", 0, deadline_s=0.01)

    def wait_for(self, token: bytes, count: int, deadline_s: float) -> list[int]:
        """Return the times at which `count` screens received `token`, in ns of the wall clock.

        There are fewer after `deadline_s`. With `count` 0, read until then.
        """
        times: list[int] = []
        end = time.monotonic() + deadline_s
        while (not count or len(times) < count) and time.monotonic() < end:
            for descriptor, _event in self._poll.poll(0.05):
                data = self._open[descriptor].recv(65536)
                if token in data:
                    times.append(time.time_ns())
        return times

    def close(self) -> None:
        """Close all connections."""
        for screen in self._open.values():
            screen.close()


def resident_kb(pid: int) -> int:
    """Return a process's resident memory (RSS) in KiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])


def run() -> dict[str, Any]:
    """Return the latency of an entry to all screens, and the memory for each connection."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with fresh() as folder:
        hearing, meeting = convened()
        with serving(folder, core=0) as site:
            return _measure(site, hearing, meeting)


def convened() -> tuple[Any, Any]:
    """Convene and publish a hearing; return it and its first meeting."""
    from hemicycle.hearing.setup.actions import convene

    hearing = convene(Path("hearings/2021-trafficking.toml"), publish=True)
    return hearing, hearing.meetings.order_by("ordinal").first()


def _measure(site: Any, hearing: Any, meeting: Any) -> dict[str, Any]:
    path = f"/feed/{hearing.id.hex}/public"
    Screens(site.port, path, 50).close()  # the first ones load modules, which are not counted
    before = resident_kb(site.pid)
    screens = Screens(site.port, path, CONNECTIONS)
    time.sleep(2)
    screens.wait_for(b"\n\n", 0, deadline_s=2)
    grown = resident_kb(site.pid) - before
    delays: list[float] = []
    reached = 0
    for number in range(ACTS):
        token = shown(press(hearing, meeting, number))
        done = time.time_ns()
        times = screens.wait_for(token, CONNECTIONS, deadline_s=10)
        reached += len(times)
        delays += [(at - done) / 1e6 for at in times]
        time.sleep(PAUSE_S)
    screens.close()
    percent = statistics.quantiles(delays, n=100)
    return {
        "connections": CONNECTIONS,
        "acts": ACTS,
        "missed": ACTS * CONNECTIONS - reached,
        "p50_ms": round(percent[49], 1),
        "p99_ms": round(percent[98], 1),
        "kb_per_connection": round(grown / CONNECTIONS, 1),
    }


def shown(act_seq: int) -> bytes:
    """Return the text that a frame of the feed contains if it shows the act."""
    return f'"act_seq":{act_seq},'.encode()


def press(hearing: Any, meeting: Any, number: int) -> int:
    """Commit a press at the console; return the `act_seq` that screens then show.

    The first one opens the meeting; the others suspend and resume it.
    """
    from hemicycle.procedure import commands
    from hemicycle.record.floor import act
    from hemicycle.record.writer import Actor

    presses = (commands.Resume(), commands.Suspend())
    command = presses[number % 2] if number else commands.OpenMeeting(meeting.id.hex)
    who = Actor(uuid4().hex, "moderator")
    return act(hearing=hearing.id, meeting=meeting.id, command=command, actor=who).act_seq
