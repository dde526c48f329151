"""Leases in the database, through the endpoints that engines call."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.test import Client

from hemicycle.engine.control import passes
from hemicycle.meeting.cutting import actions as cutting
from hemicycle.meeting.cutting.models import Cut
from hemicycle.meeting.media_machines import health, leases, routes
from hemicycle.meeting.media_machines.lease_rules import HOLD_MS, LEASE_MS
from hemicycle.meeting.media_machines.models import MediaLease, MediaMachine, RecordingFolder
from hemicycle.procedure import commands as c
from hemicycle.record import clock
from hemicycle.record.floor import floor_of
from hemicycle.site.operating.checks import services, work
from hemicycle.site.operating.doctor import Health

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.postgresql("locks")


@pytest.fixture(autouse=True)
def _table_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "FRESH_S", 0.0)


def sent(client: Client, path: str, data: Any, hearing: str = "") -> Any:
    given = passes.Pass(hearing=hearing, use="service", role="technician", seat="engine")
    token = passes.sign(given, settings.MEDIA_ENGINE.secret)
    return client.post(
        f"/media-api/{path}",
        data,
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )


def request(machine: str, **more: Any) -> dict[str, Any]:
    usual = {
        "machine": machine,
        "process": "1" * 32,
        "url": f"http://{machine or 'only'}.example:8090",
        "folder": "f" * 32,
        "load": 5,
        "listed_ms": 0,
        "first": True,
        "leaving": False,
        "running": [],
        "attended": [],
    }
    return usual | more


def ask(client: Client, machine: str, **more: Any) -> dict[str, Any]:
    answer = sent(client, "hearings", request(machine, **more))
    assert answer.status_code == 200, answer.content
    told: dict[str, Any] = answer.json()
    return told


def about(answer: dict[str, Any]) -> dict[str, Any]:
    """Return the part of an answer that is about the hearings."""
    return {name: answer[name] for name in ("hearings", "elsewhere", "lease_s")}


def end_leases() -> None:
    """End all leases, as if their machines were silent since and knew of all other machines."""
    now_ms = leases.database_ms() + 1
    holders = MediaLease.objects.values_list("machine", flat=True)
    MediaMachine.objects.filter(name__in=list(holders)).update(seen_ms=now_ms - LEASE_MS - 1)
    MediaLease.objects.update(ends_ms=now_ms - 2, listed_ms=now_ms)


def test_a_hearing_moves_to_another_machine_and_the_one_before_is_refused(
    panel: World, client: Client
) -> None:
    hearing = panel.hearing.id.hex
    assert about(ask(client, "a")) == {"hearings": {hearing: 1}, "elsewhere": [], "lease_s": 2.5}
    told = ask(client, "b")
    assert (told["hearings"], told["peers"]) == ({}, {"a": "http://a.example:8090"})
    assert 0 <= leases.database_ms() - told["listed_ms"] < 60_000
    assert routes.of(hearing).url == "http://a.example:8090"
    end_leases()
    assert routes.of(hearing).url == "", "another machine is about to take it"
    assert ask(client, "b")["hearings"] == {hearing: 2}
    assert routes.of(hearing).url == "http://b.example:8090"
    late = ask(client, "a", running=[hearing])
    assert (late["hearings"], late["elsewhere"]) == ({}, [hearing])

    panel.press(c.GiveFloor())
    meeting = panel.panels[0].meeting_id
    holder = floor_of(meeting).holder
    assert holder is not None
    slot = holder.slot
    fact = {"n": 1, "meeting": meeting.hex, "command": c.to_json(c.ReportMicrophone(slot, True))}
    report = {"engine": "e" * 32, "facts": [fact]}
    refused = sent(client, f"{hearing}/facts", report | {"epoch": 1}, hearing)
    assert (refused.status_code, refused.json()["code"]) == (409, "stale_epoch")
    assert floor_of(meeting).heard == frozenset()
    assert sent(client, f"{hearing}/facts", report | {"epoch": 2}, hearing).status_code == 200
    assert floor_of(meeting).heard == {slot}
    check = {"person": "1" * 32, "level_db": -20, "echo_db": -60, "rtt_ms": 20, "loss": 0}
    check |= {"camera": True, "epoch": 1}
    refused = sent(client, f"{hearing}/check", check, hearing)
    assert (refused.status_code, refused.json()["code"]) == (409, "stale_epoch")
    cut = {"order": {"cut": "c" * 32, "to_ms": 1}, "done": True, "epoch": 1}
    cut |= {"machine": "a", "folder": "f" * 32}
    refused = sent(client, f"{hearing}/cut", cut, hearing)
    assert (refused.status_code, refused.json()["code"]) == (409, "stale_epoch")


def test_the_machines_own_clock_decides_nothing(panel: World, client: Client) -> None:
    hearing = panel.hearing.id.hex
    ask(client, "a")
    panel.clock.advance(60_000)  # the clock of the web process, not the database's
    assert ask(client, "b")["hearings"] == {}
    assert ask(client, "a", running=[hearing])["hearings"] == {hearing: 1}


def test_an_engine_of_the_version_before_gets_its_hearings_and_nobody_takes_them_early(
    panel: World, client: Client
) -> None:
    """It does not report which list of machines it has, so it may have asked none for a promise."""
    hearing = panel.hearing.id.hex
    older = request("a")
    del older["listed_ms"]
    assert sent(client, "hearings", older).json()["hearings"] == {hearing: 1}
    again = older | {"first": False, "running": [hearing]}
    assert sent(client, "hearings", again).json()["hearings"] == {hearing: 1}
    ask(client, "b")
    lease = MediaLease.objects.get()
    assert lease.listed_ms == 0
    ended_ms = leases.database_ms() - 1
    MediaLease.objects.update(ends_ms=ended_ms)
    MediaMachine.objects.filter(name="a").update(seen_ms=ended_ms - LEASE_MS)
    MediaMachine.objects.filter(name="b").update(since_ms=ended_ms - HOLD_MS)
    assert ask(client, "b", first=False)["hearings"] == {}, "it may hold on to it"
    MediaLease.objects.update(ends_ms=ended_ms - HOLD_MS)
    assert ask(client, "b", first=False)["hearings"] == {hearing: 2}


def test_an_engine_tells_how_wrong_its_clock_is(panel: World, client: Client) -> None:
    ask(client, "a", clock_ahead_ms=-61_000)
    ask(client, "b")
    found = dict(MediaMachine.objects.values_list("name", "clock_ahead_ms"))
    assert found == {"a": -61_000, "b": 0}


def test_a_second_process_with_a_name_ends_the_first(panel: World, client: Client) -> None:
    hearing = panel.hearing.id.hex
    ask(client, "a")
    assert ask(client, "a", process="2" * 32)["hearings"] == {hearing: 2}
    answer = sent(client, "hearings", request("a", first=False, running=[hearing]))
    assert (answer.status_code, answer.json()["code"]) == (409, "name_taken")


def test_the_only_machine_writes_nothing_while_nothing_changes(
    panel: World, client: Client, django_assert_num_queries: Any
) -> None:
    hearing = panel.hearing.id.hex
    assert about(ask(client, "")) == {"hearings": {hearing: 1}, "elsewhere": [], "lease_s": 3600.0}
    before = list(MediaLease.objects.values()), list(MediaMachine.objects.values())
    assert ask(client, "", first=False, running=[hearing])["hearings"] == {hearing: 1}
    assert (list(MediaLease.objects.values()), list(MediaMachine.objects.values())) == before
    assert routes.of(hearing) == routes.MediaRoute(settings.MEDIA_ENGINE.url, is_one_of_many=False)
    assert ask(client, "", process="2" * 32)["hearings"] == {hearing: 2}


@pytest.mark.parametrize(
    "wrong",
    [
        {"machine": "Big House"},
        {"machine": 7},
        {"process": "x"},
        {"url": "ftp://a.example"},
        {"url": "http://a.example/path"},
        {"folder": "../up"},
        {"load": -1},
        {"load": True},
        {"listed_ms": -1},
        {"listed_ms": 1.5},
        {"listed_ms": None},
        {"clock_ahead_ms": "late"},
        {"clock_ahead_ms": 2**60},
        {"running": "all"},
        {"running": ["no id"]},
        {"attended": None},
    ],
)
@pytest.mark.django_db
def test_a_wrong_request_is_refused(wrong: dict[str, Any], client: Client) -> None:
    answer = sent(client, "hearings", request("a") | wrong)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_machine")


def test_a_recording_is_found_at_the_machine_that_made_it(panel: World, client: Client) -> None:
    hearing = panel.hearing.id.hex
    ask(client, "a")
    ask(client, "b", folder="e" * 32)
    ask(client, "a", leaving=True, first=False)
    assert MediaLease.objects.get(pk=panel.hearing.id).ends_ms == 0
    assert routes.of(hearing).url == "http://a.example:8090"
    MediaMachine.objects.filter(name="a").update(seen_ms=leases.database_ms() - 60_000)
    assert routes.of(hearing).url == "http://b.example:8090"


def test_each_folder_with_files_of_a_hearing_gets_its_cuts(panel: World, client: Client) -> None:
    hearing, meeting = panel.hearing, panel.panels[0].meeting
    ask(client, "a", folder="a" * 32)
    ask(client, "b", folder="b" * 32)
    end_leases()
    ask(client, "b", folder="b" * 32)
    ask(client, "c", folder="c" * 32)
    found = set(RecordingFolder.objects.values_list("hearing_id", "folder", "machine"))
    assert found == {(hearing.id, "a" * 32, "a"), (hearing.id, "b" * 32, "b")}
    cut = Cut.objects.create(
        hearing=hearing,
        meeting=meeting,
        from_ms=1000,
        to_ms=2000,
        trail_ms=0,
        reason="secretariat",
        ordered_at=clock.now(),
        seq=1,
    )

    def cuts(machine: str) -> list[Any]:
        answer = sent(client, "cuts", {"machine": machine, "folder": machine * 32})
        told: list[Any] = answer.json()["cuts"]
        return told

    def done(machine: str, epoch: int | None) -> None:
        (order,) = cuts(machine)
        report = {"order": order["order"], "done": True, "epoch": epoch}
        report |= {"machine": machine, "folder": machine * 32}
        assert sent(client, f"{hearing.id.hex}/cut", report, hearing.id.hex).status_code == 200

    assert cuts("c") == []
    done("b", 2)
    assert cuts("b") == []
    assert Cut.objects.get(pk=cut.pk).done_at is None, "the other folder still has it"
    done("a", None)
    assert Cut.objects.get(pk=cut.pk).done_at is not None
    assert cutting.ordered() == []


def test_one_of_the_machines_that_share_a_folder_makes_a_cut(panel: World, client: Client) -> None:
    ask(client, "b")
    ask(client, "a")
    Cut.objects.create(
        hearing=panel.hearing,
        meeting=panel.panels[0].meeting,
        from_ms=1000,
        to_ms=2000,
        trail_ms=0,
        reason="secretariat",
        ordered_at=clock.now(),
        seq=1,
    )
    assert len(cutting.ordered("b", "f" * 32)) == 1, "it runs the hearing"
    assert cutting.ordered("a", "f" * 32) == []
    ask(client, "b", leaving=True, first=False)
    assert len(cutting.ordered("a", "f" * 32)) == 1
    assert cutting.ordered("b", "f" * 32) == []


def test_the_operator_reads_what_each_machine_does(
    panel: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "_listens", lambda host, port: host != "b.example")
    ask(client, "a")
    ask(client, "b")
    ask(client, "c", url="http://a.example:8090")
    found = [(one.health, one.found) for one in services.engine_listens()]
    assert found[:3] == [
        (Health.OK, "machine a at http://a.example:8090 runs 1 hearings; it asked 0 s ago"),
        (Health.FAULT, "no engine answers at http://b.example:8090, the address of machine b"),
        (Health.OK, "machine c at http://a.example:8090 runs 0 hearings; it asked 0 s ago"),
    ]
    assert found[3] == (Health.FAULT, "machines a, c have the same address, http://a.example:8090")
    end_leases()
    MediaMachine.objects.update(seen_ms=leases.database_ms() - LEASE_MS)
    assert health.without_machine() == 1
    shown = [(one.health, one.found) for one in services.engine_works()]
    assert shown[0] == (Health.FAULT, "the media machine a does not answer")


def test_the_operator_reads_that_machines_keep_parts_of_recordings(
    panel: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "_listens", lambda host, port: True)

    def warned() -> list[str]:
        found = [*services.engine_listens(), *services.engine_works()]
        return [one.found for one in found if one.health is Health.WARNING]

    ask(client, "a", folder="a" * 32)
    ask(client, "b", folder="a" * 32)
    ask(client, "c", folder="")
    assert warned() == []
    ask(client, "b", folder="b" * 32)
    assert warned() == [
        "machines a, b write recordings to different folders",
        "the media machines a, b write recordings to different folders",
    ]
    stored = replace(settings.MEDIA_ENGINE, webcast_store="s3://webcast")
    monkeypatch.setattr(settings, "MEDIA_ENGINE", stored)
    assert warned() == []


def test_what_a_machine_cannot_follow_is_kept_and_told(world: World, client: Client) -> None:
    world.open_panel()
    hearing = world.hearing.id.hex
    for name in ("", "a"):
        ask(client, name, version="0.1")
        told = ask(client, name, version="0.1", first=False, behind=[hearing])
        assert told["to_release"] == []
        assert MediaMachine.objects.get(name=name).behind == hearing
        (found,) = work.versions_can_read_the_record()
        assert found.health is Health.FAULT
        assert "version 0.1 cannot read entries of the record" in found.found
        ask(client, name, version="0.1", first=False)
        assert MediaMachine.objects.get(name=name).behind == ""


@pytest.mark.parametrize("behind", ["x", [1], ["x"], {}, None])
def test_a_list_that_is_none_is_refused(client: Client, behind: object) -> None:
    assert sent(client, "hearings", request("a", behind=behind)).status_code == 400
