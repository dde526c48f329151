"""The engine with a real site: it goes on the air by itself, and survives kills of either."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from hemicycle.engine.audio.analysis import amplitude
from hemicycle.engine.control import passes
from hemicycle.engine.control.record_follower import RecordFollower
from hemicycle.engine.control.reporting import FactReporter
from hemicycle.engine.control.web_client import WebClient as Web
from hemicycle.engine.control.web_client import http_session
from hemicycle.engine.settings import Settings, read
from hemicycle.engine.streams import SOUND_RATE
from hemicycle.engine.synthetic.client import SyntheticListener, SyntheticPublisher
from hemicycle.engine.synthetic.voices import Tone
from hemicycle.procedure import commands as c
from tests.engine.aired import Ear, until
from tests.support.database import url_of
from tests.support.ports import free_port
from tests.support.site import COMMAND

if TYPE_CHECKING:
    from tests.support.panel import Panel
    from tests.support.site import Site

pytestmark = pytest.mark.real_time

WAIT_S = 30.0


def eventually(look: Callable[[], Any], seconds: float = WAIT_S) -> None:
    limit = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < limit, f"it did not happen within {seconds} s"
        time.sleep(0.05)


class Engine:
    """`hemicycle media` in a separate process."""

    def __init__(self, folder: Path, site: str) -> None:
        self.log = folder / "engine.log"
        clean = {name: value for name, value in os.environ.items() if "HEMICYCLE" not in name}
        self.environment = {
            **clean,
            "HEMICYCLE_DATA_DIR": os.environ["HEMICYCLE_DATA_DIR"],
            "HEMICYCLE_MEDIA_SITE": site,
            "HEMICYCLE_MEDIA_URL": f"http://127.0.0.1:{free_port()}",
            "HEMICYCLE_MEDIA_PORT": str(free_port()),
            "HEMICYCLE_MEDIA_SEGMENTS": str(folder / "segments"),
            "HEMICYCLE_MEDIA_PICTURE": "320x184",
            "PYTHONUNBUFFERED": "1",
        }
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def settings(self) -> Settings:
        return read(self.environment)

    def run(self, *options: str) -> subprocess.Popen[bytes]:
        command = [*COMMAND, "media", *options]
        with self.log.open("ab") as log:
            return subprocess.Popen(
                command, env=self.environment, stdout=log, stderr=subprocess.STDOUT
            )

    def start(self, *options: str) -> None:
        begun = self.log.stat().st_size if self.log.exists() else 0
        self.process = self.run(*options)
        eventually(lambda: b"The media engine is at" in self.log.read_bytes()[begun:])

    def end(self, how: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(15)

    def attend(self, hearing: str) -> int:
        """Ask to attend with a new pass; return the status of the answer."""
        given = passes.Pass(hearing=hearing, use="attend", role="technician", seat="s")
        headers = {"Authorization": f"Bearer {passes.sign(given, self.settings.secret)}"}
        asked = Request(f"{self.settings.url}/media/attend/{hearing}", b"", headers)
        try:
            with urlopen(asked, timeout=WAIT_S) as answer:
                status: int = answer.status
                return status
        except HTTPError as error:
            return error.code


@pytest.fixture
def panel(site: Site) -> Iterator[Panel]:
    from tests.support.panel import panel_today  # Django is set up by now

    with panel_today(site, speakers=2) as panel:
        yield panel


@pytest.fixture
def engine(site: Site, tmp_path: Path) -> Iterator[Engine]:
    engine = Engine(tmp_path, site.url)
    engine.start()
    yield engine
    if engine.process is not None and engine.process.poll() is None:
        engine.end(signal.SIGKILL)


@pytest.mark.any_database
def test_a_hearing_is_on_the_air_by_itself_through_kills_of_either(
    panel: Panel, engine: Engine
) -> None:
    hearing, site = panel.world.hearing.id.hex, panel.site
    eventually(lambda: engine.attend(hearing) == 201)
    assert engine.attend("a" * 32) == 503
    site.kill()
    time.sleep(3)  # meanwhile, the engine has asked for its hearings in vain
    assert engine.attend(hearing) == 201
    engine.end(signal.SIGKILL)
    engine.start()
    assert engine.attend(hearing) == 503
    site.start()
    eventually(lambda: engine.attend(hearing) == 201)
    assert engine.end(signal.SIGTERM) == 0
    assert "Traceback" not in engine.log.read_text()


@pytest.mark.test_all("upgrades")
def test_a_new_process_takes_over_from_the_engine_that_is_told_to_reload(
    panel: Panel, tmp_path: Path
) -> None:
    from django.db import connection

    from hemicycle.meeting.media_machines.models import MediaLease

    world = panel.world
    first = panel.slots()[0]
    world.open_panel()
    world.press(c.GiveFloor(first))
    engine = Engine(tmp_path, panel.site.url)
    name = str(connection.settings_dict["NAME"])
    engine.environment["HEMICYCLE_DATABASE_URL"] = url_of(name)  # the engine checks its version
    engine.environment["HEMICYCLE_MEDIA_MACHINE"] = "media-1"
    engine.start("--reloadable")

    def took_over(times: int) -> bool:
        return engine.log.read_text().count("media: a new process took over") == times

    def token(use: passes.Use, **more: str) -> str:
        given = passes.Pass(world.hearing.id.hex, use, "speaker", use, **more)
        return passes.sign(given, engine.settings.secret)

    async def listen() -> None:
        ear, whip = Ear(), f"{engine.settings.url}/media/whip/{world.hearing.id.hex}"
        pass_ = token("publish", slot=first, camera="live", voice="live")
        async with (
            SyntheticPublisher(whip, pass_, None, Tone(600)),
            SyntheticListener(whip.replace("whip", "whep"), token("listen"), on_sound=ear.take),
        ):
            await until(
                lambda: bool(ear.heard) and amplitude(ear.last(0.3), 600) > 0.02,
                "the speaker is heard",
                30,
            )
            assert engine.process is not None
            for times in (1, 2):  # a successor can hand over too
                engine.process.send_signal(signal.SIGHUP)
                await until(partial(took_over, times), "no successor", 60)
            ear.heard.clear()
            await until(lambda: len(ear.last(3)) == 3 * SOUND_RATE, "sound comes from it", 30)
            for second in ear.last(3).reshape(3, -1):
                assert amplitude(second, 600) > 0.02

    try:
        asyncio.run(listen())
        lease = MediaLease.objects.get(hearing_id=world.hearing.id)
        assert lease.epoch == 1, "the successor goes on with the lease"
        assert engine.end(signal.SIGTERM) == 0
        lease.refresh_from_db()
        assert lease.ends_ms == 0, "a machine that stops gives back what it has"
        assert "Traceback" not in engine.log.read_text()
    finally:
        if engine.process is not None and engine.process.poll() is None:
            engine.end(signal.SIGKILL)


class Followed:
    """A hearing that is followed and reported on in a thread, as in the engine's process."""

    def __init__(self, hearing: str, settings: Settings) -> None:
        self.hearing, self.settings = hearing, settings
        self.following: RecordFollower | None = None
        self.reporter: FactReporter | None = None
        self._loop = asyncio.new_event_loop()
        self._end = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),))

    def __enter__(self) -> Self:
        self._thread.start()
        eventually(lambda: self.reporter)
        return self

    def __exit__(self, *error: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(WAIT_S)
        self._loop.close()

    def report(self, command: c.Command) -> None:
        assert self.reporter is not None
        self._loop.call_soon_threadsafe(self.reporter.report, command)

    def holder(self) -> str:
        assert self.following is not None
        held = self.following.floor.holder
        return held.slot if held else ""

    async def _run(self) -> None:
        async with http_session() as http:
            web = Web(self.settings, http)
            follows = self.following = RecordFollower(self.hearing, web)
            await follows.start()
            reporter = FactReporter(self.hearing, web, lambda: follows.meeting)
            await reporter.start()
            self.reporter = reporter
            await self._end.wait()
            await reporter.stop()
            await follows.stop()


def test_an_engine_follows_through_a_kill_of_web_and_its_facts_are_kept_once(
    panel: Panel, tmp_path: Path
) -> None:
    from hemicycle.record.floor import floor_of
    from hemicycle.record.models import Entry

    world, site = panel.world, panel.site
    first, second = panel.slots()
    world.open_panel()
    world.press(c.GiveFloor(first))
    settings = Engine(tmp_path, site.url).settings
    with Followed(world.hearing.id.hex, settings) as followed:
        assert followed.holder() == first
        followed.report(c.ReportMicrophone(first, True))
        eventually(lambda: floor_of(world.panels[0].meeting_id).heard == {first})
        site.kill()
        followed.report(c.ReportMicrophone(first, False, at_ms=7))
        followed.report(c.ReportSound(first, -2300, -300))
        time.sleep(1)
        assert followed.holder() == first
        world.press(c.GiveFloor(second))
        site.start()
        eventually(lambda: followed.holder() == second)
        facts = Entry.objects.filter(actor="system:media").order_by("seq")
        eventually(lambda: facts.count() == 3)
        time.sleep(1)
    assert list(facts.values_list("kind", flat=True)) == [
        "microphone.opened",
        "microphone.closed",
        "sound.measured",
    ]


def test_what_is_wrong_is_told_at_the_start(tmp_path: Path) -> None:
    engine = Engine(tmp_path, "http://127.0.0.1:9")
    with socket.create_server(engine.settings.listen):
        assert engine.run().wait(WAIT_S) == 1
    engine.environment["HEMICYCLE_MEDIA_PORT"] = "many"
    assert engine.run().wait(WAIT_S) == 1
    url = engine.environment["HEMICYCLE_MEDIA_URL"]
    taken, wrong = engine.log.read_text().splitlines()
    assert taken == f"hemicycle media: cannot listen at {url}: Address already in use"
    assert wrong.startswith("hemicycle media: HEMICYCLE_MEDIA_PORT is 'many': it must be a whole")
