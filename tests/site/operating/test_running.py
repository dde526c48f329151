"""What runs where, on the operations page."""

from __future__ import annotations

import socket
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from hemicycle import shared_clock
from hemicycle.engine import settings as engine_settings
from hemicycle.hearing.people.models import Person
from hemicycle.meeting.media_machines import leases
from hemicycle.meeting.media_machines.models import MediaLease, MediaMachine
from hemicycle.meeting.room.models import EdgeStatus
from hemicycle.record import clock
from hemicycle.site.operating import running, signs_of_life
from hemicycle.site.operating.checks import machine as machine_checks
from hemicycle.site.operating.checks import work
from hemicycle.site.operating.doctor import Health
from hemicycle.site.operating.models import SignOfLife
from tests.support.lists import World

pytestmark = pytest.mark.django_db
EDGES = "http://edge1.hearing.example:8889,http://edge2.hearing.example:8889"


def sign(
    name: SignOfLife.Name,
    machine: str,
    age: timedelta,
    version: str = "1.0",
    clock_ahead_ms: int = 0,
    *,
    is_behind: bool = False,
) -> None:
    SignOfLife.objects.create(
        name=name,
        machine=machine,
        version=version,
        at=clock.now() - age,
        clock_ahead_ms=clock_ahead_ms,
        is_behind=is_behind,
    )


def test_processes_are_listed_by_machine_with_their_versions() -> None:
    sign(SignOfLife.Name.MAIL, "mail1", timedelta(seconds=4))
    sign(SignOfLife.Name.WEB, "web2", timedelta(seconds=90), "1.1")
    sign(SignOfLife.Name.WEB, "web1", timedelta(seconds=3))
    sign(SignOfLife.Name.WORKER, "gone", timedelta(days=8))
    found = running.processes()
    assert [(str(row.name), row.machine, row.version, row.is_alive) for row in found] == [
        ("Pages", "web1", "1.0", True),
        ("Pages", "web2", "1.1", False),
        ("Mail", "mail1", "1.0", True),
    ]
    assert found[1].silent_ms // 1000 == 90


def test_a_sign_has_this_machine_and_forgets_those_that_are_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sign(SignOfLife.Name.WEB, "gone", timedelta(days=8))
    for machine in ("web1", "web2", "web1"):
        monkeypatch.setattr("socket.gethostname", lambda machine=machine: machine)
        signs_of_life.give(SignOfLife.Name.WEB)
    assert sorted(row.machine for row in SignOfLife.objects.all()) == ["web1", "web2"]


def test_web_machines_do_not_stand_for_the_worker() -> None:
    sign(SignOfLife.Name.WEB, "web1", timedelta())
    sign(SignOfLife.Name.WORKER, "one", timedelta(minutes=5))
    sign(SignOfLife.Name.WORKER, "two", timedelta(seconds=2))
    ages = signs_of_life.ages()
    assert ages.keys() == {"worker"}
    assert ages["worker"] < timedelta(seconds=30)


def machine(name: str, silent_ms: int = 0, clock_ahead_ms: int = 0) -> None:
    MediaMachine.objects.create(
        name=name,
        process=uuid4().hex,
        url=f"http://{name}.hearing.example:8090",
        load=40,
        since_ms=leases.database_ms() - silent_ms,
        seen_ms=leases.database_ms() - silent_ms,
        version="1.0",
        clock_ahead_ms=clock_ahead_ms,
    )


def test_media_machines_have_their_hearings_and_epochs(world: World) -> None:
    machine("media1", silent_ms=8_000)
    machine("media2")
    now_ms = leases.database_ms()
    held = {"machine": "media2", "process": "b" * 32}
    MediaLease.objects.create(hearing_id=world.hearing.id, epoch=7, ends_ms=now_ms + 60_000, **held)
    MediaLease.objects.create(hearing_id=uuid4(), epoch=3, ends_ms=now_ms - 1, **held)
    one, two = running.media()
    assert (one.machine, one.is_alive, list(one.hearings)) == ("media1", False, [])
    assert one.silent_ms >= 8_000
    assert (two.machine, two.is_alive, two.version) == ("media2", True, "1.0")
    assert [(hearing.title, hearing.epoch) for hearing in two.hearings] == [(str(world.hearing), 7)]


