"""The recordings of a removed hearing are deleted on each media machine that still exists."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.test import Client
from django.utils import translation

from hemicycle import security_log
from hemicycle.engine import web_api
from hemicycle.engine.control.cut_orders import CutKeeper
from hemicycle.engine.control.web_client import WebClient, http_session
from hemicycle.engine.hls.folder_id import folder_id
from hemicycle.meeting.cutting import actions as cutting
from hemicycle.meeting.cutting.models import Cut, CutReason
from hemicycle.meeting.media_machines import leases, removals
from hemicycle.meeting.media_machines.lease_rules import LeaseRequest
from hemicycle.meeting.media_machines.models import (
    MediaMachine,
    RecordingFolder,
    RecordingRemoval,
)
from hemicycle.record import erased_list
from hemicycle.record.floor import floor_of
from hemicycle.record.models import Entry
from hemicycle.record.writer import Actor
from hemicycle.site.operating import admin, removal
from hemicycle.site.operating.checks import recordings
from tests.meeting.media_machines.test_leases import sent
from tests.support.finished import finished_hearing

if TYPE_CHECKING:
    from tests.support.lists import World
    from tests.support.site import Site

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.any_database]


class Web:
    """A stand-in for `WebClient` that sends its requests to this process."""

    def __init__(self, machine: str) -> None:
        self._machine = machine

    async def _sent(self, address: str, data: dict[str, Any], hearing: str = "") -> Any:
        path = address.removeprefix("/media-api/")
        asked = {"machine": self._machine, **data}
        answer = await sync_to_async(sent)(Client(), path, asked, hearing)
        assert answer.status_code == 200, answer.content
        return answer.json()

    async def cuts(self, folder: str) -> Any:
        return await self._sent(web_api.address(web_api.CUTS), {"folder": folder})

    async def post_cut(self, hearing: str, report: dict[str, Any]) -> None:
        await self._sent(web_api.address(web_api.CUT, hearing), {"epoch": None, **report}, hearing)

    async def post_removed(self, hearing: str, folder: str) -> None:
        data = {"folder": folder, "hearing": hearing}
        await self._sent(web_api.address(web_api.REMOVED), data)


class Machine:
    """A media machine with a folder of its own, and a recording of each hearing that it ran."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.segments = name, folder / (name or "only")
        self.folder = folder_id(self.segments)
        web: WebClient = Web(name)  # type: ignore[assignment]
        self._keeper = CutKeeper(self.segments, web, self._live)

    async def _live(self, hearing: str, meeting: str, order: object) -> None:
        """Do nothing: none of its meetings is on air."""

    def run(self, hearing: UUID) -> None:
        """Record a hearing, as if the machine had run it."""
        RecordingFolder.objects.create(hearing_id=hearing, folder=self.folder, machine=self.name)
        self.recording(hearing).parent.mkdir(parents=True)
        self.recording(hearing).write_bytes(b"sound")
        self.ask(self.folder)

    def ask(self, folder: str) -> None:
        """Ask for hearings, without using the answer."""
        url = f"http://{self.name or 'only'}.example:8090"
        leases.ask(LeaseRequest(self.name, "1" * 32, url, folder, is_first=True), [])

    def recording(self, hearing: UUID) -> Path:
        return self.segments / hearing.hex / "meeting" / "0.m4s"

    def look(self) -> None:
        """Carry out the removals and cuts that are ordered."""
        async_to_sync(self._keeper.look)()


@pytest.fixture
def held(settings: Any, tmp_path: Path) -> Iterator[World]:
    settings.ERASED_LIST = tmp_path / "erased.jsonl"
    settings.MEDIA_ENGINE = replace(settings.MEDIA_ENGINE, segments=tmp_path / "web")
    with finished_hearing() as finished:
        yield finished.world


def found() -> list[str]:
    with translation.override("en"):
        return [one.found for one in recordings.recordings_are_removed()]


def test_each_machine_removes_its_own_folder_and_the_operator_reads_which_has_not(
    held: World, tmp_path: Path
) -> None:
    hearing = held.hearing.pk
    first, second = Machine("a", tmp_path), Machine("b", tmp_path)
    first.run(hearing)
    second.run(hearing)
    other = uuid4()
    second.run(other)
    removal.remove(held.hearing, actor="system:admin")
    assert set(RecordingFolder.objects.values_list("hearing_id", flat=True)) == {other}
    assert removals.machines([hearing]) == ["a", "b"]
    first.look()
    assert first.recording(hearing).exists(), "its engine may still write"
    held.clock.advance(60_000)
    first.look()
    assert not (first.segments / hearing.hex).exists()
    assert second.recording(hearing).exists()
    assert found() == []
    held.clock.advance(11 * 60_000)
    assert found() == ["the media machine b still has recordings of 1 removed hearing"]
    second.look()
    assert not (second.segments / hearing.hex).exists()
    assert second.recording(other).exists()
    assert found() == []
    assert not RecordingRemoval.objects.exists()


def test_the_only_machine_removes_all(held: World, tmp_path: Path) -> None:
    """The site used to have several machines, whose folders are gone or on another disk."""
    hearing = held.hearing.pk
    before, only = Machine("a", tmp_path), Machine("", tmp_path)
    before.run(hearing)
    only.run(hearing)
    removal.remove(held.hearing, actor="system:admin")
    held.clock.advance(60_000)
    only.look()
    assert not (only.segments / hearing.hex).exists()
    assert not RecordingRemoval.objects.exists()


