"""Two media machines, and one of them dies, stops, or cannot reach `web`."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from itertools import pairwise
from typing import TYPE_CHECKING, Self

import pytest

from tests.engine.aired import until
from tests.engine.machines import Machines, one_each, started

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.panel import Panel
    from tests.support.site import Site

pytestmark = [pytest.mark.test_all("deployment"), pytest.mark.real_time]


@pytest.fixture
def machines(site: Site, tmp_path: Path) -> Iterator[Machines]:
    from tests.support.panel import panel_today

    with panel_today(site, speakers=2) as panel, ExitStack() as running:
        yield started(panel, tmp_path, running, {"a": site.url, "b": site.url})


def test_a_hearing_is_heard_again_within_5_s_when_its_machine_is_killed(
    machines: Machines,
) -> None:
    one_each(machines)
    assert machines.engines["b"].attend(machines.hearing) == 201
    assert machines.engines["a"].attend(machines.hearing) == 503

    async def scene() -> None:
        async with machines.heard(machines.panel.site.url) as ear:
            killed = time.monotonic()
            await asyncio.to_thread(machines.engines["b"].end, signal.SIGKILL)
            await until(lambda: any(ear.again_after(killed)), "the speaker is heard again", 20)
            took_s = next(ear.again_after(killed)) - killed
            print(f"heard again after {took_s:.1f} s")
            assert took_s < 5

    asyncio.run(scene())
    assert machines.engines["a"].attend(machines.hearing) == 201
    assert machines.holder(machines.other) == machines.holder(machines.hearing) == "a"
    assert "Traceback" not in machines.engines["a"].log.read_text()


def test_a_machine_that_stops_gives_its_hearings_back_at_once(machines: Machines) -> None:
    async def scene() -> None:
        async with machines.heard(machines.panel.site.url) as ear:
            stopped = time.monotonic()
            ended = asyncio.create_task(
                asyncio.to_thread(machines.engines["b"].end, signal.SIGTERM)
            )
            await until(lambda: any(ear.again_after(stopped)), "the speaker is heard again", 20)
            took_s = next(ear.again_after(stopped)) - stopped
            print(f"heard again after {took_s:.1f} s")
            assert took_s < 3
            assert await ended == 0

    asyncio.run(scene())
    assert machines.holder(machines.hearing) == "a"
    assert "Traceback" not in machines.engines["b"].log.read_text()


def test_hearings_go_on_while_nobody_can_renew_a_lease(machines: Machines) -> None:
    """Leases last for 2.5 s; `web`, or the database behind it, is away for longer."""
    one_each(machines)

    async def scene() -> None:
        # At the engine's own address, since `web` cannot give any address meanwhile.
        async with machines.heard(machines.engines["b"].settings.url) as ear:
            begun = time.monotonic()
            machines.panel.site.kill()
            await asyncio.sleep(7)
            away = time.monotonic()
            await asyncio.to_thread(machines.panel.site.start)
            await asyncio.sleep(4)
            heard = [at for at in ear.heard_at if at > begun]
            gap_s = max(after - before for before, after in pairwise(heard))
            print(f"away for {away - begun:.1f} s and the start, longest gap {gap_s:.2f} s")
            assert gap_s < 0.5
            assert heard[-1] > away + 2

    asyncio.run(scene())
    assert machines.holder(machines.hearing) == "b"
    assert machines.holder(machines.other) == "a"


def test_an_engine_that_stood_still_past_its_lease_has_lost_it_when_it_goes_on(
    machines: Machines,
) -> None:
    """It relies on its lease until it checks; what it sends or reports no longer counts."""
    one_each(machines)
    reported: list[int] = []

    async def scene() -> None:
        # At the engine's own address, where listeners do not learn of the other engine.
        async with machines.heard(machines.engines["b"].settings.url) as ear:
            process = machines.engines["b"].process
            assert process is not None
            process.send_signal(signal.SIGSTOP)
            try:
                await machines.held_by("a")
                await asyncio.sleep(2)
                reported.append(await asyncio.to_thread(machines.reports))
            finally:
                process.send_signal(signal.SIGCONT)
            continued = time.monotonic()
            await asyncio.sleep(3)
            reported.append(await asyncio.to_thread(machines.reports))
            late_s = [at - continued for at in ear.heard_at if at > continued]
            print(f"heard for another {max(late_s, default=0):.2f} s")
            assert max(late_s, default=0) < 0.3

    asyncio.run(scene())
    assert machines.holder(machines.hearing) == "a"
    assert machines.engines["b"].attend(machines.hearing) == 503
    assert machines.engines["a"].attend(machines.hearing) == 201
    assert reported[0] == reported[1] > 0, "what it reports does not come on the record"
    assert "Traceback" not in machines.engines["b"].log.read_text()


class Wire:
    """A connection from an engine to `web` that can be cut; neither side notices."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._is_cut = False
        self._server: asyncio.Server | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *error: object) -> None:
        assert self._server is not None
        self._server.close()

    def cut(self) -> None:
        self._is_cut = True

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection("127.0.0.1", self._port)
        ways = [self._pump(reader, there[1]), self._pump(there[0], writer)]
        await asyncio.gather(*ways)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while (block := await reader.read(1 << 16)) or self._is_cut:
                if self._is_cut:
                    await asyncio.sleep(60)
                writer.write(block)
                await writer.drain()
            writer.close()


def test_an_engine_that_is_cut_off_from_web_falls_silent_before_another_begins(
    site: Site, tmp_path: Path
) -> None:
    from tests.support.panel import panel_today

    async def scene(panel: Panel, running: ExitStack) -> None:
        async with Wire(site.port) as wire:
            sites = {"a": site.url, "b": wire.url}
            machines = await asyncio.to_thread(started, panel, tmp_path, running, sites)
            begun = await _until_begun(machines, wire)
            cut, silent, other = begun
            print(f"silent {silent - cut:.1f} s after the cut, elsewhere after {other - cut:.1f} s")
            assert silent - cut < 2.6
            assert silent < other

    with panel_today(site, speakers=2) as panel, ExitStack() as running:
        asyncio.run(scene(panel, running))


async def _until_begun(machines: Machines, wire: Wire) -> tuple[float, float, float]:
    """Cut b's wire while b is heard; return when that was, when b fell silent and when a began."""
    # At the engine's own address: only the connection to `web` is cut.
    async with machines.heard(machines.engines["b"].settings.url) as ear:
        cut = time.monotonic()
        wire.cut()
        other = await machines.held_by("a")
        await asyncio.sleep(1)
        return cut, ear.heard_at[-1], other
