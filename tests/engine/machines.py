"""Two media machines beside a site, with a panel that is heard and another hearing."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

from hemicycle.engine.control import passes
from hemicycle.engine.synthetic.client import SyntheticListener, SyntheticPublisher
from hemicycle.engine.synthetic.voices import Tone
from hemicycle.procedure import commands as c
from tests.engine.aired import until
from tests.engine.returning import TimedEar, staying
from tests.engine.test_process import WAIT_S, Engine, eventually

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.panel import Panel

HERTZ = 600


class Machines:
    """Two engines with names, a panel whose first speaker has the floor, and another hearing."""

    def __init__(self, panel: Panel, engines: dict[str, Engine], other: str) -> None:
        self.panel, self.engines, self.other = panel, engines, other
        self.hearing = panel.world.hearing.id.hex
        self.slot = panel.slots()[0]

    def holder(self, hearing: str) -> str:
        """Return the machine that holds the lease on a hearing, or "" if none does."""
        from hemicycle.meeting.media_machines import leases

        found = leases.last_leases().get(hearing)
        return found.machine if found and found.holds(leases.database_ms()) else ""

    async def held_by(self, *names: str) -> float:
        """Wait until one of these machines holds the panel's hearing; return the monotonic time."""
        limit = time.monotonic() + 20
        while await asyncio.to_thread(self._holder_now) not in names:
            assert time.monotonic() < limit, "no other machine has the hearing"
            await asyncio.sleep(0.02)
        return time.monotonic()

    def _holder_now(self) -> str:
        """Return the holder of the panel's hearing, in a thread without a lasting connection."""
        from django.db import connection

        try:
            return self.holder(self.hearing)
        finally:
            connection.close()

    def reports(self) -> int:
        """Return how many entries the engines have put on the record; to be called in a thread."""
        from django.db import connection

        from hemicycle.record.models import Entry

        try:
            return Entry.objects.filter(actor="system:media").count()
        finally:
            connection.close()

    def token(self, use: passes.Use, **more: str) -> str:
        """Return the token of a pass for the panel."""
        given = passes.Pass(self.hearing, use, "speaker", use, **more)
        return passes.sign(given, self.engines["a"].settings.secret)

    @asynccontextmanager
    async def heard(self, at: str) -> AsyncIterator[TimedEar]:
        """Connect the speaker and a listener at an address; yield the listener's ear."""
        ear = TimedEar(HERTZ)

        def speaks() -> SyntheticPublisher:
            pass_ = self.token("publish", slot=self.slot, camera="live", voice="live")
            return SyntheticPublisher(f"{at}/media/whip/{self.hearing}", pass_, None, Tone(HERTZ))

        def listens() -> SyntheticListener:
            whep = f"{at}/media/whep/{self.hearing}"
            return SyntheticListener(whep, self.token("listen"), on_sound=ear.take)

        async with staying(speaks, listens):
            await until(lambda: ear.hears, "the speaker is heard", 60)
            await asyncio.sleep(1)
            yield ear


def started(panel: Panel, folder: Path, running: ExitStack, sites: dict[str, str]) -> Machines:
    """Start an engine for each name, with `web` at the address in `sites`."""
    from hemicycle.hearing.setup.models import Hearing
    from hemicycle.meeting.media_machines.lease_rules import HOLD_MS
    from hemicycle.meeting.room.engine import attended

    panel.world.open_panel()
    panel.world.press(c.GiveFloor(panel.slots()[0]))
    other = Hearing.objects.get(pk=panel.world.hearing.pk)
    other.pk, other.slug = uuid4(), "another-hearing"
    other.save(force_insert=True)
    attended(other)  # a person practises there, so an engine runs it
    engines = {}
    for name, site in sites.items():
        own = folder / name
        own.mkdir()
        engines[name] = Engine(own, site)
        engines[name].environment["HEMICYCLE_MEDIA_MACHINE"] = name
        running.callback(_kill, engines[name])
        engines[name].start()
    found = Machines(panel, engines, other.id.hex)
    # The first machine has begun alone and has both hearings, so it stops and starts again.
    engines["a"].end(signal.SIGTERM)
    # On a busy machine its last request may fail; its leases then end only after this time.
    seconds = HOLD_MS / 1000 + WAIT_S
    eventually(lambda: found.holder(found.hearing) == found.holder(found.other) == "b", seconds)
    engines["a"].start()
    return found


def _kill(engine: Engine) -> None:
    if engine.process is not None and engine.process.poll() is None:
        engine.end(signal.SIGKILL)


def one_each(machines: Machines) -> None:
    """Let each machine hold one hearing; machine b holds that of the panel."""
    from hemicycle.meeting.media_machines.models import MediaLease

    MediaLease.objects.filter(hearing_id=machines.other).update(ends_ms=0, process="0" * 32)
    eventually(lambda: machines.holder(machines.other) == "a")
