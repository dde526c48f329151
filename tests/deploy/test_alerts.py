"""Each alert of `deploy/prometheus` fires during a fault that a test causes, and then clears.

The figures come from `/metrics` of real processes, or from the same code in this process.
Prometheus's own evaluator decides which alerts fire.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast, override
from urllib.error import URLError
from urllib.request import urlopen

import pytest
import yaml
from django.conf import settings

from hemicycle import metrics
from hemicycle.engine.control.figures import EngineFigures, clock_ahead_s
from hemicycle.engine.control.passes import Pass
from hemicycle.engine.control.sessions import HearingPort, MediaSession, SessionRegistry
from hemicycle.engine.control.web_client import WebClient
from hemicycle.engine.hls.webcast_folder import WebcastFolder
from hemicycle.hearing.jobs import kinds, workers
from hemicycle.hearing.jobs.models import Job
from hemicycle.mail.incoming import processing
from hemicycle.mail.outgoing.delivery.sender import Sender
from hemicycle.mail.outgoing.delivery.transport import Smtp
from hemicycle.mail.outgoing.models import Message
from hemicycle.meeting.room import presses
from hemicycle.record import clock, floor, writer
from hemicycle.site.operating import signs_of_life
from hemicycle.site.operating.figures import SiteFigures
from hemicycle.site.operating.models import SignOfLife
from tests.deploy import alerting
from tests.deploy.alerting import RULES, Phase
from tests.engine.hls.station import Station
from tests.engine.test_process import Engine
from tests.mail.incoming.arriving import stored
from tests.mail.incoming.letters import letter
from tests.support import database
from tests.support.mail_server import MailServer
from tests.support.worker import Worker

if TYPE_CHECKING:
    from tests.support.lists import World
    from tests.support.site import Site

ROOT = Path(__file__).parents[2]
WEB, MEDIA = alerting.JOBS
MINUTE = timedelta(minutes=1)

promtool = pytest.mark.skipif(
    not alerting.is_installed(), reason="there is no promtool (Debian's package prometheus)"
)


# ── What every alert has ──────────────────────────────────────────────────────────────────────
def rules() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(RULES.read_text())["groups"][0]["rules"]
    return found


def test_each_alert_says_what_to_do_and_where_to_read_more() -> None:
    page = (ROOT / "docs/watching.md").read_text()
    headings = {match.lower() for match in re.findall(r"^### (\w+)$", page, re.MULTILINE)}
    found = rules()
    assert len(found) == 12
    for rule in found:
        told = rule["annotations"]
        assert set(told) == {"summary", "action", "page"}, rule["alert"]
        assert told["page"] == f"docs/watching.md#{rule['alert'].lower()}"
        assert told["action"].endswith(".")
    assert headings == {rule["alert"].lower() for rule in found}


def test_each_alert_is_fired_here() -> None:
    fired = set(re.findall(r"\"(Hemicycle\w+)\"", Path(__file__).read_text()))
    assert fired == {rule["alert"] for rule in rules()}


def test_the_disk_is_almost_full_where_doctor_says_so() -> None:
    from hemicycle.site.operating.checks.machine import LITTLE_BYTES

    (rule,) = (rule for rule in rules() if "disk" in rule["expr"])
    assert eval(rule["expr"].partition("<")[2]) == LITTLE_BYTES  # a product of numbers


# ── The figures of this process ───────────────────────────────────────────────────────────────
@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The free bytes of every disk, as a list that a test may change; the real disk may be full."""
    free = [2**40]
    monkeypatch.setattr(
        os,
        "statvfs",
        lambda path: SimpleNamespace(f_frsize=1, f_blocks=2**41, f_bfree=free[0], f_bavail=free[0]),
    )
    return free


def web(*, ready: bool = True) -> bytes:
    return metrics.exposition(SiteFigures(ready=ready))


def attended(after: timedelta = timedelta()) -> bytes:
    """Return the figures of a time `after` from now, at which a worker has given a sign of life."""
    later = clock.now_ms() + int(after / timedelta(milliseconds=1))
    with clock.using(lambda: later):
        signs_of_life.give(SignOfLife.Name.WORKER)
        return web()


def engine(
    sessions: Sequence[MediaSession] = (),
    behind_s: Sequence[float] = (),
    ahead_s: float | None = 0.0,
) -> bytes:
    here = Path(settings.DATA_DIR)
    told = EngineFigures(sessions, behind_s, 50, here, ready=True, ahead_s=ahead_s)
    return metrics.exposition(told)


def fires(folder: Path, name: str, job: str, *, well: bytes, ill: bytes, cured: bytes) -> None:
    """Check that the alert fires with the figures `ill`, but not with `well` or `cured`."""
    alerting.check(folder, [Phase({job: well}), Phase({job: ill}, [name]), Phase({job: cured})])


@contextmanager
def twelve_minutes_ago() -> Iterator[None]:
    then = clock.now_ms() - 720_000
    with clock.using(lambda: then):
        yield


