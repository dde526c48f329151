"""Two versions on one database: the older one reports entries that only the newer one can read.

The older version is this checkout. The newer one writes one kind of entry in version 2
(`tests.site.newer`).
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from django.conf import settings

from bench.site.failover import moderator_of
from hemicycle.meeting.media_machines import leases
from hemicycle.procedure import commands as c
from hemicycle.record.models import Entry
from hemicycle.site.operating import ready_checks
from hemicycle.site.operating.checks import work
from hemicycle.site.operating.doctor import Health
from tests.engine.test_process import Engine, eventually
from tests.site import newer
from tests.support import database
from tests.support.feed import Listener
from tests.support.panel import Panel, panel_today
from tests.support.site import Site

if TYPE_CHECKING:
    from hemicycle.site.operating.doctor import Diagnosis

pytestmark = [
    pytest.mark.test_all("upgrades"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.real_time,
]


@pytest.fixture(scope="module")
def newer_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return newer.make(tmp_path_factory.mktemp("newer") / "src")


@pytest.fixture
def newer_site(
    transactional_db: None, tmp_path: Path, newer_environment: dict[str, str]
) -> Iterator[Site]:
    folder = tmp_path / "newer"
    folder.mkdir()
    url = database.url_of(str(settings.DATABASES["default"]["NAME"]))
    running = Site(folder, url, more=newer_environment)
    running.start()
    yield running
    running.stop()
    running.check_log()


@pytest.fixture
def panel(newer_site: Site) -> Iterator[Panel]:
    """A panel in which a speaker has the floor; the moderator uses the newer site."""
    with panel_today(newer_site, speakers=2) as panel:
        panel.world.open_panel()
        panel.world.press(c.GiveFloor(panel.slots()[0]))
        yield panel


def give_more_time(panel: Panel) -> None:
    moderator_of(panel).press("extend")
    entry = Entry.objects.get(kind="floor.extended")
    assert entry.version == 2, "only the newer version can read it"


def asked(address: str) -> tuple[int, str]:
    try:
        with urlopen(address, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def test_an_older_web_says_so_and_leaves_visitors_to_the_newer_one(
    site: Site, panel: Panel, newer_site: Site
) -> None:
    live = f"/h/{panel.slug}/live/"
    feed = f"/feed/{panel.world.hearing.id.hex}/public"
    assert asked(site.url + live)[0] == asked(site.url + "/readyz")[0] == 200
    follower = Listener(site.url + feed)
    assert follower.next().name == "public"
    give_more_time(panel)
    with suppress(HTTPException):  # the site cuts the feed off
        follower.response.read()  # to the end: an open feed would show the past
    follower.close()
    status, page = asked(site.url + live)
    assert status == 503
    assert "A newer version of Hemicycle has written part of this hearing’s record" in page
    assert asked(site.url + feed)[0] == 503
    eventually(lambda: asked(site.url + "/readyz") == (503, ready_checks.TOO_OLD + "\n"))
    assert asked(site.url + "/")[0] == 200, "what needs no floor is shown"
    for path in (live, "/readyz"):
        assert asked(newer_site.url + path)[0] == 200
    eventually(lambda: any(one.health is Health.FAULT for one in found()))
    (fault,) = found()
    assert "cannot read entries of the record" in fault.found
    assert newer.HOST not in fault.found
    site.run("verify")
    assert site.log.read_text().count("cannot be read here") == 1


def found() -> list[Diagnosis]:
    return list(work.versions_can_read_the_record())


def test_a_hearing_goes_from_an_older_engine_to_a_newer_one(
    panel: Panel, newer_site: Site, newer_environment: dict[str, str], tmp_path: Path
) -> None:
    hearing = panel.world.hearing.id.hex
    with ExitStack() as running:
        old = engine_of("a", tmp_path, newer_site, {}, running)
        eventually(lambda: old.attend(hearing) == 201)
        new = engine_of("b", tmp_path, newer_site, newer_environment, running)
        give_more_time(panel)
        eventually(lambda: new.attend(hearing) == 201)
        assert old.attend(hearing) == 503
        lease = leases.last_leases()[hearing]
        assert (lease.machine, lease.epoch) == ("b", 2)
        log = old.log.read_text()
        assert log.count("of the record cannot be read here") == 1
        assert log.count("a media machine with a newer version of Hemicycle runs it") == 1
        assert "Traceback" not in log + new.log.read_text()


def engine_of(
    name: str, folder: Path, site: Site, environment: dict[str, str], running: ExitStack
) -> Engine:
    own = folder / f"engine-{name}"
    own.mkdir()
    engine = Engine(own, site.url)
    engine.environment |= {**environment, "HEMICYCLE_MEDIA_MACHINE": name}
    engine.start()
    running.callback(engine.end, signal.SIGKILL)
    return engine