def test_the_lists_of_other_machines_get_those_who_went_with_a_hearing(
    held: World, settings: Any, tmp_path: Path
) -> None:
    removal.remove(held.hearing, actor="system:admin")
    here = set(erased_list.read())
    assert len(here) > 2
    settings.ERASED_LIST = tmp_path / "on-another-machine.jsonl"
    erased_list.complete()
    erased_list.complete()
    assert set(erased_list.read()) >= here
    lines = settings.ERASED_LIST.read_text().splitlines()
    assert len(lines) == len(set(erased_list.read()))


def test_an_engine_removes_and_reports_over_http(
    held: World, site: Site, settings: Any, tmp_path: Path
) -> None:
    hearing = held.hearing.pk
    machine = Machine("a", tmp_path)
    machine.run(hearing)
    removal.remove(held.hearing, actor="system:admin")
    chosen = replace(settings.MEDIA_ENGINE, machine="a", web_url=site.url)

    async def look() -> None:
        async with http_session() as session:
            await CutKeeper(machine.segments, WebClient(chosen, session), machine._live).look()

    asyncio.run(look())  # the site's clock is long past the hearing's
    assert not (machine.segments / hearing.hex).exists()
    assert not RecordingRemoval.objects.exists()


@pytest.mark.parametrize(
    "said", [{}, {"hearing": "../x"}, {"hearing": 3}, {"hearing": "a" * 32, "machine": "a"}]
)
def test_a_report_that_makes_no_sense(client: Client, said: dict[str, Any]) -> None:
    assert sent(client, "removed", said).status_code == 400
    assert sent(client, "removed", said, "a" * 32).status_code == 403


# ── A machine that is gone for good ───────────────────────────────────────────────────────────
def cut_of(world: World) -> Cut:
    """Order a cut of one minute."""
    meeting = world.panels[0].meeting
    at = floor_of(meeting.pk).at
    return cutting.order_time(
        hearing=world.hearing,
        meeting=meeting,
        from_ms=at - 120_000,
        to_ms=at - 60_000,
        reason=CutReason.SECRETARIAT,
        actor=Actor.system("test"),
    )


def hear_nothing_more() -> None:
    """Make all machines silent for an hour."""
    MediaMachine.objects.update(seen_ms=leases.database_ms() - 3_600_000)


def admin_says(capsys: pytest.CaptureFixture[str], machine: str) -> dict[str, Any]:
    assert admin.main(["lost-recordings", machine, "--json"]) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def refused(capsys: pytest.CaptureFixture[str], machine: str) -> str:
    assert admin.main(["lost-recordings", machine]) == 2
    return capsys.readouterr().err


def test_a_machine_that_is_gone_is_no_longer_waited_for(
    held: World,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    first, second = Machine("a", tmp_path), Machine("b", tmp_path)
    gone, hearing = uuid4(), held.hearing.pk
    first.run(gone)
    first.run(hearing)
    second.run(hearing)
    cut = cut_of(held)
    removals.order([gone])
    RecordingFolder.objects.filter(hearing_id=gone).delete()
    second.look()
    held.clock.advance(11 * 60_000)
    hear_nothing_more()
    assert found() == [
        "the media machine a still has recordings of 1 removed hearing",
        "the media machine a still has 1 stretch that was removed from a recording",
    ]
    assert "lost-recordings a" in next(recordings.recordings_are_removed()).advice
    with caplog.at_level("INFO", logger=security_log.LOGGER.name):
        told = admin_says(capsys, "a")
    assert (told["hearings"], told["cuts"], told["removals"]) == (1, 1, 1)
    assert found() == []
    cut.refresh_from_db()
    assert cut.done_at is not None
    last = Entry.objects.filter(hearing=hearing).latest("seq")
    assert (last.kind, last.actor) == ("recording.cut_done", "system:admin")
    noted = [line.security for line in caplog.records if hasattr(line, "security")]
    assert {line["hearing"] for line in noted} == {gone.hex, hearing.hex}
    assert {line["event"] for line in noted} == {"recordings.lost"}
    assert "Machines with recordings: b." in refused(capsys, "a")


def test_a_cut_still_waits_for_the_machines_that_are_left(
    held: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = Machine("a", tmp_path), Machine("b", tmp_path)
    first.run(held.hearing.pk)
    second.run(held.hearing.pk)
    cut = cut_of(held)
    hear_nothing_more()
    assert admin_says(capsys, "a")["cuts"] == 0
    cut.refresh_from_db()
    assert cut.done_at is None
    second.look()
    cut.refresh_from_db()
    assert cut.done_at is not None


def test_what_is_there_is_not_lost(
    held: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hearing = held.hearing.pk
    first = Machine("a", tmp_path)
    first.run(hearing)
    assert "A media machine that runs has the folder of a" in refused(capsys, "a")
    hear_nothing_more()
    Machine("b", tmp_path).ask(first.folder)
    assert "A media machine that runs has the folder of a" in refused(capsys, "a")
    hear_nothing_more()
    first.ask("")  # its disk is not mounted
    assert "cannot be written" in refused(capsys, "a")
    assert RecordingFolder.objects.count() == 1
    first.ask("f" * 32)  # on another disk
    assert admin_says(capsys, "a")["hearings"] == 1


def test_a_cut_of_what_no_machine_recorded_is_done(held: World, tmp_path: Path) -> None:
    cut = cut_of(held)
    assert cutting.ordered("a", "a" * 32) == []
    cut.refresh_from_db()
    assert cut.done_at is not None