# ── Faults of what waits ──────────────────────────────────────────────────────────────────────
@pytest.mark.test_all("deployment")
@promtool
@pytest.mark.django_db
def test_letters_wait_while_the_mail_server_is_away(
    tmp_path: Path, room: list[int], world: World
) -> None:
    server = MailServer(tmp_path)
    server.start()
    sender = Sender(Smtp(server.settings, "hearing.example"))
    server.stop()
    well = attended()
    with twelve_minutes_ago():
        Message.objects.create(
            address="a@example.org",
            purpose="receipt",
            subject="S",
            body="B",
            queued_at=clock.now(),
        )
    assert sender.round() == 1  # it tries to send, and no server answers
    ill = attended()
    server.start()
    try:
        Message.objects.update(due_at=clock.now())  # the pause after a failure is over
        assert sender.round() == 1
        sender.transport.close()
    finally:
        server.stop()
    assert [message["to"] for message in server.taken()] == ["a@example.org"]
    fires(tmp_path, "HemicycleLettersWait", WEB, well=well, ill=ill, cured=attended())


@pytest.mark.test_all("deployment")
@promtool
@pytest.mark.django_db
def test_incoming_mail_waits_while_nothing_reads_it(
    tmp_path: Path, room: list[int], world: World, settings: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    well = attended()
    with twelve_minutes_ago():
        rows = stored(letter(to=f"other+{world.hearing.slug}@hearing.example"))
    assert rows
    ill = attended()
    assert processing.process_stored() == len(rows)
    fires(tmp_path, "HemicycleIncomingMailWaits", WEB, well=well, ill=ill, cured=attended())


@pytest.mark.test_all("deployment")
@promtool
@pytest.mark.django_db
def test_jobs_wait_while_no_worker_takes_them(
    tmp_path: Path, room: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[int] = []
    kind = kinds.JobKind("test", lambda job: done.append(job.pk), 5)
    monkeypatch.setitem(kinds.known(), "test", kind)
    well = attended()
    Job.objects.create(kind="test", key="k", asked_at=clock.now() - 12 * MINUTE)
    ill = attended()
    assert workers.run_next()
    assert len(done) == 1
    fires(tmp_path, "HemicycleJobsWait", WEB, well=well, ill=ill, cured=attended())


@pytest.mark.test_all("deployment")
@promtool
@pytest.mark.django_db
def test_a_disk_is_almost_full(tmp_path: Path, room: list[int]) -> None:
    well = attended()
    room[0] = 3 * 2**30
    ill = attended()
    room[0] = 9 * 2**30
    fires(tmp_path, "HemicycleDiskAlmostFull", WEB, well=well, ill=ill, cured=attended())


@pytest.mark.test_all("deployment")
@promtool
@pytest.mark.django_db
def test_presses_are_slow(
    tmp_path: Path, room: list[int], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def press(name: str) -> None:
        presses.press(
            hearing=world.hearing,
            meeting=world.hearing.meetings.order_by("ordinal")[0],
            data={"press": name},
            actor=writer.Actor.system("test"),
        )

    def slow_act(**given: Any) -> Any:
        time.sleep(0.6)  # a database that is busy with something else
        return floor.act(**given)

    press("open_meeting")
    well = attended()
    with monkeypatch.context() as patched:
        patched.setattr(presses, "act", slow_act)
        press("suspend")
    ill = attended()
    for name in ("resume", "suspend") * 60:
        press(name)
    fires(tmp_path, "HemicyclePressesSlow", WEB, well=well, ill=ill, cured=attended())


# ── Faults of the engine ──────────────────────────────────────────────────────────────────────
@pytest.mark.test_all("deployment")
@promtool
@pytest.mark.real_time
def test_the_webcast_is_behind_while_its_disk_hangs(
    tmp_path: Path, room: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    works = Event()
    works.set()
    put = WebcastFolder.put

    def hanging_put(folder: WebcastFolder, name: str, data: bytes) -> bool:
        works.wait(60)
        return put(folder, name, data)

    monkeypatch.setattr(WebcastFolder, "put", hanging_put)
    with Station(tmp_path / "segments") as station:

        def behind_s() -> float:
            assert station.packager is not None
            return station.packager.behind_s

        def until(look: Callable[[], bool]) -> bytes:
            limit = time.monotonic() + 60
            while not look():
                assert time.monotonic() < limit
                time.sleep(0.1)
            return engine(behind_s=[behind_s()])

        until(lambda: station.packager is not None and station.packager.live.ready)
        well = until(lambda: behind_s() < 1)
        works.clear()
        ill = until(lambda: behind_s() > 6)
        works.set()
        cured = until(lambda: behind_s() < 1)
    fires(tmp_path, "HemicycleWebcastBehind", MEDIA, well=well, ill=ill, cured=cured)


class Connection:
    """A connection whose line loses a share of its packets."""

    rtt_s = jitter_s = 0.02

    def __init__(self, loss: float) -> None:
        self.loss = loss


async def connected(*losses: float) -> list[MediaSession]:
    registry, hearing = SessionRegistry(), cast("HearingPort", None)
    found = []
    for number, loss in enumerate(losses):
        pass_ = Pass(hearing="a" * 32, use="listen", role="moderator", seat=str(number))
        session = MediaSession(pass_, "out", hearing, registry)
        session.peer = cast("Any", Connection(loss))
        found.append(session)
    return found


@pytest.mark.test_all("deployment")
@promtool
@pytest.mark.django_db
def test_many_lose_packets_at_once(tmp_path: Path, room: list[int]) -> None:
    well = engine(
        asyncio.run(connected(0.0, 0.01, 0.3, 0.0, 0.0))
    )  # only one of five connections has a bad line
    ill = engine(asyncio.run(connected(0.09, 0.01, 0.3, 0.0, 0.12)))
    cured = engine(asyncio.run(connected(0.0, 0.01, 0.02, 0.0, 0.0)))
    fires(tmp_path, "HemicyclePacketsLost", MEDIA, well=well, ill=ill, cured=cured)


class Ahead(WebClient):
    """`web` on a machine whose clock is some seconds ahead."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    @override
    async def time_ms(self) -> int:
        return round((time.time() + self._seconds) * 1000)


@pytest.mark.test_all("deployment")
@promtool
@pytest.mark.django_db
def test_a_clock_is_wrong(tmp_path: Path, room: list[int]) -> None:
    well, ill, slow, cured = (
        engine(ahead_s=asyncio.run(clock_ahead_s(Ahead(seconds))))
        for seconds in (0.3, 120, -120, -0.3)
    )
    fires(tmp_path, "HemicycleClockWrong", MEDIA, well=well, ill=ill, cured=cured)
    fires(tmp_path, "HemicycleClockWrong", MEDIA, well=well, ill=slow, cured=cured)


# ── Processes that end ────────────────────────────────────────────────────────────────────────
@pytest.mark.test_all("deployment")
@promtool
@pytest.mark.real_time
@pytest.mark.any_database
@pytest.mark.django_db(transaction=True)
def test_a_worker_is_killed(tmp_path: Path, room: list[int]) -> None:
    url = database.url_of(str(settings.DATABASES["default"]["NAME"]))
    worker = Worker(tmp_path, url)

    def seen_after(moment: Any) -> bytes:
        limit = time.monotonic() + 90
        while not SignOfLife.objects.filter(name="worker", at__gt=moment).exists():
            assert time.monotonic() < limit, worker.log.read_text()
            time.sleep(0.1)
        return web()

    begun = clock.now()
    assert not SignOfLife.objects.exists()
    worker.start()
    try:
        well = seen_after(begun)
        worker.kill()
        killed = clock.now()
        later = clock.now_ms() + 120_000
        with clock.using(lambda: later):
            ill = web()
        worker.start()
        cured = seen_after(killed)
    finally:
        worker.kill()
    fires(tmp_path, "HemicycleProcessSilent", WEB, well=well, ill=ill, cured=cured)


def scraped(address: str) -> bytes | None:
    try:
        with urlopen(f"{address}/metrics", timeout=20) as answer:
            text: bytes = answer.read()
            return text
    except (URLError, OSError):
        return None


@contextmanager
def running(folder: Path, site: Site) -> Iterator[Engine]:
    found = Engine(folder, site.url)
    found.start()
    try:
        yield found
    finally:
        if found.process is not None and found.process.poll() is None:
            found.end(signal.SIGKILL)


@pytest.mark.test_all("deployment")
@promtool
@pytest.mark.real_time
@pytest.mark.any_database
@pytest.mark.django_db(transaction=True)
def test_the_web_process_and_the_engine_are_killed(site: Site, tmp_path: Path) -> None:
    with running(tmp_path, site) as media:
        full = ["HemicycleDiskAlmostFull"] if _is_almost_full() else []

        def look(*firing: str) -> Phase:
            signs_of_life.give(SignOfLife.Name.WORKER)
            told = {
                WEB: scraped(f"http://127.0.0.1:{site.port}"),
                MEDIA: scraped(media.settings.url),
            }
            return Phase(told, [*firing, *full])

        phases = [look()]
        site.kill()
        time.sleep(2.1)  # the answer about readiness is cached for two seconds
        phases.append(look("HemicycleWebDown", "HemicycleNotReady"))
        site.start()
        time.sleep(2.1)
        phases.append(look())
        media.end(signal.SIGKILL)
        phases.append(look("HemicycleEngineDown"))
        media.start()
        phases.append(look())
    alerting.check(tmp_path, phases)


def _is_almost_full() -> bool:
    free = os.statvfs(settings.DATA_DIR)
    return free.f_bavail * free.f_frsize < 5 * 2**30