def test_edges_count_who_listens_by_fresh_reports(settings: object) -> None:
    settings.MEDIA_ENGINE = engine_settings.read({"HEMICYCLE_MEDIA_EDGES": EDGES})  # type: ignore[attr-defined]
    first = EDGES.partition(",")[0]
    for listeners, age in ((3, 1), (4, 2), (50, 100)):
        EdgeStatus.objects.create(
            hearing_id=uuid4(),
            edge=first,
            works=True,
            listeners=listeners,
            heard_at=clock.now() - timedelta(seconds=age),
        )
    one, two = running.edges()
    assert (one.listeners, one.is_alive) == (7, True)
    assert one.silent_ms is not None
    assert one.silent_ms // 1000 == 1
    assert (two.listeners, two.is_alive, two.silent_ms) == (0, False, None)


def test_the_page_shows_all_of_it(world: World, settings: object) -> None:
    settings.MEDIA_ENGINE = engine_settings.read({"HEMICYCLE_MEDIA_EDGES": EDGES})  # type: ignore[attr-defined]
    sign(SignOfLife.Name.WEB, "web1.hearing.example", timedelta(seconds=3))
    sign(SignOfLife.Name.WORKER, "web2.hearing.example", timedelta(), clock_ahead_ms=61_000)
    machine("media1", silent_ms=-60_000, clock_ahead_ms=-120_000)  # alive, even if the test is slow
    administrator = Person.objects.create(
        name="Ada Osei", email="ada@example.org", is_administrator=True
    )
    client = Client()
    client.force_login(administrator, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/office/operations/").content.decode()
    for text in ("What runs where", "web1.hearing.example", "media1", "edge2.hearing.example"):
        assert text in page
    assert "3 seconds ago" in page or "4 seconds ago" in page
    assert "never" in page
    assert "Clock 1 minute 1 second ahead" in page
    assert "Clock 2 minutes behind" in page
    assert "Machine web2.hearing.example: its clock is 61.0 s ahead of the database’s" in page


def test_who_cannot_read_the_record_is_told_to_be_upgraded(world: World) -> None:
    assert [one.health for one in work.versions_can_read_the_record()] == [Health.OK]
    sign(SignOfLife.Name.WEB, "web1", timedelta(), "0.1", is_behind=True)
    sign(SignOfLife.Name.WEB, "web2", timedelta(), "0.2")
    sign(SignOfLife.Name.WORKER, "gone", timedelta(minutes=5), "0.1", is_behind=True)
    machine("media1", silent_ms=-60_000)
    MediaMachine.objects.update(behind=world.hearing.id.hex)
    one, two = work.versions_can_read_the_record()
    assert (one.health, two.health) == (Health.FAULT, Health.FAULT)
    assert one.found == "Pages (web1): version 0.1 cannot read entries of the record"
    assert two.found.startswith("Sound and picture (media1): version 1.0 cannot read")
    administrator = Person.objects.create(
        name="Ada Osei", email="ada@example.org", is_administrator=True
    )
    client = Client()
    client.force_login(administrator, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/office/operations/").content.decode()
    assert page.count("Too old for the record") == 2
    assert one.found in page


def test_clocks_of_other_machines_are_told_once_they_differ_by_2_s() -> None:
    for name in (SignOfLife.Name.WEB, SignOfLife.Name.WORKER):
        sign(name, "web2", timedelta(seconds=3), clock_ahead_ms=61_000)
    sign(SignOfLife.Name.WEB, "web3", timedelta(), clock_ahead_ms=-1_900)
    sign(SignOfLife.Name.MAIL, "gone", timedelta(minutes=5), clock_ahead_ms=61_000)
    sign(SignOfLife.Name.WEB, socket.gethostname(), timedelta(), clock_ahead_ms=61_000)
    machine("media1", silent_ms=-60_000, clock_ahead_ms=-2_100)
    machine("media2", silent_ms=60_000, clock_ahead_ms=61_000)
    found = [one for one in machine_checks.clock_is_right() if one.health is not Health.OK]
    assert [(one.health, one.found) for one in found] == [
        (Health.FAULT, "machine web2: its clock is 61.0 s ahead of the database’s"),
        (Health.FAULT, "media machine media1: its clock is 2.1 s behind the database’s"),
    ]
    assert all(one.advice.startswith("Set it by NTP") for one in found)


def test_a_sign_of_life_tells_how_wrong_the_clock_is(monkeypatch: pytest.MonkeyPatch) -> None:
    from_steady_ms = shared_clock.own_ms() - shared_clock.steady_ms() - 61_000
    monkeypatch.setattr(shared_clock, "_from_steady_ms", from_steady_ms)
    signs_of_life.give(SignOfLife.Name.MAIL)
    assert abs(SignOfLife.objects.get().clock_ahead_ms - 61_000) <= 1
